package dev.countersign.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import dev.countersign.kernel.StartFailure;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.sqlite.SQLiteConfig;

/** Opens a database with its schema up to date. */
public final class Databases {
    private Databases() {}

    /** The embedded database in {@code file}, which exists. Each commit is on disk when it returns. */
    public static Database openSqlite(Path file) {
        String url = "jdbc:sqlite:" + file.toAbsolutePath();
        try {
            Writers.Queued writers = new Writers.Queued(DriverManager.getConnection(url, pragmas()));
            try {
                Schema.migrate(Dialect.SQLITE, new WriterDataSource(url, pragmas()));
            } catch (StartFailure e) {
                writers.close();
                throw e;
            }
            return new Database(Dialect.SQLITE, sqliteReaders(url), writers);
        } catch (SQLException e) {
            throw new StartFailure(
                    StartFailure.Kind.DATABASE, "Cannot open the database " + file + ": " + e.getMessage(), e);
        }
    }

    /** A PostgreSQL database, version 15 or later. */
    public static Database openPostgresql(String url, String user, String password) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("postgresql");
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword(password);
        config.setMaximumPoolSize(16);
        config.setMinimumIdle(2);
        config.setConnectionTimeout(5_000);
        HikariDataSource pool = connect(config);
        try {
            Schema.migrate(Dialect.POSTGRESQL, pool);
        } catch (StartFailure e) {
            pool.close();
            throw e;
        }
        return new Database(Dialect.POSTGRESQL, pool, new Writers.Pooled(pool));
    }

    private static HikariDataSource connect(HikariConfig config) {
        try {
            return new HikariDataSource(config);
        } catch (HikariPool.PoolInitializationException e) {
            Throwable why = e.getCause() == null ? e : e.getCause();
            throw new StartFailure(
                    StartFailure.Kind.DATABASE,
                    "Cannot open the database at database-url as " + config.getUsername() + ": " + why.getMessage(),
                    e);
        }
    }

    private static HikariDataSource sqliteReaders(String url) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("sqlite-readers");
        config.setJdbcUrl(url);
        config.setDataSourceProperties(pragmas());
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
        return config.toProperties();
    }

    /** Plain connections for the migration, one at a time. */
    private static final class WriterDataSource extends org.springframework.jdbc.datasource.AbstractDataSource {
        private final String url;
        private final Properties properties;

        WriterDataSource(String url, Properties properties) {
            this.url = url;
            this.properties = properties;
        }

        @Override
        public java.sql.Connection getConnection() throws SQLException {
            return DriverManager.getConnection(url, properties);
        }

        @Override
        public java.sql.Connection getConnection(String username, String password) throws SQLException {
            return getConnection();
        }
    }
}
