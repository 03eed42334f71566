package dev.countersign.activity;

import java.util.Map;
import java.util.TreeMap;

/** Numbers, most of which follow one another: what is kept is where each row of them begins and ends. Not thread-safe. */
final class SequenceSet {
    /** Rows that neither overlap nor touch: the last number by the first. */
    private final TreeMap<Long, Long> rows = new TreeMap<>();

    void add(long number) {
        if (contains(number)) {
            return;
        }
        Map.Entry<Long, Long> before = rows.floorEntry(number);
        long first = before != null && before.getValue() == number - 1 ? before.getKey() : number;
        Long last = rows.remove(number + 1);
        rows.put(first, last == null ? number : last);
    }

    boolean contains(long number) {
        Map.Entry<Long, Long> row = rows.floorEntry(number);
        return row != null && number <= row.getValue();
    }

    /** How many numbers after one, up to and with another; none where that is no range. */
    long count(long after, long through) {
        if (through <= after) {
            return 0;
        }
        Long from = rows.floorKey(after);
        long count = 0;
        for (Map.Entry<Long, Long> row :
                rows.subMap(from == null ? after : from, true, through, true).entrySet()) {
            count += Math.max(0, Math.min(row.getValue(), through) - Math.max(row.getKey(), after + 1) + 1);
        }
        return count;
    }

    /** Forgets all numbers up to this one, itself among them. */
    void removeThrough(long number) {
        while (!rows.isEmpty() && rows.firstKey() <= number) {
            Map.Entry<Long, Long> row = rows.pollFirstEntry();
            if (row.getValue() > number) {
                rows.put(number + 1, row.getValue());
            }
        }
    }

    void clear() {
        rows.clear();
    }
}
