package dev.countersign.metrics;

import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.kernel.EnvironmentId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/**
 * The names of environments as labels. The first ones have their own; of an installation with hundreds of customers the rest
 * are {@value #OTHERS}: each label value costs memory here and at Prometheus. Thread-safe.
 */
@Component
@ConditionalOnProperty("countersign.management")
final class EnvironmentLabels {
    static final int MOST = 50;
    static final String OTHERS = "others";

    private final Environments environments;
    private final Map<EnvironmentId, String> known = new ConcurrentHashMap<>();

    EnvironmentLabels(Environments environments) {
        this.environments = environments;
    }

    String of(EnvironmentId id) {
        String label = known.get(id);
        if (label != null) {
            return label;
        }
        if (known.size() >= MOST) {
            return OTHERS;
        }
        return known.computeIfAbsent(
                id, _ -> environments.find(id).map(Environment::name).orElse(OTHERS));
    }
}
