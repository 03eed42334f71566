package dev.countersign.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A database as it is at one moment, read while others write. Rows are read one after another, so that memory does not grow
 * with them. Not thread-safe.
 */
public abstract sealed class Snapshot implements AutoCloseable permits SqliteSnapshot, PostgresqlSnapshot {
    private final Connection connection;

    Snapshot(Connection connection) {
        this.connection = connection;
    }

    /** Of the embedded database in this file, which is not changed in any byte. */
    public static Snapshot ofSqlite(Path file) {
        return SqliteSnapshot.open(file);
    }

    /** Of a PostgreSQL database. */
    public static Snapshot ofPostgresql(String url, String user, String password) {
        return PostgresqlSnapshot.open(url, user, password);
    }

    /** The version of its tables. */
    public final int schema() {
        return CopySql.schema(connection);
    }

    /** Names the installation: its oldest environment, which goes with it wherever it is copied to. */
    public final String installation() {
        return CopySql.installation(connection);
    }

    /** All tables, each after those it points to. */
    public final List<TableShape> tables() {
        return CopySql.tables(connection);
    }

    public final long count(TableShape table) {
        return CopySql.count(connection, table);
    }

    /** The highest number a numbered table has given to a row, also to one that is gone; 0 when to none. */
    public abstract long lastNumber(TableShape table);

    /**
     * Hands over the rows of a table.
     *
     * @param after the place of the last row that is not wanted; 0 begins at the first
     */
    public abstract void read(TableShape table, long after, Reader reader) throws IOException;

    @Override
    public final void close() {
        CopySql.close(connection);
    }

    /** Takes rows. */
    @FunctionalInterface
    public interface Reader {
        /**
         * @param place of this row in its table; grows from row to row
         * @param values one for each column: a {@link String}, {@link Long}, {@code byte[]} or null
         */
        void row(long place, @Nullable Object[] values) throws IOException;
    }
}
