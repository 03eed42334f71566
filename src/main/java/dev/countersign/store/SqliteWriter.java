package dev.countersign.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.sqlite.SQLiteErrorCode;

/**
 * One connection behind a fair queue, for SQLite, which lets one writer in at a time. Waiting happens here and not in native
 * code, where a virtual thread would hold its carrier.
 *
 * <p>To commit is to wait for the disk, which takes longer than what most transactions do. So where others wait, a transaction
 * only ends its savepoint and gives its turn on; the last one, or one of a few, commits for all. Each returns when its own
 * changes are durable, and none of them has seen more than what was committed or is committed with it.
 *
 * <p>The driver begins a transaction, and takes the file's write lock, whenever auto-commit is off; so it is off only while
 * someone writes, and other processes get their turn. SQLite has no queue of processes: who waits for one asks again and again,
 * and who has written much pauses for so long that it is heard.
 */
final class SqliteWriter implements Writers {
    /** How many transactions are committed together at most: the first of them waits, and so do other processes. */
    static final int MOST_TOGETHER = 32;

    private static final long ASKED_AGAIN_NANOS = 1_000_000;
    private static final long PAUSE_NANOS = 2 * ASKED_AGAIN_NANOS;
    /** Who was to commit for others may have given up waiting. */
    private static final long LOOKED_AFTER_MILLIS = 20;
    /** 8 MiB. */
    private static final int COPIED_AT_PAGES = 2_048;

    private final Connection connection;
    private final Connection settling;
    private final Duration longest;
    private final ReentrantLock turn = new ReentrantLock(true);
    private final AtomicBoolean settles = new AtomicBoolean();
    private volatile boolean alone;
    /** The transaction that is open, or the last one. For whoever has the turn. */
    private Group open = Group.ended();

    /**
     * @param connection writes; it waits for no other process by itself
     * @param settling copies the log back
     * @param longest how long one waits for those before it
     */
    SqliteWriter(Connection connection, Connection settling, Duration longest) {
        this.connection = connection;
        this.settling = settling;
        this.longest = longest;
    }

    /** Transactions that are committed together. */
    private static final class Group {
        private final CountDownLatch ended = new CountDownLatch(1);
        private int members;
        private volatile Optional<SQLException> failed = Optional.empty();

        static Group ended() {
            Group none = new Group();
            none.end(Optional.empty());
            return none;
        }

        void end(Optional<SQLException> failure) {
            failed = failure;
            ended.countDown();
        }

        boolean isEnded() {
            return ended.getCount() == 0;
        }
    }

    @Override
    public Turn take() {
        long patience = await();
        boolean taken = false;
        try {
            Turn mine = open.isEnded() ? first(patience) : next();
            taken = true;
            return mine;
        } catch (SQLException e) {
            throw new CannotGetJdbcConnectionException("no transaction can be begun", e);
        } finally {
            if (!taken) {
                turn.unlock();
            }
        }
    }

    private Member first(long patience) throws SQLException {
        long left = patience;
        while (!begin()) {
            if (left <= 0) {
                throw new CannotAcquireLockException("another process is writing");
            }
            LockSupport.parkNanos(ASKED_AGAIN_NANOS);
            left -= ASKED_AGAIN_NANOS;
        }
        open = new Group();
        return new Member(open, false);
    }

    private Member next() throws SQLException {
        try {
            run("SAVEPOINT member");
        } catch (SQLException e) {
            abandon(Optional.of(e));
            throw e;
        }
        return new Member(open, true);
    }

    /** Transactions of a group, one after the other; all but the first of the group are savepoints in it. */
    private final class Member implements Turn {
        private final Group group;
        private boolean nested;
        private boolean finished;

        Member(Group group, boolean nested) {
            this.group = group;
            this.nested = nested;
        }

        @Override
        public Connection connection() {
            return connection;
        }

        @Override
        public void next() throws SQLException {
            release();
            nested = true;
            run("SAVEPOINT member");
        }

        private void release() throws SQLException {
            if (nested) {
                run("RELEASE member");
            }
            group.members++;
        }

        @Override
        public void commit() throws SQLException {
            release();
            finished = true;
            boolean commits = !othersCome();
            if (commits) {
                commitTogether();
            }
            turn.unlock();
            awaitEnd(group);
            if (group.failed.isPresent()) {
                SQLException failure = group.failed.get();
                throw commits ? failure : lost(failure);
            }
        }

        @Override
        public void close() {
            if (finished) {
                return;
            }
            finished = true;
            try {
                takeBack();
                if (!open.isEnded() && !othersCome()) {
                    commitTogether();
                }
            } finally {
                turn.unlock();
            }
        }

        /** Where SQLite itself has rolled back everything, the others of the group are told. */
        private void takeBack() {
            if (!nested) {
                abandon(Optional.empty());
                return;
            }
            try {
                run("ROLLBACK TO member");
                run("RELEASE member");
            } catch (SQLException e) {
                abandon(Optional.of(e));
            }
        }
    }

    /** It was not this one's fault: it is done again. */
    private static SQLTransactionRollbackException lost(SQLException failure) {
        return new SQLTransactionRollbackException("what it was to be committed with was not committed", failure);
    }

    private boolean othersCome() {
        return !alone && turn.hasQueuedThreads() && open.members < MOST_TOGETHER;
    }

    private void commitTogether() {
        try {
            connection.setAutoCommit(true);
            open.end(Optional.empty());
        } catch (SQLException e) {
            abandon(Optional.of(e));
        }
    }

    /** Nothing is open after that, whatever SQLite has rolled back by itself and whatever the driver believes. */
    private void abandon(Optional<SQLException> failure) {
        try {
            run("ROLLBACK");
        } catch (SQLException e) {
            // There was nothing left to roll back.
        }
        endNothing();
        open.end(failure);
    }

    /** Whoever was to commit for this one may have given up: then one of those who wait does it. */
    private void awaitEnd(Group group) {
        boolean interrupted = false;
        while (!group.isEnded()) {
            try {
                if (!group.ended.await(LOOKED_AFTER_MILLIS, TimeUnit.MILLISECONDS) && turn.tryLock()) {
                    commitLeft(group);
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void commitLeft(Group group) {
        try {
            if (!group.isEnded()) {
                commitTogether();
            }
        } finally {
            turn.unlock();
        }
    }

    private void run(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.execute();
        }
    }

    @Override
    public boolean keepsTurns() {
        return true;
    }

    @Override
    public int waiting() {
        return turn.getQueueLength();
    }

    @Override
    public void writesMuch(boolean much) {
        alone = much;
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
    public void close() {
        turn.lock();
        try {
            if (!open.isEnded()) {
                commitTogether();
            }
            settling.close();
            connection.close();
        } catch (SQLException e) {
            throw new CannotGetJdbcConnectionException("closing failed", e);
        } finally {
            turn.unlock();
        }
    }
}
