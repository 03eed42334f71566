package dev.countersign.activity;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.store.Dialect;
import dev.countersign.vault.Ed25519PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.springframework.stereotype.Component;

/**
 * Adds checkpoints to the chain of each environment: what is new, what was committed late, the counts that are final, and what
 * retention removes. The end of the chain is one row that only moves from the checkpoint somebody has seen there to the next;
 * so any number of nodes may try at the same time, and what a killed one has begun is not there. Thread-safe.
 */
@Component
public final class Sealing {
    /** For how long a transaction may be under way: an entry with a number from before that time comes no more. */
    static final Duration LATEST = Duration.ofMinutes(5);

    /** How long after its hour the clocks of other nodes may count something into it. */
    static final Duration GRACE = Duration.ofMinutes(15);

    static final int MOST_ENTRIES = 1_000;
    private static final int MOST_CHECKPOINTS = 100;

    /** Numbers do not grow faster than this between two rounds: one beyond was put in, and would hide all that follow. */
    static final long FURTHEST = 1_000_000_000L;

    private final Database database;
    private final SealStore store;
    private final LogKeys keys;
    private final Map<String, Window> windows = new ConcurrentHashMap<>();
    /** The newest checkpoint of each environment whose signature was good: to look once costs as much as to sign. */
    private final Map<String, Checkpoint> verified = new ConcurrentHashMap<>();

    Sealing(Database database, SealStore store, LogKeys keys) {
        this.database = database;
        this.store = store;
        this.keys = keys;
    }

    /** Numbers of entries that were listed lately: those above {@code settled}, in checkpoints up to {@code number}. */
    private static final class Window {
        private final SequenceSet listed = new SequenceSet();
        private long number;
        private long settled;

        void settle(long now) {
            settled = Math.max(settled, now);
            listed.removeThrough(settled);
        }

        /** The database is an older one than it was. */
        void forget() {
            listed.clear();
            number = 0;
            settled = 0;
        }

        void add(SealedCheckpoint sealed) {
            sealed.entries().stream()
                    .mapToLong(ListedEntry::sequence)
                    .filter(sequence -> sequence > settled)
                    .forEach(listed::add);
            number = sealed.checkpoint().number();
        }
    }

    /** Seals everything that waits in this environment; answers how many entries that were. */
    public long seal(EnvironmentId environment, Instant now) {
        return seal(environment.value(), now, () -> true);
    }

    /**
     * Makes one checkpoint after the other while this may go on; answers how many entries they list. What comes meanwhile waits
     * for the next round, which would not end otherwise where much is written. To look for late entries is to count those of
     * minutes, and to find what is settled is to go through the checkpoints of minutes: both are done once, not for each
     * checkpoint of many.
     */
    long seal(String environment, Instant now, BooleanSupplier goesOn) {
        long all = 0;
        try {
            Made made = first(environment, now);
            all += made.entries();
            while (made.more() && goesOn.getAsBoolean()) {
                made = next(environment, made, now);
                all += made.entries();
            }
            int closed = made.more() ? 0 : close(environment, made.settled(), now);
            while (closed > 0 && goesOn.getAsBoolean()) {
                all += closed;
                closed = close(environment, made.settled(), now);
            }
            return all + closed;
        } catch (Overtaken e) {
            return all;
        }
    }

    /**
     * A checkpoint that was made, or none.
     *
     * @param settled up to where no entry comes late any more
     * @param more whether not everything that waited is listed
     * @param moreLate whether more late entries may wait
     */
    private record Made(int entries, long settled, boolean more, boolean moreLate) {}

    private Made first(String environment, Instant now) {
        ChainHead head = head(environment);
        return make(head, settled(head, now), true, now);
    }

    private Made next(String environment, Made before, Instant now) {
        ChainHead head = head(environment);
        return make(head, Math.max(head.settled(), before.settled()), before.moreLate(), now);
    }

    private Made make(ChainHead head, long settledNow, boolean lateToo, Instant now) {
        Window window = window(head, settledNow);
        long settled = window.settled;
        List<LoggedEntry> waiting = new ArrayList<>(lateToo ? late(head, window) : List.of());
        boolean moreLate = !waiting.isEmpty();
        waiting.addAll(store.entries(head.environment(), head.high(), furthest(head), MOST_ENTRIES));
        if (waiting.isEmpty()) {
            return new Made(0, settled, false, false);
        }
        List<LoggedEntry> listed = ofOneDay(waiting);
        add(head, settled, listed, now);
        boolean more = waiting.size() > listed.size() || waiting.size() >= MOST_ENTRIES;
        return new Made(listed.size(), settled, more, moreLate);
    }

