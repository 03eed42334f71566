package dev.countersign.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.sqlite.SQLiteErrorCode;

/** Connections that write, each inside an open transaction when taken. */
interface Writers extends AutoCloseable {
    Connection take();

    void commit(Connection connection) throws SQLException;

    /** How many wait for their turn in this process. */
    int waiting();

    /** Lets others write before whoever has written much goes on. */
    void settle();

    /** Rolls back what was not committed. */
    void giveBack(Connection connection, boolean committed);

    @Override
    void close();

    /**
     * A pool, for a database that orders writers itself.
     *
     * @param eachTime the limits of a transaction, where they cannot be set once for a connection
     */
    record Pooled(DataSource pool, Optional<String> eachTime) implements Writers {
        @Override
        public Connection take() {
            Connection connection = begin();
            if (eachTime.isPresent()) {
                limit(connection, eachTime.get());
            }
            return connection;
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

        private void limit(Connection connection, String limits) {
            boolean limited = false;
            try (Statement statement = connection.createStatement()) {
                statement.execute(limits);
                limited = true;
            } catch (SQLException e) {
                throw new CannotGetJdbcConnectionException("no transaction can be begun", e);
            } finally {
                if (!limited) {
                    giveBack(connection, false);
                }
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
        public void close() {
            // The pool is the readers' too and is closed with them.
        }
    }

    /**
     * One connection behind a fair queue, for SQLite, which lets one writer in at a time. Waiting happens here and not in
     * native code, where a virtual thread would hold its carrier. The driver begins a transaction, and takes the file's write
     * lock, whenever auto-commit is off; so it is off only while someone writes, and other processes get their turn. SQLite
     * has no queue of processes: who waits for one asks again and again, and who has written much pauses for so long that it
     * is heard.
     */
    final class Queued implements Writers {
        private static final long ASKED_AGAIN_NANOS = 1_000_000;
        private static final long PAUSE_NANOS = 2 * ASKED_AGAIN_NANOS;
        /** 8 MiB. */
        private static final int COPIED_AT_PAGES = 2_048;

        private final Connection connection;
        private final Connection settling;
        private final Duration longest;
        private final ReentrantLock turn = new ReentrantLock(true);
        private final AtomicBoolean settles = new AtomicBoolean();

        /**
         * @param connection writes; it waits for no other process by itself
         * @param settling copies the log back
         * @param longest how long one waits for those before it
         */
        Queued(Connection connection, Connection settling, Duration longest) {
            this.connection = connection;
            this.settling = settling;
            this.longest = longest;
        }

        @Override
        public Connection take() {
            long patience = await();
            boolean begun = false;
            try {
                while (!begin()) {
                    if (patience <= 0) {
                        throw new CannotAcquireLockException("another process is writing");
                    }
                    LockSupport.parkNanos(ASKED_AGAIN_NANOS);
                    patience -= ASKED_AGAIN_NANOS;
                }
                begun = true;
                return connection;
            } catch (SQLException e) {
                throw new CannotGetJdbcConnectionException("no transaction can be begun", e);
            } finally {
                if (!begun) {
                    turn.unlock();
                }
            }
        }

        @Override
        public int waiting() {
            return turn.getQueueLength();
        }

        /** False while another process writes. */
        private boolean begin() throws SQLException {
            try {
                connection.setAutoCommit(false);
                return true;
            } catch (SQLException e) {
                endNothing();
                if (e.getErrorCode() == SQLiteErrorCode.SQLITE_BUSY.code) {
                    return false;
                }
                throw e;
            }
        }

        /** The driver takes auto-commit for off although nothing has begun: what is written next would be committed piece by piece. */
        private void endNothing() {
            try {
                connection.setAutoCommit(true);
            } catch (SQLException e) {
                // It says that there is nothing to end, and knows it from now on.
            }
        }

        /** How many nanoseconds are left to wait once it is our turn in this process. */
        private long await() {
            try {
                if (turn.tryLock(longest.toNanos(), TimeUnit.NANOSECONDS)) {
                    return longest.toNanos();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new CannotAcquireLockException("the queue of writers did not move for " + longest.toMillis() + " ms");
        }

        /** Nobody who writes waits for the copying, which begins with the file as it is now and takes no lock of theirs. */
        @Override
        public void settle() {
            if (settles.compareAndSet(false, true)) {
                try (Statement statement = settling.createStatement()) {
                    if (notCopied(statement) > COPIED_AT_PAGES) {
                        statement.execute("PRAGMA wal_checkpoint(PASSIVE)");
                    }
                } catch (SQLException e) {
                    throw new CannotGetJdbcConnectionException("the log could not be copied back", e);
                } finally {
                    settles.set(false);
                }
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }

        private static int notCopied(Statement statement) throws SQLException {
            try (ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(NOOP)")) {
                return row.next() ? row.getInt("log") - row.getInt("checkpointed") : 0;
            }
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
                settling.close();
                connection.close();
            } catch (SQLException e) {
                throw new CannotGetJdbcConnectionException("closing failed", e);
            } finally {
                turn.unlock();
            }
        }
    }
}
