package dev.countersign.store;

import dev.countersign.kernel.StartFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;

/**
 * The embedded database in one reading transaction, through a connection that cannot write: the file stays as it is, byte by
 * byte. The place of a row is the number SQLite stores it under, in which order a table is read from end to end.
 */
final class SqliteSnapshot extends Snapshot {
    private final Connection connection;

    private SqliteSnapshot(Connection connection) {
        super(connection);
        this.connection = connection;
    }

    static SqliteSnapshot open(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new StartFailure(StartFailure.Kind.NOT_FOUND, "There is no database " + file + ".");
        }
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        config.setBusyTimeout(5_000);
        config.setCacheSize(-16_384);
        config.setTransactionMode(SQLiteConfig.TransactionMode.DEFERRED);
        try {
            Connection connection =
                    DriverManager.getConnection("jdbc:sqlite:" + file.toAbsolutePath(), config.toProperties());
            connection.setAutoCommit(false);
            // The first reading statement begins the snapshot.
            CopySql.number(connection, "SELECT count(*) FROM sqlite_master");
            return new SqliteSnapshot(connection);
        } catch (SQLException e) {
            throw CopySql.failed("The database " + file + " does not open", e);
        }
    }

    @Override
    public long lastNumber(TableShape table) {
        try {
            return CopySql.number(
                    connection,
                    "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = '" + table.name() + "'");
        } catch (SQLException e) {
            throw CopySql.failed("The numbers of " + table.name() + " cannot be read", e);
        }
    }

    @Override
    public void read(TableShape table, long after, Reader reader) throws IOException {
        String query =
                "SELECT rowid, " + table.columnList() + " FROM \"" + table.name() + "\" WHERE rowid > ? ORDER BY rowid";
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setLong(1, after);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    reader.row(rows.getLong(1), values(table, rows));
                }
            }
        } catch (SQLException e) {
            throw CopySql.failed("The table " + table.name() + " cannot be read", e);
        }
    }

    private static @Nullable Object[] values(TableShape table, ResultSet row) throws SQLException {
        @Nullable Object[] values = new @Nullable Object[table.columns().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (table.columns().get(i).kind()) {
                case TEXT -> row.getString(i + 2);
                case BYTES -> row.getBytes(i + 2);
                case NUMBER, SHORT_NUMBER -> number(row, i + 2);
            };
        }
        return values;
    }

    private static @Nullable Long number(ResultSet row, int column) throws SQLException {
        long number = row.getLong(column);
        return row.wasNull() ? null : number;
    }
}
