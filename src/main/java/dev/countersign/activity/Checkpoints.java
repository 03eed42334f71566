package dev.countersign.activity;

import dev.countersign.kernel.EnvironmentId;
import java.util.List;
import org.springframework.stereotype.Component;

/** The checkpoints of each environment, to be shown, and to be carried outside. Thread-safe. */
@Component
public final class Checkpoints {
    private final SealStore store;

    Checkpoints(SealStore store) {
        this.store = store;
    }

    /** Where the chain of each environment ends. */
    public List<ChainHead> heads() {
        return store.heads();
    }

    /** Those after a number, in their order. */
    public List<SealedCheckpoint> after(String environment, long number, int most) {
        return store.checkpoints(environment, number, most);
    }

    /** The newest before a number, newest first. */
    public List<Checkpoint> before(EnvironmentId environment, long number, int most) {
        return store.checkpointsBefore(environment.value(), number, most);
    }
}
