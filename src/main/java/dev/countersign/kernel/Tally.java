package dev.countersign.kernel;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** How often each of a few things happened since the start. Thread-safe. */
public final class Tally {
    private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

    /** @param kinds what is counted; named here, so that what has not happened yet is known as well */
    public Tally(String... kinds) {
        for (String kind : kinds) {
            counts.put(kind, new LongAdder());
        }
    }

    public void add(String kind) {
        counts.computeIfAbsent(kind, _ -> new LongAdder()).increment();
    }

    public Map<String, Long> counts() {
        Map<String, Long> copy = new TreeMap<>();
        counts.forEach((kind, count) -> copy.put(kind, count.sum()));
        return copy;
    }
}
