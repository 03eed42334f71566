package dev.countersign.activity;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.LongFunction;
import java.util.function.ToLongFunction;

/** Rows read in portions, each after the last of the one before, so that neither memory nor a transaction holds them all. */
final class Portions<T> implements Iterator<T> {
    private final LongFunction<List<T>> after;
    private final ToLongFunction<T> number;
    private List<T> portion = List.of();
    private int next;
    private long last;
    private boolean ended;

    Portions(LongFunction<List<T>> after, ToLongFunction<T> number) {
        this.after = after;
        this.number = number;
    }

    @Override
    public boolean hasNext() {
        if (next == portion.size() && !ended) {
            portion = after.apply(last);
            next = 0;
            ended = portion.isEmpty();
        }
        return next < portion.size();
    }

    @Override
    public T next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        T found = portion.get(next++);
        last = number.applyAsLong(found);
        return found;
    }
}
