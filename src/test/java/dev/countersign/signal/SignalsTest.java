package dev.countersign.signal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.directory.Account;
import dev.countersign.directory.Environment;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Ticks;
import dev.countersign.store.Database;
import dev.countersign.support.TestClock;
import dev.countersign.support.TestInstallation;
import java.lang.reflect.RecordComponent;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;

/** Signals between nodes, on both databases. A node of its own listens here. */
class SignalsTest {
    /** Events after which nothing that anybody keeps is wrong. A new event stands here or sends a signal. */
    private static final Set<String> SILENT = Set.of(
            "account-created",
            "account-imported",
            "address-slowed",
            "administrators-told",
            "api-key-created",
            "approval-digits-wrong",
            "approval-drawn",
            "approval-given",
            "approval-held-back",
            "approval-refused",
            "approval-replayed",
            "approval-requested",
            "backup-made",
            "bulk-started",
            "challenge-answered",
            "challenge-refused",
            "clock-jumped",
            "entries-removed",
            "group-created",
            "guesses-lifted",
            "integrity-broken",
            "key-added",
            "key-in-use",
            "key-retired",
            "known-browser-remembered",
            "log-went-back",
            "mail-server-changed",
            "moved-to-postgresql",
            "new-app-code-refused",
            "people-exported",
            "phone-invitation-used",
            "phone-invited",
            "retention-changed",
            "setup-link-issued",
            "sign-in-completed",
            "sign-in-refused",
            "sign-in-throttled");

    @Nested
    class OnSqlite extends Contract {
        OnSqlite() {
            super(TestInstallation.sqlite());
        }
    }

    @Nested
    class OnPostgresql extends Contract {
        OnPostgresql() {
            super(TestInstallation.postgresql());
        }

        @Test
        void a_signal_that_is_committed_after_a_later_one_is_heard() throws SQLException {
            Node node = new Node(installation.database());
            node.read();
            try (Connection late = raw();
                    Connection early = raw()) {
                late.setAutoCommit(false);
                insert(late, "late");
                insert(early, "early");
                node.read();
                assertThat(node.environments()).contains("early").doesNotContain("late");
                node.ticks.addAndGet(Duration.ofSeconds(1).toNanos());
                node.read();
                late.commit();
                node.read();
                assertThat(node.environments()).contains("late");
                node.heard.clear();
                node.read();
                assertThat(node.heard).isEmpty();
            }
        }

        @Test
        void a_signal_that_was_open_when_the_node_started_is_heard() throws SQLException {
            try (Connection open = raw();
                    Connection other = raw()) {
                open.setAutoCommit(false);
                insert(open, "open");
                insert(other, "other");
                Node node = new Node(installation.database());
                node.read();
                open.commit();
                node.read();
                assertThat(node.environments()).contains("open");
            }
        }

        private Connection raw() throws SQLException {
            String url = installation
                    .database()
                    .sql()
                    .sql(
                            "SELECT 'jdbc:postgresql://localhost:' || current_setting('port') || '/' || current_database()")
                    .query((row, _) -> row.getString(1))
                    .single();
            return DriverManager.getConnection(url, "postgres", "");
        }

        private void insert(Connection connection, String environment) throws SQLException {
            try (var statement = connection.createStatement()) {
                statement.execute("INSERT INTO signal (environment_id, at) VALUES ('" + environment + "', 0)");
            }
        }
    }

    /** What another node hears, on a counter and a clock of its own. */
    private static final class Node {
        private final AtomicLong ticks = new AtomicLong(1);
        private final TestClock clock = new TestClock();
        private final List<Signal> heard = new ArrayList<>();
        private final Signals signals;

        Node(Database database) {
            DefaultListableBeanFactory beans = new DefaultListableBeanFactory();
            Ticks counter = ticks::get;
            beans.registerSingleton("ticks", counter);
            signals = new Signals(database, new SignalStore(database), beans.getBeanProvider(Ticks.class), clock);
            signals.listen(heard::add);
        }

        void read() {
            signals.read();
        }

        List<String> environments() {
            return heard.stream()
                    .filter(Signal.OfEnvironment.class::isInstance)
                    .map(signal -> ((Signal.OfEnvironment) signal).environment().value())
                    .toList();
        }
    }

    abstract static class Contract {
        final TestInstallation installation;
        private final Environment environment;
        private final Account account;

        Contract(TestInstallation installation) {
            this.installation = installation;
            this.environment = installation.environment();
            this.account = installation.person(environment, "bea", dev.countersign.kernel.Role.USER);
        }

        @Test
        void every_event_sends_a_signal_or_is_known_to_change_nothing_that_is_kept() {
            Set<String> silent = new TreeSet<>();
            for (Class<?> type : ActivityEvent.class.getPermittedSubclasses()) {
                ActivityEvent event = example(type);
                Node node = new Node(installation.database());
                node.read();
                node.heard.clear();
                record(event);
                node.read();
                Optional<Signal> expected = Effects.of(environment.id(), Optional.of(account.id()), event);
                assertThat(node.heard)
                        .as(event.kind())
                        .isEqualTo(expected.stream().toList());
                if (expected.isEmpty()) {
                    silent.add(event.kind());
                }
            }
            assertThat(silent).isEqualTo(new TreeSet<>(SILENT));
        }

        private void record(ActivityEvent event) {
            installation
                    .database()
                    .write(() -> installation
                            .get(ActivityLog.class)
                            .record(
                                    environment.id(),
                                    Optional.of(account.id()),
                                    TestInstallation.ACTOR,
                                    Origin.SYSTEM,
                                    event,
                                    TestInstallation.NOW));
        }

