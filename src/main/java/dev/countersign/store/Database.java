package dev.countersign.store;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import dev.countersign.kernel.Observation;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.datasource.SmartDataSource;
import org.springframework.jdbc.support.SQLExceptionSubclassTranslator;
import org.springframework.jdbc.support.SQLExceptionTranslator;

/**
 * Connections and transactions. Reading needs no transaction; writing happens in {@link #write}, whose statements, also
 * those of other stores called from within, are committed together or not at all. Thread-safe.
 */
public final class Database implements AutoCloseable {
    private static final ScopedValue<Connection> CURRENT = ScopedValue.newInstance();
    private static final ScopedValue<List<Runnable>> AFTERWARDS = ScopedValue.newInstance();
    private static final int ATTEMPTS = 5;
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private final Dialect dialect;
    private final HikariDataSource readers;
    private final Writers writers;
    private final Optional<HikariDataSource> watcher;
    private final JdbcClient sql;
    private final JdbcClient watch;
    private final JdbcTemplate many;
    private final AtomicInteger muchAtOnce = new AtomicInteger();
    /** What the tables were when this program began with them. */
    private final AtomicInteger knownSchema = new AtomicInteger();

    private final LongAdder statements = new LongAdder();
    private final LongAdder transactions = new LongAdder();

    Database(Dialect dialect, HikariDataSource readers, Writers writers, Optional<HikariDataSource> watcher) {
        this.dialect = dialect;
        this.readers = readers;
        this.writers = writers;
        this.watcher = watcher;
        this.many = new JdbcTemplate(new CurrentConnection(readers, statements));
        this.many.setExceptionTranslator(translator());
        this.sql = JdbcClient.create(many);
        this.watch = JdbcClient.create(watcher.orElse(readers));
    }

    /** Spring has no name for the end of PostgreSQL's lock_timeout: it is one more reason to try again. */
    private static SQLExceptionTranslator translator() {
        SQLExceptionSubclassTranslator translator = new SQLExceptionSubclassTranslator();
        translator.setCustomTranslator((task, _, e) ->
                LOCK_NOT_AVAILABLE.equals(e.getSQLState()) ? new CannotAcquireLockException(task, e) : null);
        return translator;
    }

    public Dialect dialect() {
        return dialect;
    }

    /**
     * What was asked of the database since the start.
     *
     * @param statements sent, each a round trip to PostgreSQL; a batch is one
     * @param transactions committed by {@link #write}, each one more
     */
    public record Traffic(long statements, long transactions) {
        /** What was asked since {@code earlier}. */
        public Traffic since(Traffic earlier) {
            return new Traffic(statements - earlier.statements, transactions - earlier.transactions);
        }
    }

    public Traffic traffic() {
        return new Traffic(statements.sum(), transactions.sum());
    }

    /** Statements: in the running {@link #write} if there is one, else each by itself and only for reading. */
    public JdbcClient sql() {
        return sql;
    }

    /** For reading that must fail soon when the database cannot be reached; on a connection of its own. */
    public JdbcClient watch() {
        return watch;
    }

    /** The values for an IN, which takes no empty list: then one that nothing has, for no identifier is the empty text. */
    public static <T> List<String> in(Collection<T> things, Function<T, String> value) {
        return things.isEmpty() ? List.of("") : things.stream().map(value).toList();
    }

    /**
     * Runs one statement for each row of parameters, prepared once, inside {@link #write}.
     *
     * @return how many rows of the table each changed
     */
    public int[] batch(String statement, List<Object[]> rows) {
        requireTransaction();
        return rows.isEmpty() ? new int[0] : many.batchUpdate(statement, rows);
    }

    /**
     * Runs {@code work} in one transaction and commits it; an exception rolls it back. Inside another {@code write} it
     * joins that one. {@code work} may run again when the database asks for it (a deadlock, a serialisation failure), so
     * it does nothing but read and write the database.
     *
     * @throws Busy when the database stays busy longer than a person would wait
     */
    public <T> T write(Supplier<T> work) {
        return CURRENT.isBound() ? work.get() : untilNotBusy(() -> writeOnce(work));
    }

    private static <T> T untilNotBusy(Supplier<T> transaction) {
        for (int attempt = 1; ; attempt++) {
            try {
                return Observation.of(Observation.Part.DATABASE_WRITE, transaction);
            } catch (ConcurrencyFailureException e) {
                if (attempt == ATTEMPTS) {
                    throw new Busy(e);
                }
            }
        }
    }

    /** Runs {@code work} once the running {@link #write} is committed, and never if it is not. It touches no database. */
    public void afterCommit(Runnable work) {
        requireTransaction();
        AFTERWARDS.get().add(work);
    }

    /** Whether something is to be done after the running transaction. */
    public boolean isAwaited() {
        return AFTERWARDS.isBound() && !AFTERWARDS.get().isEmpty();
    }

    /** {@link #write(Supplier)} without a result. */
    public void write(Runnable work) {
        write(() -> {
            work.run();
            return true;
        });
    }

    /** As {@link #write(Supplier)}, but never part of another transaction: what it writes stays even if the caller fails. */
    public <T> T writeApart(Supplier<T> work) {
        requireNoTransaction();
        return write(work);
    }

    /**
     * Two transactions, the one right after the other: what {@code first} writes stays even if {@code then} fails, and both are
     * durable when this returns. SQLite writes them to the disk together, and nobody else writes meanwhile, so neither does
     * anything that takes long. Either may run again as in {@link #write(Supplier)}: both if nothing of them was kept.
     *
     * @param first does nothing {@link #afterCommit}
     */
    public <A, T> T writeAfter(Supplier<A> first, Function<A, T> then) {
        requireNoTransaction();
        if (writers.keepsTurns()) {
            return untilNotBusy(() -> bothOnce(first, then));
        }
        A written = write(first);
        return write(() -> then.apply(written));
    }

