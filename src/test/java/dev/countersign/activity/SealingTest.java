package dev.countersign.activity;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.Environment;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import dev.countersign.support.TestInstallation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What becomes a checkpoint, on both databases. */
class SealingTest {
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

        /** While a transaction that has recorded "late" is open still. */
        private void whileOneIsLate(Environment acme, Runnable others) throws Exception {
            CountDownLatch written = new CountDownLatch(1);
            CountDownLatch sealed = new CountDownLatch(1);
            try (ExecutorService slow = Executors.newSingleThreadExecutor()) {
                Future<?> late = slow.submit(() -> on.database().write(() -> {
                    log.record(
                            acme.id(),
                            Optional.empty(),
                            ACTOR,
                            Origin.SYSTEM,
                            new ActivityEvent.GroupCreated("late"),
                            NOW);
                    written.countDown();
                    await(sealed);
                }));
                await(written);
                others.run();
                sealed.countDown();
                late.get(10, TimeUnit.SECONDS);
            }
        }

        @Test
        void one_that_is_late_is_found_among_thousands() throws Exception {
            Environment acme = on.environment();
            record(acme, 5_000);
            whileOneIsLate(acme, () -> {
                record(acme, 7_000);
                assertThat(sealing.seal(acme.id(), NOW)).isEqualTo(1 + 5_000 + 7_000);
            });
            assertThat(sealing.seal(acme.id(), NOW.plusSeconds(2))).isEqualTo(1);
            assertThat(sealing.seal(acme.id(), NOW.plusSeconds(4))).isZero();
        }

