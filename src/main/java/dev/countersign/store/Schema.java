package dev.countersign.store;

import dev.countersign.kernel.StartFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/** Brings the tables up to this program's version, and refuses those of a newer one. */
final class Schema {
    /** The version of this program's tables. Whoever adds a migration puts it up; a test compares. */
    static final int NEWEST = 32;

    private static final String MIGRATIONS = "classpath:db/migration/common";

    /** Begins a line of a migration under which programs that know only the schema before cannot go on. */
    private static final String BREAKING = "-- breaking:";

    /** As long as a server is taken to run after it last said so. */
    private static final Duration SILENCE = Duration.ofMinutes(1);

    private Schema() {}

    /** Whether anything was changed. */
    static boolean migrate(Dialect dialect, DataSource dataSource) {
        return migrate(dialect, dataSource, true);
    }

    /**
     * The same.
     *
     * @param whole refuses the beginning of a copy
     */
    static boolean migrate(Dialect dialect, DataSource dataSource, boolean whole) {
        if (whole) {
            UnfinishedCopy.refuse(dataSource);
        }
        return !isNewest(dataSource) && migrate(dialect, dataSource, MIGRATIONS);
    }

    /** Whether nothing is to be done, as at nearly every start; finding that out with Flyway takes a tenth of a second and more. */
    private static boolean isNewest(DataSource dataSource) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT max(CAST(version AS INTEGER)) AS newest,"
                        + " sum(CASE WHEN success THEN 0 ELSE 1 END) AS failed FROM schema_history")) {
            return row.next() && row.getInt("newest") == NEWEST && row.getInt("failed") == 0;
        } catch (SQLException e) {
            // There is no such table yet.
            return false;
        }
    }

    static boolean migrate(Dialect dialect, DataSource dataSource, String... locations) {
        try {
            Flyway flyway = flyway(dialect, dataSource, locations);
            refuseNewer(flyway);
            refuseBreaking(flyway, dialect, dataSource);
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
                    .configuration(flyway(dialect, dataSource, MIGRATIONS).getConfiguration())
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
        Flyway flyway = flyway(dialect, dataSource, MIGRATIONS);
        @Nullable MigrationInfo current = flyway.info().current();
        return new Versions(
                current == null ? 0 : Integer.parseInt(current.getVersion().toString()),
                Integer.parseInt(newestOf(flyway.info().all()).toString()));
    }

    private static Flyway flyway(Dialect dialect, DataSource dataSource, String... locations) {
        return Flyway.configure()
                .dataSource(dataSource)
                .locations(locations)
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

    /**
     * A migration adds, so that servers of the version before go on meanwhile. One that does not says so, and waits until none
     * of them runs.
     */
    private static void refuseBreaking(Flyway flyway, Dialect dialect, DataSource dataSource) {
        Optional<MigrationInfo> breaking = Arrays.stream(flyway.info().pending())
                .filter(Schema::isBreaking)
                .findFirst();
        if (flyway.info().current() == null || breaking.isEmpty()) {
            return;
        }
        long running = running(dialect, dataSource);
        if (running > 0) {
            throw new StartFailure(
                    StartFailure.Kind.DATABASE,
                    "Schema version " + breaking.get().getVersion()
                            + " cannot be made while servers of the version before run: " + running
                            + " did in the last minute. Stop all servers, wait a minute, and start the new one.");
        }
    }

    private static boolean isBreaking(MigrationInfo migration) {
        String file = String.valueOf(migration.getPhysicalLocation());
        String name = "/db/migration/" + file.substring(file.lastIndexOf("migration/") + "migration/".length());
        try (InputStream script = Schema.class.getResourceAsStream(name)) {
            return script != null
                    && new String(script.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .anyMatch(line -> line.startsWith(BREAKING));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many servers have said in the last minute that they run. */
    private static long running(Dialect dialect, DataSource dataSource) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM node WHERE seen_at > "
                        + dialect.epochMillis() + " - " + SILENCE.toMillis())) {
            return row.next() ? row.getLong(1) : 0;
        } catch (SQLException e) {
            // There is no such table yet: what made it said that nobody runs.
            return 0;
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
