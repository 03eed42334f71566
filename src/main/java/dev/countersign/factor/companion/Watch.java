package dev.countersign.factor.companion;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.stereotype.Component;

/**
 * Tells browsers that wait when what they wait for was decided: at once by the node that decided it, by looking at the database
 * on all others. Thread-safe.
 */
@Component
public final class Watch {
    /** How often the database is looked at while somebody waits. */
    public static final Duration EVERY = Duration.ofMillis(250);

    /** Nodes' clocks may differ by this much. */
    private static final Duration OVERLAP = Duration.ofSeconds(5);

    private final ApprovalStore store;
    private final Map<String, List<Runnable>> waiting = new ConcurrentHashMap<>();

    Watch(ApprovalStore store) {
        this.store = store;
    }

    /** Ends one wait. */
    public interface Waiting extends AutoCloseable {
        @Override
        void close();
    }

    /** Calls {@code changed} on each change of the request or pairing with this id, perhaps more than once, until closed. */
    public Waiting on(String id, Runnable changed) {
        waiting.compute(id, (_, before) -> {
            List<Runnable> all = before == null ? new CopyOnWriteArrayList<>() : before;
            all.add(changed);
            return all;
        });
        return () -> waiting.computeIfPresent(id, (_, all) -> {
            all.remove(changed);
            return all.isEmpty() ? null : all;
        });
    }

    /** For how many things somebody waits. */
    public int size() {
        return waiting.size();
    }

    /** How many wait for the request or pairing with this id. */
    public int waitingFor(String id) {
        return waiting.getOrDefault(id, List.of()).size();
    }

    void changed(String id) {
        waiting.getOrDefault(id, List.of()).forEach(Runnable::run);
    }

    /** Looks for decisions of other nodes. */
    public void look(Instant now) {
        if (!waiting.isEmpty()) {
            store.decidedSince(now.minus(OVERLAP)).forEach(this::changed);
        }
    }
}
