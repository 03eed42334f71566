package dev.countersign.activity;

import dev.countersign.activity.LogFinding.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Compares entries, read once in the order of their numbers, with what the checkpoints list. It remembers no more than what
 * can still come: entries of some minutes, and counts of some hours.
 */
final class EntryCheck {
    private static final int MOST_COMPARED = 300;
    private static final int MOST_FINDINGS = 1_000;

    private final String environment;
    private final Iterator<LoggedEntry> entries;
    private final TreeMap<Long, Expected> expected = new TreeMap<>();
    private final TreeMap<Long, Expected> missing = new TreeMap<>();
    private final Map<Long, Counting> counting = new HashMap<>();
    private final List<Strange> strange = new ArrayList<>();
    private final List<Range> unprovableRanges = new ArrayList<>();
    private final List<LogFinding> findings = new ArrayList<>();
    private @Nullable LoggedEntry next;
    private long lastRead;
    private long read;
    private long consumed;
    private long unprovable;
    private long unsealed;
    private Optional<Long> unsealedSince = Optional.empty();

    EntryCheck(String environment, Iterator<LoggedEntry> entries) {
        this.environment = environment;
        this.entries = entries;
        advance();
    }

    private record Expected(ListedEntry listed, long checkpoint) {}

    /** An entry whose count is sealed later. */
    private record Counting(LoggedEntry entry, long checkpoint, boolean closed) {}

    /** An entry that is not what was sealed under its number, or that nobody sealed. */
    private record Strange(LoggedEntry entry, Optional<Expected> instead, Kind kind) {}

    /** Numbers after one, up to another, whose checkpoint is gone. */
    private record Range(long after, long through) {}

    private void advance() {
        next = entries.hasNext() ? entries.next() : null;
    }

    /** Entries after one number and up to another cannot be judged where nothing lists them. */
    void cannotProve(long after, long through) {
        unprovableRanges.add(new Range(after, through));
    }

    /** @param whole whether nothing before this checkpoint is gone */
    void expect(ListedEntry listed, long checkpoint, boolean whole) {
        long sequence = listed.sequence();
        Expected wanted = new Expected(listed, checkpoint);
        Counting counted = counting.get(sequence);
        if (counted != null && !listed.open()) {
            counting.remove(sequence);
            if (!counted.entry().digest(false).equals(listed.digest())) {
                suspect(counted.entry(), Optional.of(wanted), Kind.ENTRY_CHANGED);
            }
        } else if (sequence > consumed) {
            expected.merge(sequence, wanted, (before, later) -> before.listed().open() ? later : before);
        } else if (whole && !wasRead(sequence)) {
            missing.put(sequence, wanted);
        }
    }

    private boolean wasRead(long sequence) {
        return missing.containsKey(sequence)
                || strange.stream().anyMatch(each -> each.entry().sequence() == sequence);
    }

    /** All entries up to this number are listed by now. */
    void settle(long through) {
        readThrough(through, true);
        Map<Long, Expected> gone = expected.headMap(through, true);
        missing.putAll(gone);
        gone.clear();
        consumed = Math.max(consumed, through);
    }

    private void readThrough(long through, boolean settled) {
        LoggedEntry entry = next;
        while (entry != null && entry.sequence() <= through) {
            read++;
            if (entry.sequence() <= lastRead) {
                outOfOrder(entry);
            } else {
                lastRead = entry.sequence();
                compare(entry, settled);
            }
            advance();
            entry = next;
        }
    }

    private void compare(LoggedEntry entry, boolean settled) {
        Expected wanted = expected.remove(entry.sequence());
        if (wanted == null) {
            unlisted(entry, settled);
        } else {
            compare(entry, wanted);
        }
    }

    private void compare(LoggedEntry entry, Expected wanted) {
        if (wanted.listed().open()) {
            compareOpen(entry, wanted);
        } else if (!wanted.listed().digest().equals(entry.digest(false))) {
            suspect(entry, Optional.of(wanted), Kind.ENTRY_CHANGED);
        }
    }

