package dev.countersign.store;

import dev.countersign.kernel.StartFailure;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/** Brings the tables up to this program's version, and refuses those of a newer one. */
final class Schema {
    private Schema() {}

    /**
     * Whether anything was changed.
     *
     * @param whole refuses the beginning of a copy
     */
    static boolean migrate(Dialect dialect, DataSource dataSource, boolean whole) {
        if (whole) {
            UnfinishedCopy.refuse(dataSource);
        }
        try {
            Flyway flyway = flyway(dialect, dataSource);
            refuseNewer(flyway);
            return flyway.migrate().migrationsExecuted > 0;
        } catch (FlywayException e) {
            throw new StartFailure(
                    StartFailure.Kind.DATABASE, "The database could not be brought up to date: " + firstLine(e), e);
        }
    }

    /** Makes the tables as they were in an earlier version, for what is copied from a database of that version. */
    static void migrateTo(Dialect dialect, DataSource dataSource, int version) {
        try {
            Flyway.configure()
                    .configuration(flyway(dialect, dataSource).getConfiguration())
                    .target(MigrationVersion.fromVersion(Integer.toString(version)))
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            throw new StartFailure(StartFailure.Kind.DATABASE, "The tables could not be made: " + firstLine(e), e);
        }
    }

    /** The version a database has, and the one this build knows. */
    record Versions(int current, int known) {}

    /** Looks and changes nothing. */
    static Versions versions(Dialect dialect, DataSource dataSource) {
        Flyway flyway = flyway(dialect, dataSource);
        @Nullable MigrationInfo current = flyway.info().current();
        return new Versions(
                current == null ? 0 : Integer.parseInt(current.getVersion().toString()),
                Integer.parseInt(newestOf(flyway.info().all()).toString()));
    }

    private static Flyway flyway(Dialect dialect, DataSource dataSource) {
        return Flyway.configure()
                .dataSource(dataSource)
                .locations("classpath:db/migration/common")
                .failOnMissingLocations(true)
                .placeholders(Map.of("identity", dialect.identity(), "bytewise", dialect.bytewise()))
                .table("schema_history")
                .load();
    }

    private static void refuseNewer(Flyway flyway) {
        MigrationVersion known = newestOf(flyway.info().all());
        @Nullable MigrationInfo current = flyway.info().current();
        if (current != null && current.getVersion().isNewerThan(known)) {
            throw new StartFailure(
                    StartFailure.Kind.SCHEMA_NEWER,
                    "The database has schema version " + current.getVersion() + ", this program knows version " + known
                            + ". Start the newer Countersign, or restore a backup made by this version.");
        }
    }

    /** The newest migration this build holds; those the database alone knows are not counted. */
    private static MigrationVersion newestOf(MigrationInfo[] migrations) {
        return Arrays.stream(migrations)
                .filter(migration -> migration.getState().isResolved())
                .map(MigrationInfo::getVersion)
                .max(Comparator.naturalOrder())
                .orElseThrow(() -> new IllegalStateException("the build holds no migrations"));
    }

    /** Flyway draws a table below it. */
    private static String firstLine(FlywayException failure) {
        return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
    }
}
