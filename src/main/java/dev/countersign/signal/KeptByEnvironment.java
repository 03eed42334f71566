package dev.countersign.signal;

import dev.countersign.kernel.EnvironmentId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * What was read of each environment and is kept until a signal says that it has changed. Nothing is kept while no signals are
 * heard, nor is anything taken from memory in a transaction that has changed something itself. Thread-safe.
 *
 * @param <V> what is kept; it does not change by itself
 */
public final class KeptByEnvironment<V> {
    private final Signals signals;
    private final Function<EnvironmentId, V> read;
    private final Map<EnvironmentId, V> kept = new ConcurrentHashMap<>();

    /** Counts what was forgotten: who began to read before must not keep what they found. */
    private final AtomicLong forgotten = new AtomicLong();

    public KeptByEnvironment(Signals signals, Function<EnvironmentId, V> read) {
        this.signals = signals;
        this.read = read;
        signals.listen(this::forget);
    }

    public V of(EnvironmentId environment) {
        if (!signals.areHeard() || signals.areSentInThisTransaction()) {
            return read.apply(environment);
        }
        V known = kept.get(environment);
        return known == null ? readAndKeep(environment) : known;
    }

    private V readAndKeep(EnvironmentId environment) {
        long before = forgotten.get();
        V found = read.apply(environment);
        kept.put(environment, found);
        if (forgotten.get() != before) {
            kept.remove(environment);
        }
        return found;
    }

    private void forget(Signal signal) {
        switch (signal) {
            case Signal.OfSession _, Signal.OfAccount _ -> {}
            case Signal.OfEnvironment(EnvironmentId environment) -> {
                forgotten.incrementAndGet();
                kept.remove(environment);
            }
            case Signal.OfEverything() -> {
                forgotten.incrementAndGet();
                kept.clear();
            }
        }
    }
}
