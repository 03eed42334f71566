package dev.countersign.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A database as it is at one moment, read while others write. Rows are read one after another, so that memory does not grow
 * with them. Not thread-safe.
 */
public interface Snapshot extends AutoCloseable {
    /** Of the embedded database in this file, which is not changed in any byte. */
    static Snapshot ofSqlite(Path file) {
        return SqliteSnapshot.open(file);
    }

    /** Of a PostgreSQL database. */
    static Snapshot ofPostgresql(String url, String user, String password) {
        return PostgresqlSnapshot.open(url, user, password);
    }

    /** The version of its tables. */
    int schema();

    /** Names the installation: its oldest environment, which goes with it wherever it is copied to. */
    String installation();

    /** All tables, each after those it points to. */
    List<TableShape> tables();

    long count(TableShape table);

    /** The highest number a numbered table has given to a row, also to one that is gone; 0 when to none. */
    long lastNumber(TableShape table);

    /**
     * Hands over the rows of a table.
     *
     * @param after the place of the last row that is not wanted; 0 begins at the first
     */
    void read(TableShape table, long after, Reader reader) throws IOException;

    @Override
    void close();

    /** Takes rows. */
    @FunctionalInterface
    interface Reader {
        /**
         * @param place of this row in its table; grows from row to row
         * @param values one for each column: a {@link String}, {@link Long}, {@code byte[]} or null
         */
        void row(long place, @Nullable Object[] values) throws IOException;
    }
}
