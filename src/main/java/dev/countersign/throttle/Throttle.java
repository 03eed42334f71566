package dev.countersign.throttle;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.springframework.stereotype.Component;

/**
 * Counts answers <em>before</em> they are looked at, in a transaction of their own: whatever happens afterwards - an
 * error, a broken connection, a killed server - a guess stays counted, and a thousand guesses at once are counted one by
 * one. Thread-safe.
 */
@Component
public final class Throttle {
    private final Database database;
    private final ThrottleStore store;

    Throttle(Database database, ThrottleStore store) {
        this.database = database;
        this.store = store;
    }

    /** Counts one answer against each bucket, or says how long to wait. Must not be called inside a transaction. */
    public Verdict reserve(EnvironmentId environment, List<Bucket> buckets, Instant now) {
        return database.writeApart(() -> count(environment, buckets, now));
    }

    /**
     * As {@link #reserve(EnvironmentId, List, Instant)}, for answers that are looked at in no time: that happens in a transaction
     * of its own right after the counting, whose end is waited for together with the counting's.
     */
    public <T> T reserve(EnvironmentId environment, List<Bucket> buckets, Instant now, Function<Verdict, T> then) {
        return database.writeAfter(() -> count(environment, buckets, now), then);
    }

    private Verdict count(EnvironmentId environment, List<Bucket> buckets, Instant now) {
        List<Bucket> exhausted = new ArrayList<>();
        for (Bucket bucket : buckets) {
            var count = store.count(environment, bucket, now);
            if (count.isEmpty()) {
                store.pullBack(bucket, now);
                return new Verdict.Wait(atLeastASecond(store.waitOf(bucket, now)), bucket);
            }
            if (count.get() >= bucket.limit().inWindow()) {
                exhausted.add(bucket);
            }
        }
        return new Verdict.Go(List.copyOf(buckets), List.copyOf(exhausted));
    }

    /** Slows down whom a bucket stands for, in the running transaction: something happened that is no guess. */
    public void slow(EnvironmentId environment, Bucket bucket, Instant now) {
        database.requireTransaction();
        store.count(environment, bucket, now);
    }

    /** The answer was right: it no longer counts, and what was wrong before it is no longer in a row. */
    public void settle(List<Bucket> counted, Instant now) {
        database.requireTransaction();
        store.settle(counted, now);
    }

    /** Nobody looked at the answer: it no longer counts, and what was wrong before it stays as it is, with its wait. */
    public void release(List<Bucket> counted, Instant now) {
        database.requireTransaction();
        counted.forEach(bucket -> store.release(bucket, now));
    }

    /** {@link #release}, where there is nothing it would have to be done together with. */
    public void releaseAlone(List<Bucket> counted, Instant now) {
        database.write(() -> release(counted, now));
    }

    /** Whether wrong answers were counted in this bucket since {@code since}. */
    public boolean isTouchedSince(Bucket bucket, Instant since) {
        return store.isTouchedSince(bucket, since);
    }

    /** Forgets everything counted in this bucket: after a reset, or a password change. */
    public void lift(Bucket bucket) {
        database.requireTransaction();
        store.delete(bucket);
    }

    /** Forgets everything counted in the buckets whose name begins like this; it must hold neither % nor _. */
    public void liftAll(String beginning) {
        database.requireTransaction();
        if (beginning.indexOf('%') >= 0 || beginning.indexOf('_') >= 0) {
            throw new IllegalArgumentException("a name with % or _ would lift others too");
        }
        store.deleteAll(beginning);
    }

    /** Removes buckets nobody has touched for two days, but not rows of wrong answers that may not grow for ever. */
    public int forgetOld(Instant now) {
        return database.write(() -> store.deleteUntouchedSince(now.minus(Duration.ofDays(2))));
    }

    private static Duration atLeastASecond(Duration wait) {
        return wait.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : wait;
    }
}