    /**
     * The end of the chain. Where its row is gone, or was set back, the chain goes on after the last checkpoint there is: what
     * was signed is not signed anew.
     */
    private ChainHead head(String environment) {
        Optional<ChainHead> kept = store.head(environment);
        Optional<ChainHead> last = store.checkpointsBefore(environment, Long.MAX_VALUE, 1).stream()
                .filter(this::isOurs)
                .findFirst()
                .map(ChainHead::of);
        ChainHead found = last.orElseGet(() -> ChainHead.none(environment));
        if (kept.isPresent() && kept.get().number() >= found.number()) {
            return kept.get();
        }
        return database.write(() -> {
            if (kept.isEmpty() || !store.advance(kept.get(), found)) {
                store.insertHead(found);
            }
            return store.head(environment).orElseThrow();
        });
    }

    private boolean isOurs(Checkpoint last) {
        Ed25519PublicKey key = keys.publicKey();
        if (last.keyId().equals(key.id()) && last.equals(verified.get(last.environment()))) {
            return true;
        }
        boolean ours = last.isSignedBy(key);
        if (ours) {
            verified.put(last.environment(), last);
        }
        return ours;
    }

    private long settled(ChainHead head, Instant now) {
        long latest = now.minus(LATEST).toEpochMilli();
        if (head.sealedAt() <= latest) {
            return head.high();
        }
        return Math.max(
                head.settled(),
                store.newestUntil(head.environment(), latest)
                        .map(Checkpoint::high)
                        .orElse(0L));
    }

    /** SQLite itself goes on after the largest number there is. */
    private long furthest(ChainHead head) {
        boolean anywhere = head.high() == 0 || database.dialect() == Dialect.SQLITE;
        return anywhere ? Long.MAX_VALUE : head.high() + FURTHEST;
    }

    private Window window(ChainHead head, long settled) {
        Window window = windows.computeIfAbsent(head.environment(), _ -> new Window());
        synchronized (window) {
            if (head.number() < window.number) {
                window.forget();
            }
            window.settle(settled);
            List<SealedCheckpoint> more;
            do {
                more = store.checkpointsWith(head.environment(), window.number, window.settled, MOST_CHECKPOINTS);
                more.forEach(window::add);
            } while (more.size() == MOST_CHECKPOINTS);
            return window;
        }
    }

    /** Entries that were committed after one with a larger number was listed. */
    private List<LoggedEntry> late(ChainHead head, Window window) {
        synchronized (window) {
            List<Long> missing = new ArrayList<>();
            addMissing(head.environment(), window.listed, window.settled, head.high(), missing);
            return store.entries(head.environment(), missing);
        }
    }

    /** Where the counts differ each half is counted, so that of the numbers of minutes only some thousand are read. */
    private void addMissing(String environment, SequenceSet listed, long after, long through, List<Long> missing) {
        if (missing.size() >= MOST_ENTRIES
                || store.count(environment, after, through) == listed.count(after, through)) {
            return;
        }
        if (through - after <= MOST_ENTRIES) {
            store.sequences(environment, after, through).stream()
                    .filter(sequence -> !listed.contains(sequence))
                    .limit(MOST_ENTRIES - missing.size())
                    .forEach(missing::add);
            return;
        }
        long middle = after + (through - after) / 2;
        addMissing(environment, listed, after, middle, missing);
        addMissing(environment, listed, middle, through, missing);
    }

    /** A checkpoint lists entries of one day, so that retention, which removes whole ones, keeps none for long. */
    private static List<LoggedEntry> ofOneDay(List<LoggedEntry> waiting) {
        long day = day(waiting.getFirst());
        return waiting.stream()
                .takeWhile(entry -> day(entry) == day)
                .limit(MOST_ENTRIES)
                .toList();
    }

    private static long day(LoggedEntry entry) {
        return Math.floorDiv(entry.at(), Duration.ofDays(1).toMillis());
    }

    private void add(ChainHead head, long settled, List<LoggedEntry> entries, Instant now) {
        Checkpoint draft = draft(head, settled, entries, now);
        byte[] list = ListedEntry.pack(entries.stream().map(ListedEntry::of).toList());
        Checkpoint signed = signed(draft, list);
        database.write(() -> requireAppended(append(head, signed, list)));
        verified.put(signed.environment(), signed);
    }

    /** Entries that began before this moment are of an hour that is over. */
    private static long closes(Instant now) {
        return now.minus(GRACE).truncatedTo(ChronoUnit.HOURS).toEpochMilli();
    }

