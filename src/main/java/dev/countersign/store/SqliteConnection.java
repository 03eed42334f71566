package dev.countersign.store;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Properties;
import java.util.SequencedMap;
import org.sqlite.core.DB;
import org.sqlite.jdbc4.JDBC4Connection;
import org.sqlite.jdbc4.JDBC4PreparedStatement;

/**
 * A connection to SQLite that keeps the statements it has prepared. To prepare one is to parse and plan it, which takes longer
 * than to run most of them. For one thread at a time, as the driver's own.
 */
final class SqliteConnection extends JDBC4Connection {
    /** A statement takes some kilobytes of SQLite's memory. */
    static final int MOST_KEPT = 64;

    private final SequencedMap<String, Kept> idle = new LinkedHashMap<>();

    SqliteConnection(String url, Properties properties) throws SQLException {
        super(url, url.substring("jdbc:sqlite:".length()), properties);
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int type, int concurrency, int holdability)
            throws SQLException {
        checkOpen();
        checkCursor(type, concurrency, holdability);
        Kept kept = idle.remove(sql);
        return kept == null ? new Kept(this, sql) : kept.taken();
    }

    /** How many statements wait to be used again. */
    int kept() {
        return idle.size();
    }

    private void keep(String sql, Kept statement) throws SQLException {
        Kept twin = idle.put(sql, statement);
        if (twin != null) {
            twin.end();
        }
        if (idle.size() > MOST_KEPT) {
            idle.pollFirstEntry().getValue().end();
        }
    }

    /** Closing it makes it as it was when it was prepared, without what was bound to it, and lets the next one have it. */
    private static final class Kept extends JDBC4PreparedStatement {
        private final SqliteConnection owner;
        private boolean given;

        Kept(SqliteConnection owner, String sql) throws SQLException {
            super(owner, sql);
            this.owner = owner;
        }

        Kept taken() {
            given = false;
            return this;
        }

        @Override
        public void close() throws SQLException {
            if (given) {
                return;
            }
            given = true;
            if (pointer.isClosed()) {
                end();
                return;
            }
            rs.close();
            pointer.safeRunConsume(DB::reset); // a query whose rows nobody asked for holds the database as it was
            clearBatch();
            clearParameters();
            batch = null;
            owner.keep(sql, this);
        }

        @Override
        public boolean isClosed() {
            return given || super.isClosed();
        }

        void end() throws SQLException {
            super.close();
        }
    }
}
