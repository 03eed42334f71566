package dev.countersign.store;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work in the background that waits in the database, one round at a time, each on a virtual thread of its own: whoever starts a round that is under way
 * starts nothing. A round that fails is said in the log, and the next one tries again. Thread-safe.
 */
public final class Rounds {
    private static final Logger LOG = LoggerFactory.getLogger(Rounds.class);

    private final String name;
    private final Work work;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile boolean stopped;

    /** One round. */
    @FunctionalInterface
    public interface Work {
        /** @param goesOn false once the server stops: the rest is for the next start, or for another node */
        void round(BooleanSupplier goesOn);
    }

    /** @param name what waits when a round fails, and what its thread is called */
    public Rounds(String name, Work work) {
        this.name = name;
        this.work = work;
    }

    /** Starts a round unless one is under way. */
    public void start() {
        if (!stopped && busy.compareAndSet(false, true)) {
            Thread.ofVirtual().name(name).start(this::round);
        }
    }

    private void round() {
        try {
            work.round(this::goesOn);
        } catch (RuntimeException e) {
            // While the server stops, the database is closed under a round that has not noticed yet.
            if (!stopped) {
                LOG.warn("{} waits: {}", name, e.toString());
            }
        } finally {
            busy.set(false);
        }
    }

    /** Whether {@link #stop} has not been called. */
    public boolean goesOn() {
        return !stopped;
    }

    /** Lets no further round begin, and tells the running one. */
    public void stop() {
        stopped = true;
    }
}
