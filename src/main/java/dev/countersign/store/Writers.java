package dev.countersign.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import javax.sql.DataSource;
import org.springframework.jdbc.CannotGetJdbcConnectionException;

/** Connections that write. */
interface Writers extends AutoCloseable {
    /** A connection inside an open transaction. */
    Turn take();

    /** Whether two transactions in one turn cost less than two turns: {@link Turn#next}. */
    boolean keepsTurns();

    /** How many wait for their turn in this process. */
    int waiting();

    /** Lets others write before whoever has written much goes on. */
    void settle();

    /** Whether somebody writes very much at once, for whom others would have to wait. */
    void writesMuch(boolean much);

    @Override
    void close();

    /** One transaction. Closing it rolls back what was not committed. For the thread that took it. */
    interface Turn extends AutoCloseable {
        Connection connection();

        /** What was written until now stays, whatever becomes of what follows; it is durable when that is committed. */
        void next() throws SQLException;

        /** What was written is durable when this returns, and else nothing of it is there. */
        void commit() throws SQLException;

        @Override
        void close();
    }

    /**
     * A pool, for a database that orders writers itself.
     *
     * @param eachTime the limits of a transaction, where they cannot be set once for a connection
     */
    record Pooled(DataSource pool, Optional<String> eachTime) implements Writers {
        @Override
        public Turn take() {
            PooledTurn turn = new PooledTurn(begin());
            if (eachTime.isPresent()) {
                limit(turn, eachTime.get());
            }
            return turn;
        }

        private Connection begin() {
            try {
                Connection connection = pool.getConnection();
                connection.setAutoCommit(false);
                return connection;
            } catch (SQLException e) {
                throw new CannotGetJdbcConnectionException("no connection for writing", e);
            }
        }

        private static void limit(PooledTurn turn, String limits) {
            boolean limited = false;
            try (Statement statement = turn.connection().createStatement()) {
                statement.execute(limits);
                limited = true;
            } catch (SQLException e) {
                throw new CannotGetJdbcConnectionException("no transaction can be begun", e);
            } finally {
                if (!limited) {
                    turn.close();
                }
            }
        }

        /** Each would wait for the disk by itself, and hold what it has locked. */
        @Override
        public boolean keepsTurns() {
            return false;
        }

        /** They wait for a connection, which the pool says. */
        @Override
        public int waiting() {
            return 0;
        }

        @Override
        public void settle() {
            // It orders writers itself, and nobody waits for all of them.
        }

        @Override
        public void writesMuch(boolean much) {
            // Nobody waits for them.
        }

        @Override
        public void close() {
            // The pool is the readers' too and is closed with them.
        }
    }

    /** A transaction on a connection of its own. */
    final class PooledTurn implements Turn {
        private final Connection connection;
        private boolean committed;

        PooledTurn(Connection connection) {
            this.connection = connection;
        }

        @Override
        public Connection connection() {
            return connection;
        }

        @Override
        public void next() throws SQLException {
            connection.commit();
        }

        @Override
        public void commit() throws SQLException {
            connection.commit();
            committed = true;
        }

        @Override
        public void close() {
            try (connection) {
                if (!committed) {
                    connection.rollback();
                }
                connection.setAutoCommit(true);
            } catch (SQLException e) {
                throw new CannotGetJdbcConnectionException("the connection broke", e);
            }
        }
    }
}
