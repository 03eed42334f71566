package dev.countersign.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.sqlite.SQLiteConfig;

/**
 * A file that becomes an embedded database. It is not synchronised with the disk portion by portion: whoever makes it does so
 * once at the end, and begins anew after a crash.
 */
final class SqliteTarget extends CopyTarget {
    private static final int BATCH = 500;

    private @Nullable PreparedStatement insert;
    private int inBatch;

    private SqliteTarget(Connection connection, DriverManagerDataSource migrations) {
        super(Dialect.SQLITE, connection, migrations);
    }

    static SqliteTarget open(Path file) {
        String url = "jdbc:sqlite:" + file.toAbsolutePath();
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.OFF);
        config.setBusyTimeout(5_000);
        config.setCacheSize(-131_072);
        config.enforceForeignKeys(true);
        Properties properties = config.toProperties();
        try {
            Connection connection = DriverManager.getConnection(url, properties);
            connection.setAutoCommit(false);
            return new SqliteTarget(connection, new DriverManagerDataSource(url, properties));
        } catch (SQLException e) {
            throw CopySql.failed("The database " + file + " does not open", e);
        }
    }

    @Override
    public long others() {
        return 0;
    }

    @Override
    public void clear() {
        throw new IllegalStateException("a file is made anew");
    }

    @Override
    void open(TableShape table) throws SQLException {
        String values = "?" + ", ?".repeat(table.columns().size() - 1);
        insert = connection()
                .prepareStatement(
                        "INSERT INTO \"" + table.name() + "\" (" + table.columnList() + ") VALUES (" + values + ")");
    }

    @Override
    void add(TableShape table, @Nullable Object[] values) throws SQLException, IOException {
        PreparedStatement statement = opened();
        for (int i = 0; i < values.length; i++) {
            switch (values[i]) {
                case null -> statement.setNull(i + 1, Types.NULL);
                case Long number -> statement.setLong(i + 1, number);
                case String text -> statement.setString(i + 1, text);
                case byte[] bytes -> statement.setBytes(i + 1, bytes);
                default -> throw new IllegalArgumentException("a value of " + table.name());
            }
        }
        statement.addBatch();
        if (++inBatch == BATCH) {
            statement.executeBatch();
            inBatch = 0;
        }
    }

    private PreparedStatement opened() {
        PreparedStatement statement = insert;
        if (statement == null) {
            throw new IllegalStateException("no portion is open");
        }
        return statement;
    }

    @Override
    void flush() throws SQLException {
        PreparedStatement statement = opened();
        if (inBatch > 0) {
            statement.executeBatch();
            inBatch = 0;
        }
        statement.close();
        insert = null;
    }

    @Override
    void number(TableShape table, long last) throws SQLException {
        if (last == 0) {
            return;
        }
        try (PreparedStatement update =
                connection().prepareStatement("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?")) {
            update.setLong(1, last);
            update.setString(2, table.name());
            if (update.executeUpdate() == 0) {
                insertNumber(table, last);
            }
        }
    }

    private void insertNumber(TableShape table, long last) throws SQLException {
        try (PreparedStatement statement =
                connection().prepareStatement("INSERT INTO sqlite_sequence (seq, name) VALUES (?, ?)")) {
            statement.setLong(1, last);
            statement.setString(2, table.name());
            statement.executeUpdate();
        }
    }

    @Override
    public void settle() {
        // Its statements are planned without looking at how much a table holds.
    }
}
