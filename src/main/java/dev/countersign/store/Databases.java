package dev.countersign.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import dev.countersign.kernel.StartFailure;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.sqlite.SQLiteConfig;

/** Opens a database with its schema up to date. */
public final class Databases {
    private static final Logger LOG = LoggerFactory.getLogger(Databases.class);

    /** How long whoever watches what other nodes do waits for the database. */
    private static final Duration WATCHING = Duration.ofSeconds(1);

    /** How long one of several hosts is tried before the next. */
    private static final Duration HOST = Duration.ofSeconds(2);

    private Databases() {}

    /**
     * How long something is waited for before it is tried anew; after several times it fails with {@link Database.Busy}. There
     * is no waiting without an end: a lock may be held by somebody whose network is gone.
     *
     * @param connection for the server to answer, and for one of the pool
     * @param lock for what another transaction holds
     * @param statement for one statement
     * @param idle for the next statement of a transaction; the server then takes it back
     */
    record Patience(Duration connection, Duration lock, Duration statement, Duration idle) {
        static final Patience DEFAULT = new Patience(
                Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofSeconds(60));
    }

    /** The embedded database in {@code file}, which exists. Each commit is on disk when it returns. */
    public static Database openSqlite(Path file) {
        return openSqlite(file, Patience.DEFAULT);
    }

    /** The same while it is being filled by a copy. */
    public static Database openUnfinishedSqlite(Path file) {
        return openSqlite(file, Patience.DEFAULT, false);
    }

    static Database openSqlite(Path file, Patience patience) {
        return openSqlite(file, patience, true);
    }

    private static Database openSqlite(Path file, Patience patience, boolean whole) {
        String url = "jdbc:sqlite:" + file.toAbsolutePath();
        try {
            SqliteWriter writers =
                    new SqliteWriter(writer(url), DriverManager.getConnection(url, pragmas()), patience.lock());
            try {
                Schema.migrate(Dialect.SQLITE, plain(url, pragmas()), whole);
            } catch (StartFailure e) {
                writers.close();
                throw e;
            }
            return new Database(Dialect.SQLITE, sqliteReaders(url), writers, Optional.empty());
        } catch (SQLException e) {
            throw new StartFailure(
                    StartFailure.Kind.DATABASE, "Cannot open the database " + file + ": " + e.getMessage(), e);
        }
    }

