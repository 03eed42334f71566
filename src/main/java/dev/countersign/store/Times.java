package dev.countersign.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Instants as the database keeps them: milliseconds since 1970, UTC. */
public final class Times {
    /**
     * How far ahead of a node's clock a stored moment may lie: another node's clock, or a small correction. What lies farther in
     * the future was written before the clock was set back, and nothing may last longer for it.
     */
    public static final Duration AHEAD = Duration.ofMinutes(5);

    private Times() {}

    public static long toMillis(Instant instant) {
        return instant.toEpochMilli();
    }

    public static @Nullable Long toMillis(Optional<Instant> instant) {
        return instant.map(Instant::toEpochMilli).orElse(null);
    }

    /** The latest moment that can have been stored by now. */
    public static long latest(Instant now) {
        return toMillis(now.plus(AHEAD));
    }

    /** The latest end, by now, of what lasts {@code life}. */
    public static long latestEnd(Instant now, Duration life) {
        return toMillis(now.plus(life).plus(AHEAD));
    }

    public static Instant get(ResultSet row, String column) throws SQLException {
        return Instant.ofEpochMilli(row.getLong(column));
    }

    /** The instant in a column that may be empty. */
    public static Optional<Instant> find(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }
}
