package dev.countersign.store;

import dev.countersign.kernel.StartFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A database that another is copied into. Rows are written in portions, each in a transaction that also notes how far the table
 * has come: a copy that was stopped at any moment goes on, or begins anew. Not thread-safe.
 */
public abstract sealed class CopyTarget implements AutoCloseable permits SqliteTarget, PostgresqlTarget {
    private static final int PORTION = 10_000;

    private final Dialect dialect;
    private final Connection connection;
    private final DataSource migrations;
    /** Listed once: asking a database for all its tables takes a while. */
    private @Nullable List<TableShape> made;

    CopyTarget(Dialect dialect, Connection connection, DataSource migrations) {
        this.dialect = dialect;
        this.connection = connection;
        this.migrations = migrations;
    }

    /** @param file of the embedded database; empty, or missing */
    public static CopyTarget sqlite(Path file) {
        return SqliteTarget.open(file);
    }

    public static CopyTarget postgresql(String url, String user, String password) {
        return PostgresqlTarget.open(url, user, password);
    }

    final Connection connection() {
        return connection;
    }

    /** Whether nobody has started an installation in it, and nothing was copied into it. */
    public final boolean isEmpty() {
        List<String> names = tables().stream().map(TableShape::name).toList();
        try {
            boolean started = !names.isEmpty()
                    && (!names.contains("installation")
                            || CopySql.number(connection, "SELECT count(*) FROM installation") > 0);
            return !started && unfinished().isEmpty();
        } catch (SQLException e) {
            throw CopySql.failed("The tables cannot be read", e);
        } finally {
            rollback();
        }
    }

    public final Optional<UnfinishedCopy> unfinished() {
        try {
            return UnfinishedCopy.find(connection);
        } catch (SQLException e) {
            throw CopySql.failed("The tables cannot be read", e);
        } finally {
            rollback();
        }
    }

    public final List<TableShape> tables() {
        return CopySql.tables(connection);
    }

    /** How many others have this database open, as far as it says. */
    public abstract long others();

    /** Removes every table. */
    public abstract void clear();

    /** The newest version of tables this program knows. */
    public final int knownSchema() {
        return Schema.versions(dialect, migrations).known();
    }

    /** Makes the tables of this version, without rows, and notes that a copy has begun. */
    public final void begin(UnfinishedCopy copy, int schema) {
        rollback();
        Schema.migrateTo(dialect, migrations, schema);
        List<TableShape> tables = tables();
        made = tables;
        try {
            for (TableShape table : tables.reversed()) {
                CopySql.execute(connection, "DELETE FROM \"" + table.name() + '"');
            }
            try (PreparedStatement statement = connection.prepareStatement("INSERT INTO " + UnfinishedCopy.TABLE
                    + " (table_name, kind, source, place, copied, digest) VALUES ('', ?, ?, 0, 0, NULL)")) {
                statement.setString(1, copy.kind().name());
                statement.setString(2, copy.source());
                statement.execute();
            }
            connection.commit();
        } catch (SQLException e) {
            throw CopySql.failed("The copy cannot be begun", e);
        }
    }

    private List<TableShape> made() {
        List<TableShape> known = made;
        if (known == null) {
            known = tables();
            made = known;
        }
        return known;
    }

    /** Where the rows of a table of the source go; the tables are made. */
    public final Rows into(TableShape source, LongConsumer progress) {
        TableShape ours = made().stream()
                .filter(table -> table.name().equals(source.name()))
                .findAny()
                .orElseThrow(() -> TableShape.differs(source.name()))
                .inOrderOf(source);
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT place, copied, digest FROM " + UnfinishedCopy.TABLE + " WHERE table_name = ?")) {
            statement.setString(1, ours.name());
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? new Rows(
                                ours,
                                row.getLong("place"),
                                new TableDigest(row.getLong("copied"), row.getBytes("digest")),
                                progress)
                        : new Rows(ours, 0, new TableDigest(), progress);
            }
        } catch (SQLException e) {
            throw CopySql.failed("The copy cannot go on", e);
        } finally {
            rollback();
        }
    }

    /** Begins a portion: rows of one table. */
    abstract void open(TableShape table) throws SQLException;

    abstract void add(TableShape table, @Nullable Object[] values) throws SQLException, IOException;

    /** Sends what was added. */
    abstract void flush() throws SQLException;

    /** Lets a numbered table go on after this number. */
    abstract void number(TableShape table, long last) throws SQLException;

    /** What is to be done once after all rows. */
    public abstract void settle();

    private void rollback() {
        try {
            connection.rollback();
        } catch (SQLException e) {
            throw CopySql.failed("The database does not answer", e);
        }
    }

    @Override
    public void close() {
        CopySql.close(connection);
    }

    /** Takes the rows of one table. */
    public final class Rows implements Snapshot.Reader {
        private final TableShape table;
        private final TableDigest digest;
        private final LongConsumer progress;
        private final RowCode code = new RowCode();
        private long place;
        private int inPortion;

        private Rows(TableShape table, long place, TableDigest digest, LongConsumer progress) {
            this.table = table;
            this.place = place;
            this.digest = digest;
            this.progress = progress;
        }

        /** The place of the last row that is here for good. */
        public long place() {
            return place;
        }

        @Override
        public void row(long at, @Nullable Object[] values) throws IOException {
            try {
                if (inPortion == 0) {
                    open(table);
                }
                add(table, values);
                digest.add(code.encode(values));
                place = at;
                if (++inPortion == PORTION) {
                    commit();
                }
            } catch (SQLException e) {
                throw CopySql.failed("A row of " + table.name() + " cannot be written", e);
            }
        }

        private void commit() throws SQLException {
            flush();
            note();
            connection.commit();
            inPortion = 0;
            progress.accept(digest.rows());
        }

        private void note() throws SQLException {
            try (PreparedStatement statement =
                    connection.prepareStatement("INSERT INTO " + UnfinishedCopy.TABLE + """
                     (table_name, kind, source, place, copied, digest) VALUES (?, '', '', ?, ?, ?)
                    ON CONFLICT (table_name) DO UPDATE
                    SET place = excluded.place, copied = excluded.copied, digest = excluded.digest""")) {
                statement.setString(1, table.name());
                statement.setLong(2, place);
                statement.setLong(3, digest.rows());
                statement.setBytes(4, digest.value());
                statement.execute();
            }
        }

        /** All rows are here; the table goes on to number its rows after this one. */
        public TableDigest finish(long lastNumber) {
            try {
                if (inPortion > 0) {
                    commit();
                }
                if (table.numbered().isPresent()) {
                    number(table, lastNumber);
                    connection.commit();
                }
                progress.accept(digest.rows());
                return digest;
            } catch (SQLException e) {
                throw CopySql.failed("The rows of " + table.name() + " cannot be written", e);
            }
        }
    }

    static StartFailure refused(String message) {
        return new StartFailure(StartFailure.Kind.REFUSED, message);
    }
}
