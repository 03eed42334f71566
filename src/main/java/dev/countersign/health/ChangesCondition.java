package dev.countersign.health;

import dev.countersign.node.Nodes;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** The database takes changes: this server can say that it runs, which it tries every ten seconds, and every two after a failure. */
@Component
final class ChangesCondition implements Condition {
    private final Nodes nodes;

    ChangesCondition(Nodes nodes) {
        this.nodes = nodes;
    }

    @Override
    public String name() {
        return "changes";
    }

    @Override
    public Optional<String> wrong(Instant now) {
        return nodes.fault();
    }
}
