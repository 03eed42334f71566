package dev.countersign.signal;

import dev.countersign.kernel.Ticks;
import dev.countersign.store.Database;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Signals between nodes: rows that are written with a change and read by every node each {@link #EVERY}. Whoever keeps something
 * of the database asks {@link #areHeard} before using it: a node that cannot read signals knows nothing of what others do.
 * Thread-safe.
 *
 * <p>Rows are followed by their number. A transaction may commit a lower number later than another a higher one, so numbers that
 * were left out are asked for again until no transaction can be open that took them. No clock of another node is used.
 */
@Component
public final class Signals {
    /** How often every node reads. */
    public static final Duration EVERY = Duration.ofMillis(250);

    /** So long after the beginning of the last successful reading what is kept may be used. */
    public static final Duration TRUST = Duration.ofSeconds(2);

    /** A machine that was suspended counts no ticks meanwhile, but its clock jumps. */
    private static final Duration SUSPENDED = Duration.ofSeconds(10);

    /** Longer than a transaction may be open. */
    private static final Duration OPEN = Duration.ofMinutes(5);

    private static final int PORTION = 1_000;
    private static final int MOST_LEFT_OUT = 1_000;
    private static final int BEFORE_START = 100;

    private final Database database;
    private final SignalStore store;
    private final Ticks ticks;
    private final Clock clock;
    private final List<Consumer<Signal>> listeners = new CopyOnWriteArrayList<>();

    /** The numbers that were left out, and until when a transaction may still bring them. */
    private final Map<Long, Long> leftOut = new LinkedHashMap<>();

    private long newest;
    private long mark;
    private volatile @Nullable Reading last;
    private volatile long blindUntil = Long.MIN_VALUE;
    private volatile Duration lag = Duration.ZERO;
    private final AtomicLong heard = new AtomicLong();

    private record Reading(long tick, Instant at, long millis) {
        Reading(long tick, Instant at) {
            this(tick, at, at.toEpochMilli());
        }
    }

    Signals(Database database, SignalStore store, ObjectProvider<Ticks> ticks, Clock clock) {
        this.database = database;
        this.store = store;
        this.ticks = ticks.getIfAvailable(() -> Ticks.of(clock));
        this.clock = clock;
    }

    /**
     * How the node hears of the others.
     *
     * @param lastRead when the last successful reading began
     * @param age how long that is ago
     * @param lag how late the newest signals were heard, by the clocks of both nodes
     * @param heard how many signals
     * @param trusted whether caches may be used
     */
    public record Status(Optional<Instant> lastRead, Duration age, Duration lag, long heard, boolean trusted) {}

    public Status status() {
        @Nullable Reading reading = last;
        return reading == null
                ? new Status(Optional.empty(), Duration.ZERO, lag, heard.get(), false)
                : new Status(
                        Optional.of(reading.at()),
                        Duration.ofNanos(ticks.nanos() - reading.tick()),
                        lag,
                        heard.get(),
                        areHeard());
    }

    /** Calls {@code listener} with all that is to be forgotten, also what this node changes itself. */
    public void listen(Consumer<Signal> listener) {
        listeners.add(listener);
    }

    /** Whether this node knows what the others do, so that what it keeps may be used. */
    public boolean areHeard() {
        @Nullable Reading reading = last;
        if (reading == null) {
            return false;
        }
        long tick = ticks.nanos();
        return tick - reading.tick() <= TRUST.toNanos()
                && tick >= blindUntil
                && clock.millis() - reading.millis() <= SUSPENDED.toMillis();
    }

    /** Whether the running transaction has changed what caches hold: it must see that, and others must not see it yet. */
    public boolean areSentInThisTransaction() {
        return database.isAwaited();
    }

    /** Writes a signal into the running transaction; this node hears it as soon as that is committed. */
    void send(Signal signal, Instant now) {
        database.requireTransaction();
        store.insert(signal, now);
        database.afterCommit(() -> tell(signal));
    }

    /** What everything here is timed by. */
    Ticks ticks() {
        return ticks;
    }

    private void tell(Signal signal) {
        listeners.forEach(listener -> listener.accept(signal));
    }

    /** Reads what other nodes have sent. What it throws means that nothing was heard. */
    public synchronized void read() {
        Reading reading = new Reading(ticks.nanos(), clock.instant());
        if (areHeard()) {
            follow(reading);
        } else {
            startAnew(reading);
            tell(new Signal.OfEverything());
        }
        last = reading;
    }

    /** What was kept until now is forgotten; transactions that are open now may still bring numbers below the newest. */
    private void startAnew(Reading reading) {
        newest = store.newest();
        leftOut.clear();
        List<SignalStore.Stored> before = store.after(newest - BEFORE_START, BEFORE_START);
        for (long id = Math.max(1, newest - BEFORE_START + 1); id <= newest; id++) {
            leftOut.put(id, reading.tick() + OPEN.toNanos());
        }
        before.forEach(stored -> leftOut.remove(stored.id()));
    }

    private void follow(Reading reading) {
        List<SignalStore.Stored> found = new ArrayList<>();
        forgetLateOnes(reading.tick());
        if (!leftOut.isEmpty()) {
            found.addAll(store.among(List.copyOf(leftOut.keySet())));
            found.forEach(stored -> leftOut.remove(stored.id()));
        }
        List<SignalStore.Stored> portion;
        do {
            portion = store.after(newest, PORTION);
            portion.forEach(stored -> advance(stored.id(), reading.tick()));
            found.addAll(portion);
        } while (portion.size() == PORTION);
        found.forEach(stored -> tell(stored.signal()));
        measure(found, reading.at());
    }

    private void advance(long id, long tick) {
        if (id - newest > MOST_LEFT_OUT || leftOut.size() > MOST_LEFT_OUT) {
            leftOut.clear();
            blindUntil = tick + OPEN.toNanos();
        } else {
            for (long between = newest + 1; between < id; between++) {
                leftOut.put(between, tick + OPEN.toNanos());
            }
        }
        newest = id;
    }

    private void forgetLateOnes(long tick) {
        Iterator<Long> ends = leftOut.values().iterator();
        while (ends.hasNext() && ends.next() <= tick) {
            ends.remove();
        }
    }

    private void measure(List<SignalStore.Stored> found, Instant now) {
        heard.addAndGet(found.size());
        found.stream()
                .map(stored -> Duration.between(stored.at(), now))
                .max(Duration::compareTo)
                .ifPresent(slowest -> lag = slowest.isNegative() ? Duration.ZERO : slowest);
    }

    /**
     * Removes what this node had read when this was last called; by number, for clocks differ. Who has not read for so long
     * forgets everything anyway.
     */
    public synchronized int removeOld() {
        long upTo = mark;
        mark = newest;
        return upTo == 0 ? 0 : database.write(() -> store.deleteUpTo(upTo));
    }
}
