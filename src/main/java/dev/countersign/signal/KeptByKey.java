package dev.countersign.signal;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiPredicate;
import java.util.function.Supplier;

/**
 * What was found under a key and is kept until a signal concerns it, and {@link #LONGEST} at most. That nothing was found is
 * not kept. Nothing is kept while no signals are heard, nor is anything taken from memory in a transaction that has changed
 * something itself. Thread-safe.
 *
 * @param <K> what it is found by
 * @param <V> what is kept; it does not change by itself
 */
public final class KeptByKey<K, V> {
    /** How old something may be of whose change no signal tells. */
    public static final Duration LONGEST = Duration.ofSeconds(5);

    private final Signals signals;
    private final Cache<K, V> kept;

    /** Counts what was forgotten: who began to read before must not keep what they found. */
    private final AtomicLong forgotten = new AtomicLong();

    /**
     * @param most how many are kept
     * @param concerns whether a signal is about what is kept
     */
    public KeptByKey(int most, Signals signals, BiPredicate<Signal, V> concerns) {
        this.signals = signals;
        this.kept = Caffeine.newBuilder()
                .maximumSize(most)
                .expireAfterWrite(LONGEST)
                .ticker(signals.ticks()::nanos)
                .executor(Runnable::run)
                .build();
        signals.listen(signal -> {
            forgotten.incrementAndGet();
            kept.asMap().values().removeIf(each -> concerns.test(signal, each));
        });
    }

    public Optional<V> find(K key, Supplier<Optional<V>> read) {
        if (!signals.areHeard() || signals.areSentInThisTransaction()) {
            return read.get();
        }
        V known = kept.getIfPresent(key);
        return known == null ? readAndKeep(key, read) : Optional.of(known);
    }

    private Optional<V> readAndKeep(K key, Supplier<Optional<V>> read) {
        long before = forgotten.get();
        Optional<V> found = read.get();
        found.ifPresent(value -> {
            kept.put(key, value);
            if (forgotten.get() != before) {
                kept.invalidate(key);
            }
        });
        return found;
    }

    public void forget(K key) {
        forgotten.incrementAndGet();
        kept.invalidate(key);
    }
}
