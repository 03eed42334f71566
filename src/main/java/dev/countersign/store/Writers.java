package dev.countersign.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;

/** Connections that write, each inside an open transaction when taken. */
interface Writers extends AutoCloseable {
    Connection take();

    void commit(Connection connection) throws SQLException;

    /** Rolls back what was not committed. */
    void giveBack(Connection connection, boolean committed);

    @Override
    void close();

    /** A pool, for a database that orders writers itself. */
    record Pooled(DataSource pool) implements Writers {
        @Override
        public Connection take() {
            try {
                Connection connection = pool.getConnection();
                connection.setAutoCommit(false);
                return connection;
            } catch (SQLException e) {
                throw new CannotGetJdbcConnectionException("no connection for writing", e);
            }
        }

        @Override
        public void commit(Connection connection) throws SQLException {
            connection.commit();
        }

        @Override
        public void giveBack(Connection connection, boolean committed) {
            try (connection) {
                if (!committed) {
                    connection.rollback();
                }
                connection.setAutoCommit(true);
            } catch (SQLException e) {
                throw new CannotGetJdbcConnectionException("the connection broke", e);
            }
        }

        @Override
        public void close() {
            // The pool is the readers' too and is closed with them.
        }
    }

    /**
     * One connection behind a fair queue, for SQLite, which lets one writer in at a time. Waiting happens here and not in
     * native code, where a virtual thread would hold its carrier. The driver begins a transaction, and takes the file's write
     * lock, whenever auto-commit is off; so it is off only while someone writes, and other processes get their turn.
     */
    final class Queued implements Writers {
        private static final long WAIT_SECONDS = 10;

        private final Connection connection;
        private final ReentrantLock turn = new ReentrantLock(true);

        Queued(Connection connection) {
            this.connection = connection;
        }

        @Override
        public Connection take() {
            await();
            try {
                connection.setAutoCommit(false);
                return connection;
            } catch (SQLException e) {
                turn.unlock();
                throw new CannotAcquireLockException("another process is writing", e);
            }
        }

        private void await() {
            try {
                if (turn.tryLock(WAIT_SECONDS, TimeUnit.SECONDS)) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new CannotAcquireLockException("the queue of writers did not move for " + WAIT_SECONDS + " s");
        }

        @Override
        public void commit(Connection taken) throws SQLException {
            taken.setAutoCommit(true);
        }

        @Override
        public void giveBack(Connection taken, boolean committed) {
            try {
                if (!committed && !taken.getAutoCommit()) {
                    taken.rollback();
                    taken.setAutoCommit(true);
                }
            } catch (SQLException e) {
                throw new CannotGetJdbcConnectionException("rolling back failed", e);
            } finally {
                turn.unlock();
            }
        }

        @Override
        public void close() {
            turn.lock();
            try {
                connection.close();
            } catch (SQLException e) {
                throw new CannotGetJdbcConnectionException("closing failed", e);
            } finally {
                turn.unlock();
            }
        }
    }
}