        @Test
        void what_is_committed_after_a_larger_number_was_sealed_is_sealed_late() throws Exception {
            Environment acme = on.environment();
            whileOneIsLate(acme, () -> {
                note(acme, "early", NOW);
                assertThat(sealing.seal(acme.id(), NOW)).isEqualTo(2);
            });
            List<LoggedEntry> all = seals.entries(acme.id().value(), 0, Long.MAX_VALUE, 100);
            assertThat(all.get(1).details()).as("it has the smaller number").contains("late");
            assertThat(new Sealing(on.database(), seals, on.get(LogKeys.class)).seal(acme.id(), NOW.plusSeconds(2)))
                    .as("by whatever node is next")
                    .isEqualTo(1);
            assertThat(sealing.seal(acme.id(), NOW.plusSeconds(4))).isZero();
            List<SealedCheckpoint> chain = seals.checkpoints(acme.id().value(), 0, 10);
            assertThat(chain).hasSize(2);
            assertThat(chain.get(1).entries().getFirst().sequence())
                    .isEqualTo(all.get(1).sequence());
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    abstract static class Contract {
        final TestInstallation on;
        final ActivityLog log;
        final Sealing sealing;
        final SealStore seals;

        Contract(TestInstallation on) {
            this.on = on;
            this.log = on.get(ActivityLog.class);
            this.sealing = on.get(Sealing.class);
            this.seals = on.get(SealStore.class);
        }

        void note(Environment acme, String group, Instant at) {
            on.database()
                    .write(() -> log.record(
                            acme.id(),
                            Optional.empty(),
                            ACTOR,
                            Origin.SYSTEM,
                            new ActivityEvent.GroupCreated(group),
                            at));
        }

        private void refuse(Environment acme, Instant at) {
            on.database()
                    .write(() -> log.record(
                            acme.id(),
                            Optional.empty(),
                            Actor.ANONYMOUS,
                            new Origin("portal", "192.0.2.9", "", "r"),
                            new ActivityEvent.SignInRefused(ActivityEvent.Refusal.WRONG_PASSWORD, FactorKind.PASSWORD),
                            at));
        }

        private List<SealedCheckpoint> chain(Environment acme) {
            return seals.checkpoints(acme.id().value(), 0, 1_000);
        }

        @Test
        void each_round_adds_a_signed_checkpoint_that_names_every_new_entry() {
            Environment acme = on.environment();
            note(acme, "one", NOW);
            assertThat(sealing.seal(acme.id(), NOW)).isEqualTo(2);
            assertThat(sealing.seal(acme.id(), NOW.plusSeconds(2)))
                    .as("nothing new")
                    .isZero();
            note(acme, "two", NOW.plusSeconds(3));
            assertThat(sealing.seal(acme.id(), NOW.plusSeconds(4))).isEqualTo(1);
            List<SealedCheckpoint> chain = chain(acme);
            assertThat(chain).hasSize(2).allMatch(SealedCheckpoint::listIsWhole);
            Checkpoint first = chain.get(0).checkpoint();
            Checkpoint second = chain.get(1).checkpoint();
            assertThat(first.previous()).isEqualTo(Checkpoint.NONE);
            assertThat(second.previous()).isEqualTo(first.hash());
            assertThat(second.number()).isEqualTo(2);
            assertThat(first.isSignedBy(on.get(LogKeys.class).publicKey())).isTrue();
            List<LoggedEntry> entries = seals.entries(acme.id().value(), 0, Long.MAX_VALUE, 10);
            assertThat(chain.get(1).entries())
                    .containsExactly(new ListedEntry(
                            entries.get(2).sequence(), false, entries.get(2).digest(false)));
            assertThat(seals.head(acme.id().value())).contains(ChainHead.of(second));
        }

        @Test
        void what_has_waited_long_is_sealed_without_looking_for_late_ones_again_and_again() {
            Environment acme = on.environment();
            sealing.seal(acme.id(), NOW);
            long few = statements(acme, 2);
            long many = statements(acme, 12);
            assertThat(many - few).as("statements of ten checkpoints more").isEqualTo(10 * 7L);
            assertThat(sealing.seal(acme.id(), NOW.plusSeconds(2))).isZero();
        }

        private long statements(Environment acme, int checkpoints) {
            int entries = checkpoints * Sealing.MOST_ENTRIES;
            record(acme, entries);
            Database.Traffic before = on.database().traffic();
            assertThat(sealing.seal(acme.id(), NOW)).isEqualTo(entries);
            return on.database().traffic().since(before).statements();
        }

        final void record(Environment acme, int entries) {
            ActivityLog.Entry one = new ActivityLog.Entry(Optional.empty(), new ActivityEvent.GroupCreated("night"));
            on.database()
                    .write(() ->
                            log.recordAll(acme.id(), Collections.nCopies(entries, one), ACTOR, Origin.SYSTEM, NOW));
        }

        @Test
        void a_round_ends_where_something_is_written_all_the_time() {
            Environment acme = on.environment();
            record(acme, 2 * Sealing.MOST_ENTRIES);
            AtomicInteger asked = new AtomicInteger();
            sealing.seal(acme.id().value(), NOW, () -> {
                note(acme, "meanwhile", NOW);
                return asked.incrementAndGet() < 20;
            });
            assertThat(asked).hasValueBetween(1, 3);
            assertThat(chain(acme)).hasSize(3);
        }

        @Test
        void the_lag_is_the_age_of_the_oldest_entry_of_all_environments_that_is_not_sealed() {
            SealStatus status = on.get(SealStatus.class);
            Environment acme = on.environment();
            Environment other = on.environment();
            on.get(ActivityStore.class).environments().forEach(each -> sealing.seal(each, NOW));
            assertThat(status.lag(NOW.plusSeconds(60))).isZero();
            note(acme, "newer", NOW.plusSeconds(50));
            note(other, "older", NOW.plusSeconds(20));
            note(other, "newest", NOW.plusSeconds(55));
            assertThat(status.lag(NOW.plusSeconds(60))).isEqualTo(Duration.ofSeconds(40));
            sealing.seal(other.id(), NOW.plusSeconds(60));
            assertThat(status.lag(NOW.plusSeconds(60))).isEqualTo(Duration.ofSeconds(10));
            on.environment();
            assertThat(status.lag(NOW.plusSeconds(60)))
                    .as("one without any checkpoint counts")
                    .isEqualTo(Duration.ofSeconds(60));
        }

        @Test
        void entries_of_several_days_are_in_several_checkpoints() {
            Environment acme = on.environment();
            note(acme, "one", NOW.plus(Duration.ofDays(1)));
            note(acme, "two", NOW.plus(Duration.ofDays(1)));
            note(acme, "three", NOW);
            assertThat(sealing.seal(acme.id(), NOW)).isEqualTo(4);
            assertThat(chain(acme).stream()
                            .map(checkpoint -> checkpoint.entries().size()))
                    .containsExactly(1, 2, 1);
        }

        @Test
        void a_count_is_sealed_when_it_can_grow_no_more() {
            Environment acme = on.environment();
            refuse(acme, NOW);
            assertThat(sealing.seal(acme.id(), NOW)).isEqualTo(2);
            refuse(acme, NOW.plusSeconds(5));
            assertThat(sealing.seal(acme.id(), NOW.plusSeconds(6))).isZero();
            assertThat(sealing.seal(acme.id(), NOW.plus(Duration.ofMinutes(74))))
                    .isZero();
            Instant over = NOW.plus(Duration.ofMinutes(76));
            assertThat(sealing.seal(acme.id(), over)).isEqualTo(1);
            ListedEntry open = chain(acme).get(0).entries().getLast();
            ListedEntry closed = chain(acme).get(1).entries().getFirst();
            assertThat(open.open()).isTrue();
            assertThat(closed.open()).isFalse();
            assertThat(closed.sequence()).isEqualTo(open.sequence());
            refuse(acme, NOW.plusSeconds(7));
            ActivityEntry after = log.newest(acme.id(), 1).getFirst();
            assertThat(after.repeats()).as("a sealed count grows no more").isEqualTo(1);
            assertThat(after.sequence()).isGreaterThan(open.sequence());
        }

        @Test
        void many_who_seal_at_once_make_one_chain() throws Exception {
            Environment acme = on.environment();
            List<Future<Long>> all = new ArrayList<>();
            try (ExecutorService nodes = Executors.newFixedThreadPool(4)) {
                for (int node = 0; node < 4; node++) {
                    Sealing own = new Sealing(on.database(), seals, on.get(LogKeys.class));
                    all.add(nodes.submit(() -> {
                        long sealed = 0;
                        for (int i = 0; i < 15; i++) {
                            note(acme, "group-" + i, NOW);
                            sealed += own.seal(acme.id(), NOW.plusSeconds(i));
                        }
                        return sealed;
                    }));
                }
                for (Future<Long> each : all) {
                    assertThat(each.get(60, TimeUnit.SECONDS)).isNotNegative();
                }
            }
            sealing.seal(acme.id(), NOW.plusSeconds(20));
            List<SealedCheckpoint> chain = chain(acme);
            String previous = Checkpoint.NONE;
            long number = 0;
            List<Long> listed = new ArrayList<>();
            for (SealedCheckpoint sealed : chain) {
                assertThat(sealed.checkpoint().previous()).isEqualTo(previous);
                assertThat(sealed.checkpoint().number()).isEqualTo(++number);
                previous = sealed.checkpoint().hash();
                sealed.entries().forEach(entry -> listed.add(entry.sequence()));
            }
            assertThat(listed)
                    .doesNotHaveDuplicates()
                    .containsExactlyInAnyOrderElementsOf(
                            seals.sequences(acme.id().value(), 0, Long.MAX_VALUE));
        }

        @Test
        void what_a_killed_one_has_begun_is_not_there() {
            Environment acme = on.environment();
            Sealing dying = new Sealing(on.database(), seals, on.get(LogKeys.class));
            try {
                on.database().write(() -> {
                    dying.seal(acme.id(), NOW);
                    throw new IllegalStateException("killed");
                });
            } catch (IllegalStateException e) {
                assertThat(e).hasMessage("killed");
            }
            assertThat(chain(acme)).isEmpty();
            assertThat(sealing.seal(acme.id(), NOW)).isEqualTo(1);
            note(acme, "one", NOW);
            assertThat(dying.seal(acme.id(), NOW.plusSeconds(1)))
                    .as("and it may go on itself")
                    .isEqualTo(1);
            assertThat(chain(acme)).hasSize(2);
        }

        @Test
        void an_end_that_was_set_back_is_found_again_in_what_was_signed() {
            Environment acme = on.environment();
            sealing.seal(acme.id(), NOW);
            ChainHead before = seals.head(acme.id().value()).orElseThrow();
            note(acme, "one", NOW);
            sealing.seal(acme.id(), NOW);
            on.database()
                    .write(() -> on.database()
                            .sql()
                            .sql("UPDATE activity_head SET number = ?, hash = ?, high = ? WHERE environment_id = ?")
                            .params(
                                    before.number(),
                                    before.hash(),
                                    before.high(),
                                    acme.id().value())
                            .update());
            note(acme, "two", NOW);
            assertThat(sealing.seal(acme.id(), NOW)).isEqualTo(1);
            assertThat(chain(acme).stream().map(one -> one.checkpoint().number()))
                    .containsExactly(1L, 2L, 3L);
        }
    }
}
