package dev.countersign.store;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.sqlite.SQLiteConfig;

/**
 * How a database is, looked at through one connection that changes nothing.
 *
 * @param broken why it cannot be used, if so; the rest means nothing then
 * @param time the clock of a database server
 * @param newestEntry the time of the last line of the log
 * @param warnings settings that should be others, in sentences
 */
public record DatabaseHealth(
        Optional<String> broken,
        String product,
        int schema,
        int knownSchema,
        Optional<Instant> time,
        Optional<Instant> newestEntry,
        List<String> warnings) {
    private static final int LEAST_POSTGRESQL = 150_000;
    private static final long FEWEST_FREE_CONNECTIONS = 5;

    private static DatabaseHealth broken(String why) {
        return new DatabaseHealth(Optional.of(why), "", 0, 0, Optional.empty(), Optional.empty(), List.of());
    }

    /** The embedded database in this file. */
    public static DatabaseHealth ofSqlite(Path file) {
        if (!Files.isRegularFile(file)) {
            return broken("There is no database " + file + ".");
        }
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        config.setBusyTimeout(5_000);
        try (Connection connection =
                DriverManager.getConnection("jdbc:sqlite:" + file.toAbsolutePath(), config.toProperties())) {
            String whole = text(connection, "PRAGMA quick_check(1)");
            if (!whole.equals("ok")) {
                return broken("The database " + file + " is damaged: " + whole);
            }
            return health(
                    Dialect.SQLITE,
                    connection,
                    "SQLite " + text(connection, "SELECT sqlite_version()"),
                    Optional.empty(),
                    List.of());
        } catch (SQLException | RuntimeException e) {
            return broken("The database " + file + " does not open: " + e.getMessage());
        }
    }

    /** A PostgreSQL database. */
    public static DatabaseHealth ofPostgresql(String url, String user, String password) {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("loginTimeout", "5");
        properties.setProperty("socketTimeout", "60");
        try (Connection connection = DriverManager.getConnection(url, properties)) {
            connection.setReadOnly(true);
            Instant time = Instant.ofEpochMilli(
                    Long.parseLong(text(connection, "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")));
            return health(
                    Dialect.POSTGRESQL,
                    connection,
                    "PostgreSQL " + text(connection, "SHOW server_version"),
                    Optional.of(time),
                    postgresqlWarnings(connection));
        } catch (SQLException | RuntimeException e) {
            return broken("The database at database-url does not answer as " + user + ": " + e.getMessage());
        }
    }

    private static List<String> postgresqlWarnings(Connection connection) throws SQLException {
        List<String> warnings = new ArrayList<>();
        if (Integer.parseInt(text(connection, "SHOW server_version_num")) < LEAST_POSTGRESQL) {
            warnings.add("PostgreSQL is older than version 15.");
        }
        for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes")) {
            if (text(connection, "SHOW " + setting).equals("off")) {
                warnings.add(setting
                        + " is off: after a crash what was acknowledged can be gone, and a used code be good again.");
            }
        }
        if (!text(connection, "SHOW server_encoding").equals("UTF8")) {
            warnings.add("The database does not keep its text in UTF8.");
        }
        long free = Long.parseLong(text(
                connection,
                "SELECT current_setting('max_connections')::bigint - (SELECT count(*) FROM pg_stat_activity)"));
        if (free < FEWEST_FREE_CONNECTIONS) {
            warnings.add("Only " + free + " connections are free.");
        }
        return warnings;
    }

    private static DatabaseHealth health(
            Dialect dialect, Connection connection, String product, Optional<Instant> time, List<String> warnings)
            throws SQLException {
        DataSource one = new SingleConnectionDataSource(connection, true);
        Schema.Versions versions = Schema.versions(dialect, one);
        Optional<Instant> newest = versions.current() == 0
                ? Optional.empty()
                : find(connection, "SELECT at FROM activity ORDER BY sequence DESC LIMIT 1")
                        .map(at -> Instant.ofEpochMilli(Long.parseLong(at)));
        return new DatabaseHealth(
                Optional.empty(), product, versions.current(), versions.known(), time, newest, warnings);
    }

    private static String text(Connection connection, String query) throws SQLException {
        return find(connection, query).orElse("");
    }

    private static Optional<String> find(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            @Nullable String value = rows.next() ? rows.getString(1) : null;
            return Optional.ofNullable(value);
        }
    }
}