    /** It waits for other processes in {@link SqliteWriter}, not in native code, and notes in memory how to undo a savepoint. */
    private static Connection writer(String url) throws SQLException {
        Connection connection = new SqliteConnection(url, pragmas());
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = 1");
            statement.execute("PRAGMA temp_store = MEMORY");
        }
        return connection;
    }

    /** A PostgreSQL database, version 15 or later. */
    public static Database openPostgresql(String url, String user, String password) {
        return openPostgresql(url, user, password, Patience.DEFAULT);
    }

    /** The same while it is being filled by a copy. */
    public static Database openUnfinishedPostgresql(String url, String user, String password) {
        return openPostgresql(url, user, password, Patience.DEFAULT, false);
    }

    static Database openPostgresql(String url, String user, String password, Patience patience) {
        return openPostgresql(url, user, password, patience, true);
    }

    private static Database openPostgresql(String url, String user, String password, Patience patience, boolean whole) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("postgresql");
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword(password);
        config.setMaximumPoolSize(16);
        config.setMinimumIdle(2);
        config.setConnectionTimeout(patience.connection().toMillis());
        // Changing large tables takes as long as it takes, and another node may be at it.
        DataSource plain = plain(url, signIn(url, user, password, patience));
        boolean pooled = isPooled(plain, user);
        Properties properties = driver(url, patience);
        if (pooled) {
            properties.setProperty("prepareThreshold", "0");
        } else {
            config.setConnectionInitSql("SET " + String.join("; SET ", limits(patience)));
        }
        config.setDataSourceProperties(properties);
        HikariDataSource pool = connect(config);
        try {
            if (Schema.migrate(Dialect.POSTGRESQL, plain, whole)) {
                analyze(plain);
            }
        } catch (StartFailure e) {
            pool.close();
            throw e;
        }
        Optional<String> eachTime =
                pooled ? Optional.of("SET LOCAL " + String.join("; SET LOCAL ", limits(patience))) : Optional.empty();
        return new Database(
                Dialect.POSTGRESQL,
                pool,
                new Writers.Pooled(pool, eachTime),
                Optional.of(watcher(url, user, password, pooled)));
    }

    /**
     * Whether something stands between that gives each transaction another connection of the server, as PgBouncer does: it
     * names itself as the process to be cancelled, and the server names another. What is set for a connection is then set for
     * somebody, and what is prepared on one is not there on the next.
     */
    private static boolean isPooled(DataSource dataSource, String user) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
            return row.next()
                    && row.getInt(1) != connection.unwrap(PGConnection.class).getBackendPID();
        } catch (SQLException e) {
            throw cannotOpen(user, e, e);
        }
    }

    /** One connection that gives up soon, opened when it is first used. */
    private static HikariDataSource watcher(String url, String user, String password, boolean pooled) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("postgresql-watch");
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword(password);
        config.setMaximumPoolSize(1);
        config.setMinimumIdle(0);
        config.setInitializationFailTimeout(-1);
        config.setConnectionTimeout(WATCHING.toMillis());
        config.setValidationTimeout(WATCHING.toMillis());
        Properties properties = driver(url, new Patience(WATCHING, WATCHING, WATCHING, WATCHING));
        properties.setProperty("socketTimeout", seconds(WATCHING));
        if (pooled) {
            properties.setProperty("prepareThreshold", "0");
        }
        config.setDataSourceProperties(properties);
        return new HikariDataSource(config);
    }

    /** Of a column that is new the server knows nothing until it looks at the table again, and takes it for filled everywhere. */
    private static void analyze(DataSource dataSource) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("ANALYZE");
        } catch (SQLException e) {
            LOG.warn("the database could not look at its tables, and may be slow for a minute: {}", e.getMessage());
        }
    }

    /** What the driver waits for; a parameter in the address of the database counts more. */
    private static Properties driver(String url, Patience patience) {
        Properties properties = new Properties();
        boolean several = url.contains(",");
        properties.setProperty("connectTimeout", seconds(several ? HOST : patience.connection()));
        // A copy that lags behind knows nothing of what was used or ended a moment ago. Of several hosts the one that
        // takes writes
        // is looked for, and one that was dead is tried last for a while.
        properties.setProperty("targetServerType", "primary");
        if (!several) {
            properties.setProperty("loginTimeout", seconds(patience.connection()));
        }
        properties.setProperty("tcpKeepAlive", "true");
        // Later than the server gives a statement up: then it is gone.
        properties.setProperty("socketTimeout", seconds(patience.statement().multipliedBy(2)));
        return properties;
    }

    static Properties signIn(String url, String user, String password, Patience patience) {
        Properties properties = driver(url, patience);
        properties.remove("socketTimeout");
        // Used a few times only, and perhaps through a pool that knows no prepared statements.
        properties.setProperty("prepareThreshold", "0");
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        return properties;
    }

    private static String seconds(Duration duration) {
        return Long.toString(Math.max(1, duration.toSeconds()));
    }

    /**
     * Besides the limits what suits statements that are answered from indexes in some milliseconds: other processes and a
     * compiler take longer to begin than the statement does, and what is read lies in memory. A statement, or the check of a
     * reference, that was planned while its table was empty would read the whole table until somebody looks at it again.
     */
    private static List<String> limits(Patience patience) {
        return List.of(
                "jit = off",
                "max_parallel_workers_per_gather = 0",
                "random_page_cost = 1.1",
                "enable_seqscan = off",
                "lock_timeout = " + patience.lock().toMillis(),
                "statement_timeout = " + patience.statement().toMillis(),
                "idle_in_transaction_session_timeout = " + patience.idle().toMillis());
    }

    private static HikariDataSource connect(HikariConfig config) {
        try {
            return new HikariDataSource(config);
        } catch (HikariPool.PoolInitializationException e) {
            throw cannotOpen(config.getUsername(), e.getCause() == null ? e : e.getCause(), e);
        }
    }

    private static StartFailure cannotOpen(String user, Throwable why, Exception cause) {
        String message = String.valueOf(why.getMessage());
        return new StartFailure(
                StartFailure.Kind.DATABASE,
                "Cannot open the database at database-url as " + user + ": " + message + advice(message),
                cause);
    }

    private static String advice(String message) {
        if (message.contains("unsupported startup parameter")) {
            return " Set ignore_startup_parameters = extra_float_digits in PgBouncer's configuration.";
        }
        return message.contains("targetServerType")
                ? " It is a standby, which takes no writes: name the primary, or all servers separated by commas."
                : "";
    }

    private static HikariDataSource sqliteReaders(String url) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("sqlite-readers");
        config.setDataSource(new OpenedAnew(() -> new SqliteConnection(url, pragmas())));
        config.setConnectionInitSql("PRAGMA query_only = true");
        config.setMaximumPoolSize(Math.max(4, Runtime.getRuntime().availableProcessors() * 2));
        config.setMinimumIdle(1);
        config.setConnectionTimeout(5_000);
        return new HikariDataSource(config);
    }

    /** SQLite's settings as driver properties, so that no connection can exist without them. */
    private static Properties pragmas() {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setBusyTimeout(5_000);
        config.setCacheSize(-Dialect.SQLITE_CACHE_KIB);
        config.enforceForeignKeys(true);
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        config.setGetGeneratedKeys(false); // asks after each INSERT for a number that nobody wants
        return config.toProperties();
    }

    /** Connections for the migration, one at a time. */
    private static DataSource plain(String url, Properties properties) {
        return new OpenedAnew(() -> DriverManager.getConnection(url, properties));
    }

    private interface Opening {
        Connection open() throws SQLException;
    }

    /** Each connection is a new one. */
    private static final class OpenedAnew extends AbstractDataSource {
        /** So long a pool that is closed waits for a connection that is being opened. */
        private static final int OPENED_IN_SECONDS = 5;

        private final Opening opening;

        OpenedAnew(Opening opening) {
            this.opening = opening;
        }

        @Override
        public int getLoginTimeout() {
            return OPENED_IN_SECONDS;
        }

        @Override
        public void setLoginTimeout(int seconds) {
            // The driver's own settings say how long.
        }

        @Override
        public Connection getConnection() throws SQLException {
            return opening.open();
        }

        @Override
        public Connection getConnection(String username, String password) throws SQLException {
            return getConnection();
        }
    }
}