    private static void requireNoTransaction() {
        if (CURRENT.isBound()) {
            throw new IllegalStateException("a separate transaction cannot start inside another");
        }
    }

    /**
     * Runs work that writes very many rows in many transactions of its own. Meanwhile SQLite keeps more of the file in memory
     * and copies its log back less often: rows with random keys touch most pages of an index again and again.
     *
     * @throws IOException when {@code work} does
     */
    public <T> T writingMuch(MuchWork<T> work) throws IOException {
        if (muchAtOnce.getAndIncrement() == 0) {
            writers.writesMuch(true);
            tune(dialect.forMuch());
        }
        try {
            return work.run();
        } finally {
            if (muchAtOnce.decrementAndGet() == 0) {
                writers.writesMuch(false);
                tune(dialect.forLittle());
            }
        }
    }

    /**
     * To be called between two transactions of {@link #writingMuch}: others write now if they want to, and SQLite copies its
     * log back while they may.
     */
    public void settle() {
        writers.settle();
    }

    private void tune(List<String> statements) {
        if (!statements.isEmpty()) {
            write(() -> statements.forEach(many::execute));
        }
    }

    /** Work that reads a file and writes many transactions. */
    @FunctionalInterface
    public interface MuchWork<T> {
        T run() throws IOException;
    }

    /** Throws unless called inside {@link #write}: for what must never be written apart from its cause. */
    public void requireTransaction() {
        if (!CURRENT.isBound()) {
            throw new IllegalStateException("this must be written in the transaction of what it belongs to");
        }
    }

    private <T> T writeOnce(Supplier<T> work) {
        return inTurn((turn, afterwards) -> inTransaction(turn, work, afterwards));
    }

    private <A, T> T bothOnce(Supplier<A> first, Function<A, T> then) {
        return inTurn((turn, afterwards) -> {
            A written = ScopedValue.where(CURRENT, turn.connection()).call(first::get);
            turn.next();
            transactions.increment();
            return inTransaction(turn, () -> then.apply(written), afterwards);
        });
    }

    /** What happens between the beginning of a turn and its end. */
    private interface Work<T> {
        T in(Writers.Turn turn, List<Runnable> afterwards) throws SQLException;
    }

    private <T> T inTurn(Work<T> work) {
        List<Runnable> afterwards = new ArrayList<>();
        T result = inTurn(work, afterwards);
        afterwards.forEach(Runnable::run);
        return result;
    }

    private <T> T inTurn(Work<T> work, List<Runnable> afterwards) {
        try (Writers.Turn turn = writers.take()) {
            return work.in(turn, afterwards);
        } catch (SQLTransactionRollbackException e) {
            throw new CannotAcquireLockException("commit", e);
        } catch (SQLException e) {
            throw new UncategorizedSQLException("commit", null, e);
        }
    }

    private <T> T inTransaction(Writers.Turn turn, Supplier<T> work, List<Runnable> afterwards) throws SQLException {
        T result = ScopedValue.where(AFTERWARDS, afterwards)
                .where(CURRENT, turn.connection())
                .call(work::get);
        turn.commit();
        transactions.increment();
        return result;
    }

    /**
     * Whether the database answers, takes changes and has the tables this program knows: what is wrong, in a sentence. Waits as
     * long as for any statement.
     */
    public Optional<String> probe() {
        try {
            int schema = Integer.parseInt(sql.sql(
                            "SELECT version FROM schema_history WHERE version IS NOT NULL ORDER BY installed_rank DESC LIMIT 1")
                    .query(String.class)
                    .single());
            int known = knownSchema.updateAndGet(before -> before == 0 ? schema : before);
            if (schema < known) {
                return Optional.of("The database has schema version " + schema + ", this program needs " + known
                        + ": an older one was put in its place.");
            }
            boolean reading = dialect == Dialect.POSTGRESQL
                    && sql.sql("SELECT pg_is_in_recovery()")
                            .query(Boolean.class)
                            .single();
            return reading ? Optional.of("The database is a standby, which takes no changes.") : Optional.empty();
        } catch (DataAccessException | NumberFormatException e) {
            return Optional.of("The database does not answer: " + e.getMessage());
        }
    }

    /** How busy the connections are. */
    public record Use(int connections, int inUse, int waiting, int writersWaiting) {}

    public Use use() {
        HikariPoolMXBean pool = readers.getHikariPoolMXBean();
        return pool == null
                ? new Use(0, 0, 0, writers.waiting())
                : new Use(
                        pool.getTotalConnections(),
                        pool.getActiveConnections(),
                        pool.getThreadsAwaitingConnection(),
                        writers.waiting());
    }

    @Override
    public void close() {
        writers.close();
        watcher.ifPresent(HikariDataSource::close);
        readers.close();
    }

    /** The database is taken by others; try again in a moment. */
    public static final class Busy extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Busy(Throwable cause) {
            super("the database is busy", cause);
        }
    }

    /** Hands out the transaction's connection inside {@link #write}, else one of the readers. */
    private static final class CurrentConnection extends AbstractDataSource implements SmartDataSource {
        private final DataSource readers;
        private final LongAdder statements;

        CurrentConnection(DataSource readers, LongAdder statements) {
            this.readers = readers;
            this.statements = statements;
        }

        @Override
        public Connection getConnection() throws SQLException {
            statements.increment(); // each statement asks once
            return CURRENT.isBound() ? CURRENT.get() : readers.getConnection();
        }

        @Override
        public Connection getConnection(String username, String password) throws SQLException {
            return getConnection();
        }

        @Override
        public boolean shouldClose(Connection connection) {
            return !CURRENT.isBound();
        }
    }
}
