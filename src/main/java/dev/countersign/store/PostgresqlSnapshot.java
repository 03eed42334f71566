package dev.countersign.store;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.PGCopyInputStream;

/**
 * PostgreSQL in one transaction that reads (REPEATABLE READ). Rows come by COPY in its binary form, whose places are counted:
 * reading goes on nowhere but at the beginning.
 */
final class PostgresqlSnapshot extends Snapshot {
    /** Signature (11 bytes), flags and the length of an extension, 4 bytes each. */
    private static final int SIGNATURE_BYTES = 15;

    private static final int END = -1;
    private static final int NULL = -1;

    private final Connection connection;

    private PostgresqlSnapshot(Connection connection) {
        super(connection);
        this.connection = connection;
    }

    static PostgresqlSnapshot open(String url, String user, String password) {
        Connection connection = CopySql.postgresql(url, user, password);
        try {
            CopySql.execute(
                    connection,
                    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
                    "SET LOCAL statement_timeout = 0",
                    "SET LOCAL idle_in_transaction_session_timeout = 0");
            return new PostgresqlSnapshot(connection);
        } catch (SQLException e) {
            CopySql.close(connection);
            throw CopySql.failed("The database cannot be read", e);
        }
    }

    @Override
    public long lastNumber(TableShape table) {
        if (table.numbered().isEmpty()) {
            return 0;
        }
        try {
            return CopySql.number(
                    connection,
                    "SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('" + table.name() + "', '"
                            + table.numbered().get() + "')::regclass), 0)");
        } catch (SQLException e) {
            throw CopySql.failed("The numbers of " + table.name() + " cannot be read", e);
        }
    }

    @Override
    public void read(TableShape table, long after, Reader reader) throws IOException {
        String copy = "COPY \"" + table.name() + "\" (" + table.columnList() + ") TO STDOUT (FORMAT binary)";
        try (DataInputStream in = new DataInputStream(
                new BufferedInputStream(new PGCopyInputStream(connection.unwrap(PGConnection.class), copy), 1 << 16))) {
            in.skipNBytes(SIGNATURE_BYTES);
            in.skipNBytes(in.readInt());
            long place = 0;
            while (in.readShort() != END) {
                place++;
                @Nullable Object[] values = values(table, in);
                if (place > after) {
                    reader.row(place, values);
                }
            }
        } catch (SQLException e) {
            throw CopySql.failed("The table " + table.name() + " cannot be read", e);
        }
    }

    private static @Nullable Object[] values(TableShape table, DataInputStream in) throws IOException {
        @Nullable Object[] values = new @Nullable Object[table.columns().size()];
        for (int i = 0; i < values.length; i++) {
            int length = in.readInt();
            if (length != NULL) {
                values[i] = switch (table.columns().get(i).kind()) {
                    case TEXT -> new String(in.readNBytes(length), StandardCharsets.UTF_8);
                    case BYTES -> in.readNBytes(length);
                    case NUMBER -> in.readLong();
                    case SHORT_NUMBER -> (long) in.readInt();
                };
            }
        }
        return values;
    }
}
