package dev.countersign.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.support.Crowd;
import dev.countersign.support.Dice;
import dev.countersign.support.Soon;
import dev.countersign.support.TestInstallation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessException;

/** Transactions that are committed together: each is whole, durable when it returns, and pays for no other. */
class SqliteWriterTest {
    private static final Databases.Patience IMPATIENT = new Databases.Patience(
            Duration.ofSeconds(5), Duration.ofMillis(3), Duration.ofSeconds(20), Duration.ofSeconds(20));

    private final Database database =
            Databases.openSqlite(TestInstallation.newDirectory().resolve("countersign.db"));
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeEach
    void begin() {
        database.write(() -> insert("there"));
    }

    @AfterEach
    void close() {
        threads.close();
        database.close();
    }

    private void insert(String name) {
        insert(database, "INSERT", name);
    }

    private static void insert(Database into, String verb, String name) {
        into.sql()
                .sql(
                        verb
                                + " INTO environment (id, name, display_name, sign_in_style, created_at) VALUES (?, ?, '', 'ONE_PAGE', 0)")
                .params(name, name)
                .update();
    }

    private List<String> rows() {
        return database.sql()
                .sql("SELECT id FROM environment WHERE id <> 'there' ORDER BY id")
                .query(String.class)
                .list();
    }

    /** SQLite ends the whole transaction by itself, as it may do when the disk is full. */
    private void loseTransaction() {
        insert(database, "INSERT OR ROLLBACK", "there");
    }

    private Future<?> write(Runnable work) {
        int before = database.use().writersWaiting();
        Future<?> written = threads.submit(() -> database.write(work));
        assertThat(Soon.becomes(() -> database.use().writersWaiting() > before)).isTrue();
        return written;
    }

    @Test
    void a_transaction_sqlite_has_ended_by_itself_leaves_the_next_one_whole() {
        assertThatThrownBy(() -> database.write(() -> {
                    insert("half");
                    loseTransaction();
                }))
                .isInstanceOf(DataAccessException.class);
        assertThatThrownBy(() -> database.write(() -> {
                    insert("next");
                    throw new IllegalStateException("on purpose");
                }))
                .hasMessage("on purpose");
        assertThat(rows()).isEmpty();
        database.write(() -> insert("whole"));
        assertThat(rows()).containsExactly("whole");
    }

    @Test
    void each_that_waits_is_there_when_it_returns_and_one_that_fails_is_not() throws Exception {
        ConcurrentLinkedQueue<Future<?>> others = new ConcurrentLinkedQueue<>();
        AtomicInteger seenByTheLast = new AtomicInteger();
        database.write(() -> {
            insert("a");
            others.add(write(() -> insert("b")));
            others.add(write(() -> {
                insert("c");
                throw new IllegalStateException("on purpose");
            }));
            others.add(write(() -> {
                insert("d");
                seenByTheLast.set(rows().size());
            }));
        });
        assertThat(rows()).as("what returned is committed").contains("a");
        others.poll().get();
        assertThatThrownBy(others.poll()::get)
                .isInstanceOf(ExecutionException.class)
                .hasStackTraceContaining("on purpose");
        others.poll().get();
        assertThat(rows()).containsExactly("a", "b", "d");
        assertThat(seenByTheLast).as("a, b and d").hasValue(3);
    }

    @Test
    void who_loses_the_transaction_of_others_fails_alone() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        ConcurrentLinkedQueue<Future<?>> others = new ConcurrentLinkedQueue<>();
        database.write(() -> {
            insert("first");
            if (attempts.getAndIncrement() == 0) {
                others.add(write(this::loseTransaction));
                others.add(write(() -> insert("last")));
            }
        });
        assertThat(attempts).as("it was lost and done again").hasValue(2);
        assertThatThrownBy(others.poll()::get).hasStackTraceContaining("UNIQUE");
        others.poll().get();
        assertThat(rows()).containsExactly("first", "last");
    }

    @Test
    void another_process_gets_its_turn_where_many_write_all_the_time() throws Exception {
        String file = database.sql()
                .sql("SELECT file FROM pragma_database_list WHERE name = 'main'")
                .query(String.class)
                .single();
        AtomicInteger number = new AtomicInteger();
        try (Database other = Databases.openSqlite(Path.of(file))) {
            List<Future<?>> busy = Stream.generate(() -> threads.submit(() -> {
                        while (!Thread.currentThread().isInterrupted()) {
                            String name = "busy-" + number.incrementAndGet();
                            database.write(() -> insert(name));
                        }
                    }))
                    .limit(24)
                    .<Future<?>>map(each -> each)
                    .toList();
            for (int i = 0; i < 10; i++) {
                String name = "other-" + i;
                other.write(() -> insert(other, "INSERT", name));
            }
            busy.forEach(each -> each.cancel(true));
        }
        assertThat(rows().stream().filter(name -> name.startsWith("other-"))).hasSize(10);
    }

    /** Who was to commit for the others may be among those. */
    @Test
    void nobody_waits_for_one_that_gave_up() throws Exception {
        String file = TestInstallation.newDirectory().resolve("countersign.db").toString();
        Dice dice = Dice.thrown("SqliteWriterTest");
        AtomicInteger written = new AtomicInteger();
        AtomicInteger gaveUp = new AtomicInteger();
        try (Database hasty = Databases.openSqlite(Path.of(file), IMPATIENT)) {
            Crowd.together(16, () -> {
                for (int i = 0; i < 150; i++) {
                    String name = "row-" + written.get() + "-"
                            + Thread.currentThread().threadId() + "-" + i;
                    if (dice.oneIn(10)) {
                        Thread.currentThread().interrupt();
                    }
                    try {
                        hasty.write(() -> insert(hasty, "INSERT", name));
                        written.incrementAndGet();
                    } catch (Database.Busy | CannotAcquireLockException e) {
                        gaveUp.incrementAndGet();
                    }
                    Thread.interrupted();
                }
                return true;
            });
            assertThat(gaveUp).as("who was interrupted in the queue").hasPositiveValue();
            assertThat(hasty.sql()
                            .sql("SELECT count(*) FROM environment")
                            .query(Integer.class)
                            .single())
                    .isEqualTo(written.get());
        }
    }
}
