package dev.countersign.people;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Figures of large environments, said again for a moment before they are counted again. Thread-safe. */
final class Kept<K, V> {
    /** How old a figure may be. */
    static final Duration LONGEST = Duration.ofSeconds(15);

    private static final int MOST = 1_000;

    private final Predicate<V> large;
    private final Map<K, Counted<V>> kept = new ConcurrentHashMap<>();

    /** @param large whether counting it again would take long; others are counted each time */
    Kept(Predicate<V> large) {
        this.large = large;
    }

    /** A figure, and when it was counted. */
    record Counted<V>(V value, Instant at) {}

    Counted<V> get(K key, Instant now, Supplier<V> count) {
        Counted<V> known = kept.get(key);
        if (known != null
                && !now.isBefore(known.at())
                && now.isBefore(known.at().plus(LONGEST))) {
            return known;
        }
        Counted<V> counted = new Counted<>(count.get(), now);
        if (large.test(counted.value())) {
            if (kept.size() >= MOST) {
                kept.clear();
            }
            kept.put(key, counted);
        } else {
            kept.remove(key);
        }
        return counted;
    }
}
