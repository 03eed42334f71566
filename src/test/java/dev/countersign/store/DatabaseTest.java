package dev.countersign.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.countersign.kernel.StartFailure;
import dev.countersign.support.Crowd;
import dev.countersign.support.TestInstallation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessException;

/** Transactions, on both databases. */
class DatabaseTest {
    private static final Databases.Patience IMPATIENT = new Databases.Patience(
            Duration.ofSeconds(5), Duration.ofMillis(40), Duration.ofSeconds(20), Duration.ofSeconds(20));

    /** On another thread, as another process would: here everything belongs to the running transaction. */
    private static void elsewhere(Runnable work) {
        try {
            Crowd.together(1, Executors.callable(work));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Nested
    class OnSqlite extends Contract {
        OnSqlite() {
            super(TestInstallation.sqlite().database());
        }

        @Test
        void what_is_not_in_a_transaction_cannot_write() {
            assertThatThrownBy(() -> insert("anything")).isInstanceOf(DataAccessException.class);
            assertThat(rows("anything")).isZero();
        }

        @Test
        void another_process_sees_what_is_committed_and_takes_its_turn_writing() {
            Path file = TestInstallation.newDirectory().resolve("countersign.db");
            try (Database one = Databases.openSqlite(file);
                    Database other = Databases.openSqlite(file)) {
                for (int i = 0; i < 20; i++) {
                    insertInto(i % 2 == 0 ? one : other, "row-" + i);
                }
                assertThat(count(one, "row-%")).isEqualTo(20);
                assertThat(count(other, "row-%")).isEqualTo(20);
            }
        }

        @Test
        void who_cannot_begin_for_another_process_gives_up_and_writes_whole_transactions_afterwards() {
            Path file = TestInstallation.newDirectory().resolve("countersign.db");
            try (Database one = Databases.openSqlite(file);
                    Database other = Databases.openSqlite(file, IMPATIENT)) {
                one.write(() -> assertThatThrownBy(() -> elsewhere(() -> insertInto(other, "never")))
                        .hasStackTraceContaining(Database.Busy.class.getName()));
                assertThatThrownBy(() -> other.write(() -> {
                            insertWith(other, "half");
                            throw new IllegalStateException("on purpose");
                        }))
                        .hasMessage("on purpose");
                assertThat(count(other, "half")).isZero();
                insertInto(other, "whole");
                assertThat(count(one, "%")).isEqualTo(1);
            }
        }

        @Test
        void much_that_is_written_leaves_others_a_turn_and_the_log_is_copied_back() throws IOException {
            Path file = TestInstallation.newDirectory().resolve("countersign.db");
            try (Database one = Databases.openSqlite(file);
                    Database other = Databases.openSqlite(file, IMPATIENT)) {
                String large = "x".repeat(1 << 20);
                one.writingMuch(() -> {
                    for (int i = 0; i < 40; i++) {
                        insertInto(one, i + large);
                        one.settle();
                        String row = "other-" + i;
                        elsewhere(() -> insertInto(other, row));
                    }
                    return true;
                });
                assertThat(count(one, "other-%")).isEqualTo(40);
                assertThat(Path.of(file + "-wal"))
                        .satisfies(log -> assertThat(Files.size(log)).isLessThan(30 << 20));
            }
        }

        @Test
        void closing_while_connections_are_opened_says_nothing() throws Exception {
            Logger pool = (Logger) LoggerFactory.getLogger("com.zaxxer.hikari");
            ListAppender<ILoggingEvent> lines = new ListAppender<>();
            lines.start();
            pool.addAppender(lines);
            try {
                for (int i = 0; i < 20; i++) {
                    Path file = TestInstallation.newDirectory().resolve("countersign.db");
                    try (Database soon = Databases.openSqlite(file)) {
                        Crowd.together(8, () -> count(soon, "%"));
                    }
                }
            } finally {
                pool.detachAppender(lines);
            }
            assertThat(lines.list)
                    .filteredOn(line -> line.getLevel().isGreaterOrEqual(Level.WARN))
                    .isEmpty();
        }

        @Test
        void opening_again_changes_nothing() {
            Path file = TestInstallation.newDirectory().resolve("countersign.db");
            try (Database first = Databases.openSqlite(file)) {
                insertInto(first, "kept");
            }
            try (Database second = Databases.openSqlite(file)) {
                assertThat(count(second, "kept")).isEqualTo(1);
            }
        }

        @Test
        void a_newer_schema_is_refused() {
            Path file = TestInstallation.newDirectory().resolve("countersign.db");
            try (Database first = Databases.openSqlite(file)) {
                makeNewer(first);
            }
            assertThatThrownBy(() -> Databases.openSqlite(file)).isInstanceOfSatisfying(StartFailure.class, failure -> {
                assertThat(failure.kind()).isEqualTo(StartFailure.Kind.SCHEMA_NEWER);
                assertThat(failure).hasMessageContaining("schema version 999");
            });
        }
    }

    @Nested
    class OnPostgresql extends Contract {
        OnPostgresql() {
            super(TestInstallation.postgresql().database());
        }

        @Test
        void a_newer_schema_is_refused() {
            String url = TestInstallation.newPostgresqlDatabase();
            try (Database first = Databases.openPostgresql(url, "postgres", "")) {
                makeNewer(first);
            }
            assertThatThrownBy(() -> Databases.openPostgresql(url, "postgres", ""))
                    .isInstanceOfSatisfying(
                            StartFailure.class,
                            failure -> assertThat(failure.kind()).isEqualTo(StartFailure.Kind.SCHEMA_NEWER));
        }

        @Test
        void a_row_that_somebody_holds_is_waited_for_and_then_given_up() throws SQLException {
            String url = TestInstallation.newPostgresqlDatabase();
            try (Database waiting = Databases.openPostgresql(url, "postgres", "", IMPATIENT);
                    Connection holder = DriverManager.getConnection(url, "postgres", "")) {
                insertInto(waiting, "held");
                holder.setAutoCommit(false);
                holder.createStatement().execute("UPDATE environment SET name = 'mine' WHERE id = 'held'");
                assertThatThrownBy(() -> waiting.write(() -> waiting.sql()
                                .sql("UPDATE environment SET name = 'theirs' WHERE id = 'held'")
                                .update()))
                        .isInstanceOf(Database.Busy.class);
                holder.rollback();
                insertInto(waiting, "next");
                assertThat(count(waiting, "%")).isEqualTo(2);
                // PgBouncerTest says the same of what stands behind one, where each transaction has its own.
                assertThat(List.of("statement_timeout", "idle_in_transaction_session_timeout"))
                        .allSatisfy(limit -> assertThat(waiting.write(() -> waiting.sql()
                                        .sql("SHOW " + limit)
                                        .query(String.class)
                                        .single()))
                                .isEqualTo("20s"));
            }
        }

        @Test
        void a_server_that_is_not_there_is_said_in_one_line() {
            assertThatThrownBy(() -> Databases.openPostgresql("jdbc:postgresql://127.0.0.1:1/none", "nobody", "secret"))
                    .isInstanceOfSatisfying(StartFailure.class, failure -> {
                        assertThat(failure.kind()).isEqualTo(StartFailure.Kind.DATABASE);
                        assertThat(failure.getMessage())
                                .doesNotContain("secret")
                                .doesNotContain("\n");
                    });
        }
    }

    abstract static class Contract {
        private final Database database;

        Contract(Database database) {
            this.database = database;
        }

        @Test
        void what_is_written_together_is_there_together() {
            String name = TestInstallation.fresh("both");
            database.write(() -> {
                insert(name + "-a");
                insert(name + "-b");
            });
            assertThat(rows(name + "-%")).isEqualTo(2);
        }

        @Test
        void an_exception_undoes_everything() {
            String name = TestInstallation.fresh("undone");
            assertThatThrownBy(() -> database.write(() -> {
                        insert(name);
                        throw new IllegalArgumentException("on purpose");
                    }))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("on purpose");
            assertThat(rows(name)).isZero();
        }

        @Test
        void a_failed_statement_undoes_everything_and_the_next_write_works() {
            String name = TestInstallation.fresh("twice");
            assertThatThrownBy(() -> database.write(() -> {
                        insert(name);
                        insert(name);
                    }))
                    .isInstanceOf(DataAccessException.class);
            assertThat(rows(name)).isZero();
            database.write(() -> insert(name));
            assertThat(rows(name)).isEqualTo(1);
        }

        @Test
        void a_transaction_reads_what_it_has_written_and_others_do_not() throws Exception {
            String name = TestInstallation.fresh("mine");
            database.write(() -> {
                insert(name);
                assertThat(rows(name)).isEqualTo(1);
                assertThat(inAnotherThread(name)).isZero();
            });
            assertThat(inAnotherThread(name)).isEqualTo(1);
        }

        private long inAnotherThread(String name) {
            try {
                return Crowd.together(1, () -> rows(name)).getFirst();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        @Test
        void a_write_inside_another_belongs_to_it() {
            String name = TestInstallation.fresh("nested");
            assertThatThrownBy(() -> database.write(() -> {
                        database.write(() -> insert(name));
                        throw new IllegalStateException("the outer fails");
                    }))
                    .hasMessage("the outer fails");
            assertThat(rows(name)).isZero();
        }

        @Test
        void a_write_apart_cannot_be_inside_another() {
            String name = TestInstallation.fresh("apart");
            assertThatThrownBy(() -> database.write(() -> database.writeApart(() -> {
                        insert(name);
                        return true;
                    })))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("separate transaction");
            assertThat(rows(name)).isZero();
            assertThat(database.writeApart(() -> {
                        insert(name);
                        return "done";
                    }))
                    .isEqualTo("done");
            assertThat(rows(name)).isEqualTo(1);
        }

        @Test
        void of_two_in_a_row_the_first_stays_whatever_becomes_of_the_second() throws Exception {
            String name = TestInstallation.fresh("after");
            assertThat(database.<Integer, String>writeAfter(
                            () -> {
                                insert(name + "-1");
                                return 1;
                            },
                            before -> {
                                insert(name + "-2");
                                return before + " and 2, " + rows(name + "-%");
                            }))
                    .isEqualTo("1 and 2, 2");
            Crowd.together(16, () -> {
                for (int i = 0; i < 10; i++) {
                    String counted = TestInstallation.fresh(name + "-counted");
                    boolean fails = i % 2 == 0;
                    try {
                        database.<Boolean, Boolean>writeAfter(
                                () -> {
                                    insert(counted);
                                    return fails;
                                },
                                failing -> {
                                    insert(counted + "-looked");
                                    if (failing) {
                                        throw new IllegalArgumentException("on purpose");
                                    }
                                    return true;
                                });
                        assertThat(fails).isFalse();
                    } catch (IllegalArgumentException e) {
                        assertThat(fails).isTrue();
                    }
                }
                return true;
            });
            assertThat(rows(name + "-counted%-looked")).isEqualTo(80);
            assertThat(rows(name + "-counted%")).isEqualTo(160 + 80);
            database.write(() -> insert(name + "-next"));
            assertThat(rows(name + "-next"))
                    .as("nobody is left in a transaction")
                    .isEqualTo(1);
        }

        @Test
        void two_in_a_row_are_no_part_of_another_and_undo_nothing_of_the_first_when_the_second_is_done_again() {
            String name = TestInstallation.fresh("twice");
            assertThatThrownBy(() -> database.write(() -> database.writeAfter(() -> 1, first -> first)))
                    .isInstanceOf(IllegalStateException.class);
            AtomicInteger attempts = new AtomicInteger();
            database.writeAfter(
                    () -> {
                        insert(TestInstallation.fresh(name));
                        return 1;
                    },
                    _ -> {
                        if (attempts.incrementAndGet() < 3) {
                            throw new CannotAcquireLockException("on purpose");
                        }
                        return 1;
                    });
            assertThat(attempts).hasValue(3);
            assertThat(rows(name + "%")).as("counted at least once").isPositive();
        }

        @Test
        void what_needs_a_transaction_says_so() {
            assertThatThrownBy(database::requireTransaction).isInstanceOf(IllegalStateException.class);
            database.write(database::requireTransaction);
        }

        @Test
        void work_the_database_refused_for_the_moment_is_done_again_from_the_start() {
            String name = TestInstallation.fresh("again");
            AtomicInteger attempts = new AtomicInteger();
            database.write(() -> {
                insert(name + "-" + attempts.get());
                if (attempts.incrementAndGet() < 3) {
                    throw new CannotAcquireLockException("on purpose");
                }
            });
            assertThat(attempts).hasValue(3);
            assertThat(rows(name + "-%")).isEqualTo(1);
            assertThat(rows(name + "-2")).isEqualTo(1);
        }

        @Test
        void a_database_that_stays_busy_is_given_up() {
            AtomicInteger attempts = new AtomicInteger();
            assertThatThrownBy(() -> database.write(() -> {
                        attempts.incrementAndGet();
                        throw new CannotAcquireLockException("on purpose");
                    }))
                    .isInstanceOf(Database.Busy.class);
            assertThat(attempts.get()).isBetween(2, 10);
        }

        @Test
        void many_writers_at_once_lose_nothing() throws Exception {
            String name = TestInstallation.fresh("crowd");
            AtomicInteger next = new AtomicInteger();
            Crowd.together(16, () -> {
                for (int i = 0; i < 10; i++) {
                    String row = name + "-" + next.incrementAndGet();
                    database.write(() -> insert(row));
                }
                return true;
            });
            assertThat(rows(name + "-%")).isEqualTo(160);
        }

        final void insert(String name) {
            insertWith(database, name);
        }

        final long rows(String pattern) {
            return count(database, pattern);
        }
    }

    private static void insertWith(Database database, String name) {
        database.sql()
                .sql(
                        "INSERT INTO environment (id, name, display_name, sign_in_style, created_at) VALUES (?, ?, '', 'ONE_PAGE', 0)")
                .params(name, name)
                .update();
    }

    private static void insertInto(Database database, String name) {
        database.write(() -> insertWith(database, name));
    }

    private static long count(Database database, String pattern) {
        return database.sql()
                .sql("SELECT count(*) FROM environment WHERE id LIKE ?")
                .param(pattern)
                .query(Long.class)
                .single();
    }

    /** As if a later version of the program had been here. */
    private static void makeNewer(Database database) {
        database.write(() -> database.sql().sql("""
                        INSERT INTO schema_history
                        SELECT 999, '999', 'later', type, script, checksum, installed_by, installed_on, execution_time, success
                        FROM schema_history WHERE version = '1'""").update());
    }
}
