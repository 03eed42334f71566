package dev.countersign.entitlement;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** All SQL of entitlements. */
@Component
final class EntitlementStore {
    private final Database database;

    EntitlementStore(Database database) {
        this.database = database;
    }

    Optional<Entitlement> find(EnvironmentId environment) {
        return database.sql()
                .sql("SELECT features, seats, ends_at FROM entitlement WHERE environment_id = ?")
                .param(environment.value())
                .query((row, _) -> entitlement(row))
                .optional();
    }

    /** Replaces what is set, unless that was issued later; false when it was. */
    boolean replace(EnvironmentId environment, Entitlement entitlement, Instant issuedAt, String by, Instant now) {
        return database.sql()
                        .sql("""
                        INSERT INTO entitlement (environment_id, features, seats, ends_at, issued_at, set_by, set_at)
                        VALUES (:environment, :features, :seats, :ends, :issued, :by, :now)
                        ON CONFLICT (environment_id) DO UPDATE
                        SET features = :features, seats = :seats, ends_at = :ends, issued_at = :issued, set_by = :by,
                            set_at = :now
                        WHERE entitlement.issued_at <= :issued""")
                        .param("environment", environment.value())
                        .param(
                                "features",
                                entitlement.features().stream()
                                        .map(Feature::wireName)
                                        .sorted()
                                        .collect(Collectors.joining(",")))
                        .param("seats", entitlement.seats().orElse(null), Types.BIGINT)
                        .param("ends", Times.toMillis(entitlement.endsAt()), Types.BIGINT)
                        .param("issued", Times.toMillis(issuedAt))
                        .param("by", by)
                        .param("now", Times.toMillis(now))
                        .update()
                == 1;
    }

    boolean delete(EnvironmentId environment) {
        return database.sql()
                        .sql("DELETE FROM entitlement WHERE environment_id = ?")
                        .param(environment.value())
                        .update()
                == 1;
    }

    private static Entitlement entitlement(ResultSet row) throws SQLException {
        long seats = row.getLong("seats");
        Optional<Long> limit = row.wasNull() ? Optional.empty() : Optional.of(seats);
        return new Entitlement(
                Arrays.stream(row.getString("features").split(",", -1))
                        .flatMap(name -> Feature.ofWireName(name).stream())
                        .collect(Collectors.toSet()),
                limit,
                Times.find(row, "ends_at"));
    }
}