    private void compareOpen(LoggedEntry entry, Expected wanted) {
        if (entry.mayGrow() && !wanted.listed().digest().equals(entry.digest(true))) {
            suspect(entry, Optional.of(wanted), Kind.ENTRY_CHANGED);
        } else {
            counting.put(entry.sequence(), new Counting(entry, wanted.checkpoint(), !entry.mayGrow()));
        }
    }

    private void unlisted(LoggedEntry entry, boolean settled) {
        boolean cannot = unprovableRanges.stream()
                .anyMatch(range -> entry.sequence() > range.after() && entry.sequence() <= range.through());
        if (cannot) {
            unprovable++;
        } else if (settled) {
            suspect(entry, Optional.empty(), Kind.ENTRY_INSERTED);
        } else {
            unsealed++;
            unsealedSince = Optional.of(Math.min(entry.at(), unsealedSince.orElse(Long.MAX_VALUE)));
        }
    }

    /** Only in files: a database gives them in their order. */
    private void outOfOrder(LoggedEntry entry) {
        Expected late = missing.remove(entry.sequence());
        Expected wanted = late == null ? expected.remove(entry.sequence()) : late;
        if (wanted == null) {
            suspect(entry, Optional.empty(), Kind.ENTRY_INSERTED);
        } else {
            found(Kind.ENTRY_REORDERED, entry.sequence(), wanted.checkpoint(), "stands after entry " + lastRead);
            compare(entry, wanted);
        }
    }

    private void suspect(LoggedEntry entry, Optional<Expected> instead, Kind kind) {
        if (strange.size() < MOST_FINDINGS) {
            strange.add(new Strange(entry, instead, kind));
        }
    }

    /** Reads the rest; up to {@code settled} whatever is not listed was put in. */
    void finish(long settled) {
        settle(settled);
        readThrough(Long.MAX_VALUE, false);
        missing.putAll(expected);
        counting.forEach((sequence, each) -> {
            if (each.closed()) {
                found(Kind.ENTRY_CHANGED, sequence, each.checkpoint(), "its count was ended without being sealed");
            }
        });
        strange.removeIf(this::isSomewhereElse);
        strange.forEach(this::tell);
        missing.forEach((sequence, wanted) ->
                found(Kind.ENTRY_REMOVED, sequence, wanted.checkpoint(), "was sealed and is gone"));
    }

    /** Whether this is what was sealed under another number, which is gone or holds something else now. */
    private boolean isSomewhereElse(Strange each) {
        List<Expected> places = new ArrayList<>();
        strange.stream().limit(MOST_COMPARED).forEach(other -> other.instead().ifPresent(places::add));
        missing.values().stream().limit(MOST_COMPARED).forEach(places::add);
        for (Expected place : places) {
            long sequence = place.listed().sequence();
            boolean same = sequence != each.entry().sequence()
                    && each.entry()
                            .at(sequence)
                            .digest(place.listed().open())
                            .equals(place.listed().digest());
            if (same) {
                missing.remove(sequence);
                found(
                        Kind.ENTRY_REORDERED,
                        each.entry().sequence(),
                        place.checkpoint(),
                        "holds what was sealed as entry " + sequence);
                return true;
            }
        }
        return false;
    }

    private void tell(Strange each) {
        String text =
                each.kind() == Kind.ENTRY_INSERTED ? "was never sealed: it was put in later" : "is not what was sealed";
        found(
                each.kind(),
                each.entry().sequence(),
                each.instead().map(Expected::checkpoint).orElse(0L),
                text);
    }

    private void found(Kind kind, long sequence, long checkpoint, String text) {
        if (findings.size() < MOST_FINDINGS) {
            findings.add(LogFinding.ofEntry(kind, environment, sequence, checkpoint, text));
        }
    }

    List<LogFinding> findings() {
        return findings;
    }

    long read() {
        return read;
    }

    long unprovable() {
        return unprovable;
    }

    long unsealed() {
        return unsealed;
    }

    Optional<Long> unsealedSince() {
        return unsealedSince;
    }
}
