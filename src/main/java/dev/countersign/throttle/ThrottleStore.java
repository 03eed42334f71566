package dev.countersign.throttle;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/** All SQL of the budgets. */
@Component
final class ThrottleStore {
    private final Database database;
    private final ConcurrentHashMap<Limit, String> countStatements = new ConcurrentHashMap<>();

    ThrottleStore(Database database) {
        this.database = database;
    }

    /**
     * Counts one answer if the bucket has room: one statement with the whole condition.
     *
     * @return how many have been counted in the window, or nothing when there is no room
     */
    Optional<Long> count(EnvironmentId environment, Bucket bucket, Instant now) {
        long at = Times.toMillis(now);
        return database.sql()
                .sql(countStatements.computeIfAbsent(bucket.limit(), ThrottleStore::countStatement))
                .param("bucket", bucket.key())
                .param("environment", environment.value())
                .param("now", at)
                .param("windowStart", at - bucket.limit().window().toMillis())
                .query(Long.class)
                .optional();
    }

    /** What was written while the clock was ahead holds nobody off for longer than the limit says: at most, it begins anew. */
    void pullBack(Bucket bucket, Instant now) {
        long at = Times.toMillis(now);
        database.sql()
                .sql("""
                        UPDATE guess_budget
                        SET next_at = CASE WHEN next_at > :longest THEN :longest ELSE next_at END,
                            day_started_at = CASE WHEN day_started_at > :latest THEN :now ELSE day_started_at END
                        WHERE bucket = :bucket AND (next_at > :longest OR day_started_at > :latest)""")
                .param("longest", at + bucket.limit().longestDelay().toMillis())
                .param("latest", Times.latest(now))
                .param("now", at)
                .param("bucket", bucket.key())
                .update();
    }

    boolean isTouchedSince(Bucket bucket, Instant since) {
        return database.sql()
                .sql("SELECT 1 FROM guess_budget WHERE bucket = ? AND updated_at >= ? AND in_a_row > 0")
                .params(bucket.key(), Times.toMillis(since))
                .query(Integer.class)
                .optional()
                .isPresent();
    }

    /** How long until {@link #count} would find room. */
    Duration waitOf(Bucket bucket, Instant now) {
        return database.sql()
                .sql("SELECT in_a_row, day_started_at, in_day, next_at FROM guess_budget WHERE bucket = ?")
                .param(bucket.key())
                .query((row, _) -> {
                    Instant free = Times.get(row, "next_at");
                    Instant windowEnd =
                            Times.get(row, "day_started_at").plus(bucket.limit().window());
                    boolean full = row.getLong("in_day") >= bucket.limit().inWindow();
                    Instant until = full && windowEnd.isAfter(free) ? windowEnd : free;
                    boolean lasting = row.getLong("in_a_row") >= bucket.limit().inARow();
                    return lasting ? bucket.limit().window() : Duration.between(now, until);
                })
                .optional()
                .orElse(Duration.ZERO);
    }

    void settle(List<Bucket> buckets, Instant now) {
        database.sql()
                .sql("""
                        UPDATE guess_budget
                        SET in_a_row = 0, in_day = CASE WHEN in_day > 0 THEN in_day - 1 ELSE 0 END,
                            next_at = 0, updated_at = :now
                        WHERE bucket IN (:buckets)""")
                .param("now", Times.toMillis(now))
                .param("buckets", Database.in(buckets, Bucket::key))
                .update();
    }

    void release(Bucket bucket, Instant now) {
        database.sql().sql("""
                        UPDATE guess_budget
                        SET in_a_row = CASE WHEN in_a_row > 0 THEN in_a_row - 1 ELSE 0 END,
                            in_day = CASE WHEN in_day > 0 THEN in_day - 1 ELSE 0 END, updated_at = ?
                        WHERE bucket = ?""").params(Times.toMillis(now), bucket.key()).update();
    }

    void delete(Bucket bucket) {
        database.sql()
                .sql("DELETE FROM guess_budget WHERE bucket = ?")
                .param(bucket.key())
                .update();
    }

    /** A row of wrong answers that may not grow beyond a number is kept: pausing for some days must not begin it anew. */
    void deleteAll(String beginning) {
        database.sql()
                .sql("DELETE FROM guess_budget WHERE bucket LIKE ?")
                .param(beginning + '%')
                .update();
    }

    int deleteUntouchedSince(Instant before) {
        return database.sql()
                .sql("DELETE FROM guess_budget WHERE updated_at < ? AND (in_a_row = 0 OR most_in_a_row = ?)")
                .params(Times.toMillis(before), Long.MAX_VALUE)
                .update();
    }

    private static String countStatement(Limit limit) {
        return """
                INSERT INTO guess_budget AS b
                    (bucket, environment_id, in_a_row, most_in_a_row, day_started_at, in_day, next_at, updated_at)
                VALUES (:bucket, :environment, 1, %inARow%, :now, 1, 0, :now)
                ON CONFLICT (bucket) DO UPDATE SET
                    in_a_row = b.in_a_row + 1,
                    in_day = CASE WHEN b.day_started_at <= :windowStart THEN 1 ELSE b.in_day + 1 END,
                    day_started_at = CASE WHEN b.day_started_at <= :windowStart THEN :now ELSE b.day_started_at END,
                    next_at = %nextAt%,
                    updated_at = :now
                WHERE b.next_at <= :now
                    AND (b.in_day < %inWindow% OR b.day_started_at <= :windowStart)
                    AND b.in_a_row < %inARow%
                RETURNING in_day""".replace("%nextAt%", nextExpression(limit))
                .replace("%inWindow%", Long.toString(limit.inWindow()))
                .replace("%inARow%", Long.toString(limit.inARow()));
    }

    /**
     * {@link Limit#delayAfter} in SQL: when the next answer is looked at. Without a delay it is 0 and not now: an answer that
     * read the clock a moment before another one was counted must not find itself too early.
     */
    private static String nextExpression(Limit limit) {
        if (limit.free() == Long.MAX_VALUE) {
            return "0";
        }
        StringBuilder expression = new StringBuilder("CASE ");
        long count = limit.free();
        expression.append("WHEN b.in_a_row + 1 < ").append(count).append(" THEN 0 ");
        while (limit.delayAfter(count).compareTo(limit.longestDelay()) < 0) {
            expression
                    .append("WHEN b.in_a_row + 1 = ")
                    .append(count)
                    .append(" THEN :now + ")
                    .append(limit.delayAfter(count).toMillis())
                    .append(' ');
            count++;
        }
        return expression
                .append("ELSE :now + ")
                .append(limit.longestDelay().toMillis())
                .append(" END")
                .toString();
    }
}
