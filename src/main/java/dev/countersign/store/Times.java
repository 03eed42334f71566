package dev.countersign.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Instants as the database keeps them: milliseconds since 1970, UTC. */
public final class Times {
    private Times() {}

    public static long toMillis(Instant instant) {
        return instant.toEpochMilli();
    }

    public static @Nullable Long toMillis(Optional<Instant> instant) {
        return instant.map(Instant::toEpochMilli).orElse(null);
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
