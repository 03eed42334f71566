package dev.countersign.store;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** PostgreSQL, filled by COPY in its binary form. */
final class PostgresqlTarget extends CopyTarget {
    private static final byte[] SIGNATURE = {
        'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
    };
    private static final int END = -1;
    private static final int NULL = -1;
    private static final int BUFFER = 1 << 16;

    private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(2 * BUFFER);
    private final DataOutputStream out = new DataOutputStream(buffer);
    private @Nullable CopyIn copy;

    private PostgresqlTarget(Connection connection, DriverManagerDataSource migrations) {
        super(Dialect.POSTGRESQL, connection, migrations);
    }

    static PostgresqlTarget open(String url, String user, String password) {
        Properties properties = Databases.signIn(url, user, password, Databases.Patience.DEFAULT);
        return new PostgresqlTarget(
                CopySql.postgresql(url, user, password), new DriverManagerDataSource(url, properties));
    }

    @Override
    public long others() {
        try {
            return CopySql.number(connection(), """
                    SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'""");
        } catch (SQLException e) {
            throw CopySql.failed("The database does not say who else has it open", e);
        }
    }

    @Override
    public void clear() {
        try {
            List<String> drops = new ArrayList<>();
            try (Statement statement = connection().createStatement();
                    ResultSet rows = statement.executeQuery(
                            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")) {
                while (rows.next()) {
                    drops.add("DROP TABLE IF EXISTS \"" + rows.getString(1) + "\" CASCADE");
                }
            }
            CopySql.execute(connection(), drops.toArray(String[]::new));
            connection().commit();
        } catch (SQLException e) {
            throw CopySql.failed("The database cannot be emptied", e);
        }
    }

    /** A reference that is checked by a plan made for an empty table would read all of it for each row. */
    @Override
    void open(TableShape table) throws SQLException {
        CopySql.execute(
                connection(),
                "SET LOCAL synchronous_commit = off",
                "SET LOCAL statement_timeout = 0",
                "SET LOCAL enable_seqscan = off");
        copy = connection()
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY \"" + table.name() + "\" (" + table.columnList() + ") FROM STDIN (FORMAT binary)");
        buffer.reset();
        buffer.writeBytes(SIGNATURE);
    }

    private CopyIn opened() {
        CopyIn opened = copy;
        if (opened == null) {
            throw new IllegalStateException("no portion is open");
        }
        return opened;
    }

    @Override
    void add(TableShape table, @Nullable Object[] values) throws SQLException, IOException {
        out.writeShort(values.length);
        for (int i = 0; i < values.length; i++) {
            put(table, i, values);
        }
        if (buffer.size() >= BUFFER) {
            send();
        }
    }

    private void put(TableShape table, int column, @Nullable Object[] values) throws IOException {
        switch (values[column]) {
            case null -> out.writeInt(NULL);
            case Long number
            when table.columns().get(column).kind() == TableShape.Kind.SHORT_NUMBER -> {
                out.writeInt(Integer.BYTES);
                out.writeInt(Math.toIntExact(number));
            }
            case Long number -> {
                out.writeInt(Long.BYTES);
                out.writeLong(number);
            }
            case String text -> {
                if (text.indexOf('\0') >= 0) {
                    throw holdsNul(table, column, values);
                }
                put(text.getBytes(StandardCharsets.UTF_8));
            }
            case byte[] bytes -> put(bytes);
            default -> throw new IllegalArgumentException("a value of " + table.name());
        }
    }

    private void put(byte[] content) throws IOException {
        out.writeInt(content.length);
        out.write(content);
    }

    private static RuntimeException holdsNul(TableShape table, int column, @Nullable Object[] values) {
        return refused("PostgreSQL stores no text with the character NUL, which "
                + table.columns().get(column).name() + " of " + table.name() + " holds in the row "
                + table.columns().getFirst().name() + " = "
                + String.valueOf(values[0]).replace('\0', '?')
                + ". Change it first.");
    }

    private void send() throws SQLException {
        opened().writeToCopy(buffer.toByteArray(), 0, buffer.size());
        buffer.reset();
    }

    @Override
    void flush() throws SQLException {
        try {
            out.writeShort(END);
        } catch (IOException e) {
            throw new IllegalStateException("memory does not fail", e);
        }
        send();
        opened().endCopy();
        copy = null;
    }

    @Override
    void number(TableShape table, long last) throws SQLException {
        CopySql.number(
                connection(),
                "SELECT setval(pg_get_serial_sequence('" + table.name() + "', '"
                        + table.numbered().orElseThrow() + "'), " + Math.max(last, 1) + ", " + (last > 0) + ")");
    }

    /** The driver lets nothing else through while rows are being sent: those of a portion that failed are taken back first. */
    @Override
    public void close() {
        CopyIn open = copy;
        copy = null;
        try {
            if (open != null && open.isActive()) {
                open.cancelCopy();
            }
        } catch (SQLException e) {
            throw CopySql.failed("The copy cannot be given up", e);
        } finally {
            super.close();
        }
    }

    @Override
    public void settle() {
        try {
            CopySql.execute(connection(), "SET LOCAL statement_timeout = 0", "ANALYZE");
            connection().commit();
        } catch (SQLException e) {
            throw CopySql.failed("The database cannot look at its tables", e);
        }
    }
}
