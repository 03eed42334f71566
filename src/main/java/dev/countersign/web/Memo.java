package dev.countersign.web;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** What was worked out of a text before; begun anew when it has grown, whatever people send. Thread-safe. */
final class Memo<V> {
    private static final int MOST = 1_000;

    private final Map<String, V> known = new ConcurrentHashMap<>();
    private final Function<String, V> work;

    Memo(Function<String, V> work) {
        this.work = work;
    }

    V of(String text) {
        V before = known.get(text);
        if (before != null) {
            return before;
        }
        V found = work.apply(text);
        if (known.size() >= MOST) {
            known.clear();
        }
        known.put(text, found);
        return found;
    }
}
