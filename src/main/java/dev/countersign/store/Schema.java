package dev.countersign.store;

import dev.countersign.kernel.StartFailure;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;

/** Brings the tables up to this program's version, and refuses those of a newer one. */
final class Schema {
    /** The newest migration in {@code db/migration}. */
    static final MigrationVersion VERSION = MigrationVersion.fromVersion("1");

    private Schema() {}

    static void migrate(Dialect dialect, DataSource dataSource) {
        try {
            Flyway flyway = Flyway.configure()
                    .dataSource(dataSource)
                    .locations("classpath:db/migration/common")
                    .failOnMissingLocations(true)
                    .placeholders(Map.of("identity", dialect.identity()))
                    .table("schema_history")
                    .load();
            refuseNewer(flyway.info().current());
            flyway.migrate();
            requireCurrent(flyway.info().current());
        } catch (FlywayException e) {
            throw new StartFailure(
                    StartFailure.Kind.DATABASE, "The database could not be brought up to date: " + firstLine(e), e);
        }
    }

    private static void refuseNewer(@org.jspecify.annotations.Nullable MigrationInfo current) {
        if (current != null && current.getVersion().isNewerThan(VERSION)) {
            throw new StartFailure(
                    StartFailure.Kind.SCHEMA_NEWER,
                    "The database has schema version " + current.getVersion() + ", this program knows version "
                            + VERSION + ". Start the newer Countersign, or restore a backup made by this version.");
        }
    }

    private static void requireCurrent(@org.jspecify.annotations.Nullable MigrationInfo current) {
        if (current == null || !current.getVersion().equals(VERSION)) {
            throw new StartFailure(
                    StartFailure.Kind.DATABASE,
                    "The migrations in this build do not lead to schema version " + VERSION
                            + "; the build is incomplete.");
        }
    }

    /** Flyway draws a table below it. */
    private static String firstLine(FlywayException failure) {
        return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
    }
}