        @Test
        void a_change_that_is_taken_back_sends_nothing_and_this_node_hears_its_own_at_once() {
            List<Signal> here = new ArrayList<>();
            installation.get(Signals.class).listen(here::add);
            Signal signal = new Signal.OfEnvironment(environment.id());
            Node node = new Node(installation.database());
            node.read();
            node.heard.clear();
            try {
                installation.database().write(() -> {
                    send(signal);
                    throw new IllegalStateException("on purpose");
                });
            } catch (IllegalStateException e) {
                assertThat(e).hasMessage("on purpose");
            }
            node.read();
            assertThat(node.heard).isEmpty();
            assertThat(here).doesNotContain(signal);
            installation.database().write(() -> {
                send(signal);
                assertThat(here).doesNotContain(signal);
            });
            assertThat(here).contains(signal);
            node.read();
            assertThat(node.heard).containsExactly(signal);
            assertThat(node.signals.status().heard()).isEqualTo(1);
        }

        private void send(Signal signal) {
            installation.get(Signals.class).send(signal, TestInstallation.NOW);
        }

        @Test
        void who_has_not_read_for_two_seconds_trusts_nothing_and_forgets_all_when_it_reads_again() {
            Node node = new Node(installation.database());
            assertThat(node.signals.areHeard()).isFalse();
            node.read();
            assertThat(node.signals.areHeard()).isTrue();
            node.ticks.addAndGet(Signals.TRUST.toNanos());
            assertThat(node.signals.areHeard()).isTrue();
            node.ticks.addAndGet(1);
            assertThat(node.signals.areHeard()).isFalse();
            assertThat(node.signals.status().trusted()).isFalse();
            node.heard.clear();
            node.read();
            assertThat(node.heard).containsExactly(new Signal.OfEverything());
            assertThat(node.signals.areHeard()).isTrue();
        }

        @Test
        void a_clock_that_is_set_back_changes_nothing_and_one_that_leaps_means_the_machine_slept() {
            Node node = new Node(installation.database());
            node.read();
            node.clock.advance(Duration.ofDays(-400));
            assertThat(node.signals.areHeard()).isTrue();
            node.read();
            node.clock.advance(Duration.ofHours(1));
            assertThat(node.signals.areHeard()).isFalse();
            node.read();
            assertThat(node.signals.areHeard()).isTrue();
        }

        @Test
        void a_signal_of_a_node_with_another_clock_is_heard() {
            Node node = new Node(installation.database());
            node.read();
            Signal signal = new Signal.OfAccount(environment.id(), account.id());
            for (Instant other : List.of(Instant.EPOCH, Instant.parse("2099-01-01T00:00:00Z"))) {
                node.heard.clear();
                installation
                        .database()
                        .write(() -> installation.get(Signals.class).send(signal, other));
                node.read();
                assertThat(node.heard).containsExactly(signal);
                assertThat(node.signals.status().lag().isNegative()).isFalse();
            }
        }

        @Test
        void what_was_read_long_ago_is_removed() {
            Node node = new Node(installation.database());
            Signal signal = new Signal.OfEverything();
            installation.database().write(() -> send(signal));
            node.read();
            assertThat(node.signals.removeOld()).isZero();
            installation.database().write(() -> send(signal));
            node.read();
            assertThat(node.signals.removeOld()).isPositive();
            assertThat(installation.count("SELECT count(*) FROM signal")).isEqualTo(1);
        }

        @Test
        void many_signals_of_one_change_are_said_in_one() {
            List<ActivityLog.Entry> entries = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                entries.add(new ActivityLog.Entry(
                        Optional.of(new dev.countersign.kernel.AccountId("a" + i)),
                        new ActivityEvent.AccountEnabled()));
            }
            Node node = new Node(installation.database());
            node.read();
            node.heard.clear();
            installation
                    .database()
                    .write(() -> installation
                            .get(ActivityLog.class)
                            .recordAll(
                                    environment.id(),
                                    entries,
                                    TestInstallation.ACTOR,
                                    Origin.SYSTEM,
                                    TestInstallation.NOW));
            node.read();
            assertThat(node.heard).containsExactly(new Signal.OfEnvironment(environment.id()));
        }
    }

    private static ActivityEvent example(Class<?> type) {
        try {
            RecordComponent[] parts = type.getRecordComponents();
            Class<?>[] types =
                    Arrays.stream(parts).map(RecordComponent::getType).toArray(Class<?>[]::new);
            Object[] values = Arrays.stream(types).map(SignalsTest::value).toArray();
            return (ActivityEvent) type.getDeclaredConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(type + " cannot be made", e);
        }
    }

    private static Object value(Class<?> type) {
        if (type.isEnum()) {
            return type.getEnumConstants()[0];
        }
        if (type.isRecord()) {
            return record(type);
        }
        return switch (type.getSimpleName()) {
            case "String" -> "x";
            case "long" -> 1L;
            case "int" -> 1;
            case "boolean" -> false;
            case "List" -> List.of();
            case "Instant" -> TestInstallation.NOW;
            case "Optional" -> Optional.empty();
            default -> throw new AssertionError("no example of " + type);
        };
    }

    private static Object record(Class<?> type) {
        try {
            Class<?>[] types = Arrays.stream(type.getRecordComponents())
                    .map(RecordComponent::getType)
                    .toArray(Class<?>[]::new);
            return type.getDeclaredConstructor(types)
                    .newInstance(Arrays.stream(types).map(SignalsTest::value).toArray());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(type + " cannot be made", e);
        }
    }
}