    /** Nothing is counted with an entry whose count is sealed: in the same transaction it stops being one to count with. */
    private int close(String environment, long settledBefore, Instant now) {
        if (!store.hasOpenBefore(environment, closes(now))) {
            return 0;
        }
        ChainHead head = head(environment);
        long settled = Math.max(head.settled(), settledBefore);
        keys.key();
        return database.write(() -> {
            List<LoggedEntry> closed = store.close(environment, closes(now), head.high(), MOST_ENTRIES / 2);
            byte[] list = ListedEntry.pack(closed.stream().map(ListedEntry::of).toList());
            if (closed.isEmpty()) {
                return 0;
            }
            Checkpoint signed = signed(draft(head, settled, closed, now), list);
            requireAppended(append(head, signed, list));
            return closed.size();
        });
    }

    /** What retention removes at once: some checkpoints at the beginning of the chain, and the entries they list. */
    record Pruned(long entries, boolean more) {}

    /**
     * Removes the oldest checkpoints whose entries are all older than {@code limit}, with these entries, and signs that it did.
     * What no checkpoint lists stays.
     */
    Pruned prune(EnvironmentId environment, Instant limit, Instant now) {
        try {
            return tryToPrune(environment, limit, now);
        } catch (Overtaken e) {
            return new Pruned(0, true);
        }
    }

    private Pruned tryToPrune(EnvironmentId environment, Instant limit, Instant now) {
        ChainHead head = head(environment.value());
        Optional<Long> last = store.lastOlderThan(environment.value(), limit.toEpochMilli(), now.toEpochMilli())
                .filter(number -> number > head.prunedThrough() && number <= head.number());
        if (last.isEmpty()) {
            return new Pruned(0, false);
        }
        List<SealedCheckpoint> old = portion(environment.value(), head, last.get());
        Checkpoint through = old.getLast().checkpoint();
        List<Long> sequences = old.stream()
                .flatMap(one -> one.entries().stream())
                .map(ListedEntry::sequence)
                .distinct()
                .toList();
        long settled = settled(head, now);
        keys.key();
        long removed = database.write(() -> {
            long gone = store.delete(environment.value(), sequences);
            ChainHead without = head.without(through, gone);
            store.deleteCheckpointsThrough(environment.value(), through.number());
            byte[] none = {};
            requireAppended(append(head, signed(draft(without, settled, List.of(), now), none), none));
            return gone;
        });
        return new Pruned(removed, through.number() < last.get());
    }

    private List<SealedCheckpoint> portion(String environment, ChainHead head, long last) {
        List<SealedCheckpoint> some = new ArrayList<>();
        int entries = 0;
        for (SealedCheckpoint each : store.checkpoints(environment, head.prunedThrough(), 200)) {
            entries += each.entries().size();
            boolean fits = some.isEmpty() || entries <= MOST_ENTRIES;
            if (each.checkpoint().number() > last || !fits) {
                break;
            }
            some.add(each);
        }
        return some;
    }

    private Checkpoint draft(ChainHead head, long settled, List<LoggedEntry> entries, Instant now) {
        long last = entries.stream().mapToLong(LoggedEntry::sequence).max().orElse(0);
        return new Checkpoint(
                head.environment(),
                head.number() + 1,
                now.toEpochMilli(),
                keys.key().publicKey().id(),
                head.hash(),
                entries.size(),
                entries.stream().mapToLong(LoggedEntry::sequence).min().orElse(0),
                last,
                entries.stream().mapToLong(LoggedEntry::at).min().orElse(0),
                entries.stream().mapToLong(LoggedEntry::at).max().orElse(0),
                Math.max(head.high(), last),
                settled,
                head.prunedThrough(),
                head.prunedEntries(),
                head.prunedHash(),
                "",
                "");
    }

    private Checkpoint signed(Checkpoint draft, byte[] list) {
        return new Checkpoint(
                        draft.environment(),
                        draft.number(),
                        draft.sealedAt(),
                        draft.keyId(),
                        draft.previous(),
                        draft.count(),
                        draft.firstSequence(),
                        draft.lastSequence(),
                        draft.firstAt(),
                        draft.lastAt(),
                        draft.high(),
                        draft.settled(),
                        draft.prunedThrough(),
                        draft.prunedEntries(),
                        draft.prunedHash(),
                        ListedEntry.hash(list),
                        "")
                .signedBy(keys.key());
    }

    /** False when another node has added a checkpoint meanwhile. */
    private boolean append(ChainHead head, Checkpoint signed, byte[] list) {
        if (!store.advance(head, ChainHead.of(signed))) {
            return false;
        }
        store.insert(signed, list);
        return true;
    }

    private static void requireAppended(boolean appended) {
        if (!appended) {
            throw new Overtaken();
        }
    }

    /** Another node has added a checkpoint meanwhile; what was begun is taken back. */
    static final class Overtaken extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Overtaken() {
            super("another node seals the log");
        }
    }
}
