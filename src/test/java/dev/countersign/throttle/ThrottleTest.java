package dev.countersign.throttle;

import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.support.Crowd;
import dev.countersign.support.TestInstallation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Budgets of guesses, on both databases. */
class ThrottleTest {
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
    }

    @Test
    void delays_begin_after_the_free_ones_double_and_end_where_the_limit_says() {
        Limit limit = Limit.SECOND_FACTOR;
        assertThat(limit.delayAfter(4)).isEqualTo(Duration.ZERO);
        assertThat(limit.delayAfter(5)).isEqualTo(Duration.ofSeconds(30));
        assertThat(limit.delayAfter(6)).isEqualTo(Duration.ofMinutes(1));
        assertThat(limit.delayAfter(9)).isEqualTo(Duration.ofMinutes(8));
        assertThat(limit.delayAfter(10)).isEqualTo(Duration.ofMinutes(15));
        assertThat(limit.delayAfter(Long.MAX_VALUE)).isEqualTo(Duration.ofMinutes(15));
        assertThat(Limit.ADDRESS.delayAfter(1_000_000)).isEqualTo(Duration.ZERO);
    }

    @Test
    void the_published_limits_are_these() {
        assertThat(Limit.SECOND_FACTOR)
                .isEqualTo(new Limit(5, Duration.ofSeconds(30), Duration.ofMinutes(15), Duration.ofDays(1), 20, 100));
        assertThat(Limit.PASSWORD.free()).isEqualTo(10);
        assertThat(Limit.PASSWORD.inWindow()).isEqualTo(200);
        assertThat(Limit.PASSWORD_KNOWN.longestDelay()).isEqualTo(Duration.ofMinutes(5));
        assertThat(Limit.ADDRESS.inWindow()).isEqualTo(100);
        assertThat(Limit.ADDRESS.window()).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void one_subscriber_is_an_ipv4_address_or_an_ipv6_slash_64() {
        assertThat(AddressBlock.of("192.0.2.7")).contains(new AddressBlock("192.0.2.7"));
        assertThat(AddressBlock.of("2001:db8:1:2::7")).isEqualTo(AddressBlock.of("2001:db8:1:2:ffff:1::9"));
        assertThat(AddressBlock.of("2001:db8:1:2::7")).isNotEqualTo(AddressBlock.of("2001:db8:1:3::7"));
        assertThat(AddressBlock.of("::ffff:192.0.2.7")).contains(new AddressBlock("192.0.2.7"));
        for (String none : List.of("local", "", "192.0.2.0/24", "192.0.2.*", "nonsense")) {
            assertThat(AddressBlock.of(none)).as("'%s'", none).isEmpty();
        }
    }

    abstract static class Contract {
        private static final EnvironmentId ENVIRONMENT = new EnvironmentId("northwind");

        private final TestInstallation on;
        private final Throttle throttle;

        Contract(TestInstallation on) {
            this.on = on;
            this.throttle = on.get(Throttle.class);
        }

        private static Bucket bucket(Limit limit) {
            return new Bucket(TestInstallation.fresh("bucket"), limit);
        }

        private Verdict reserve(Bucket bucket, Instant at) {
            return throttle.reserve(ENVIRONMENT, List.of(bucket), at);
        }

        private boolean goes(Bucket bucket, Instant at) {
            return reserve(bucket, at) instanceof Verdict.Go;
        }

        @Test
        void waits_are_exactly_as_the_limit_says() {
            for (Limit limit : List.of(Limit.SECOND_FACTOR, Limit.PASSWORD, Limit.PASSWORD_KNOWN)) {
                Bucket bucket = bucket(limit);
                Instant at = NOW;
                for (long wrong = 1; wrong < Math.min(limit.inWindow(), 20); wrong++) {
                    assertThat(reserve(bucket, at))
                            .as("%s, answer %d", limit, wrong)
                            .isInstanceOf(Verdict.Go.class);
                    Duration delay = limit.delayAfter(wrong);
                    if (delay.isPositive()) {
                        assertThat(goes(bucket, at.plus(delay).minusMillis(1)))
                                .as("%s, %d", limit, wrong)
                                .isFalse();
                        Duration pause = ((Verdict.Wait) reserve(bucket, at)).pause();
                        assertThat(pause).as("%s after %d", limit, wrong).isEqualTo(delay);
                    }
                    at = at.plus(delay);
                }
            }
        }

        @Test
        void a_refused_answer_is_not_counted() {
            Bucket bucket = bucket(Limit.SECOND_FACTOR);
            for (int i = 0; i < 5; i++) {
                assertThat(goes(bucket, NOW)).isTrue();
            }
            for (int i = 0; i < 50; i++) {
                assertThat(goes(bucket, NOW.plusSeconds(1))).isFalse();
            }
            assertThat(goes(bucket, NOW.plusSeconds(30))).isTrue();
        }

        @Test
        void a_window_holds_no_more_than_the_limit_and_says_which_is_the_last() {
            Bucket bucket = bucket(Limit.SECOND_FACTOR);
            Instant at = NOW;
            for (int i = 1; i <= 20; i++) {
                Verdict.Go go = (Verdict.Go) reserve(bucket, at);
                assertThat(go.exhausted()).as("answer %d", i).isEqualTo(i == 20 ? List.of(bucket) : List.of());
                at = at.plus(Duration.ofMinutes(15));
            }
            Verdict.Wait wait = (Verdict.Wait) reserve(bucket, at);
            assertThat(wait.because()).isEqualTo(bucket);
            assertThat(at.plus(wait.pause())).as("the end of the window").isEqualTo(NOW.plus(Duration.ofDays(1)));
            assertThat(goes(bucket, NOW.plus(Duration.ofDays(1)).minusMillis(1)))
                    .isFalse();
            assertThat(goes(bucket, NOW.plus(Duration.ofDays(1)))).isTrue();
        }

        @Test
        void a_hundred_in_a_row_end_it_until_the_budget_is_lifted() {
            Bucket bucket = bucket(Limit.SECOND_FACTOR);
            Instant at = NOW;
            int looked = 0;
            for (int i = 0; i < 3_000; i++) {
                looked += goes(bucket, at) ? 1 : 0;
                at = at.plus(Duration.ofMinutes(15));
            }
            assertThat(looked).isEqualTo(100);
            assertThat(goes(bucket, at.plus(Duration.ofDays(3650)))).isFalse();
            on.database().write(() -> throttle.lift(bucket));
            assertThat(goes(bucket, at)).isTrue();
        }

        @Test
        void a_right_answer_is_not_counted_and_ends_the_row() {
            Bucket bucket = bucket(Limit.SECOND_FACTOR);
            for (int i = 0; i < 60; i++) {
                assertThat(goes(bucket, NOW.plusSeconds(i)))
                        .as("sign-in %d of a day", i)
                        .isTrue();
                Instant at = NOW.plusSeconds(i);
                on.database().write(() -> throttle.settle(List.of(bucket), at));
            }
            for (int i = 0; i < 5; i++) {
                assertThat(goes(bucket, NOW.plusSeconds(100))).isTrue();
            }
            assertThat(goes(bucket, NOW.plusSeconds(100))).isFalse();
        }

        @Test
        void wrong_answers_before_a_right_one_still_count_in_the_window() {
            Bucket bucket = bucket(Limit.SECOND_FACTOR);
            Instant at = NOW;
            int wrong = 0;
            for (int i = 0; i < 100; i++) {
                if (!goes(bucket, at)) {
                    break;
                }
                wrong++;
                if (i % 4 == 3) {
                    Instant now = at;
                    on.database().write(() -> throttle.settle(List.of(bucket), now));
                    wrong--;
                }
                at = at.plusSeconds(1);
            }
            assertThat(wrong).isEqualTo(20);
        }

        @Test
        void guesses_at_once_are_counted_one_by_one() throws Exception {
            for (int round = 0; round < 5; round++) {
                Bucket bucket = bucket(Limit.SECOND_FACTOR);
                List<Verdict> all = Crowd.together(24, () -> reserve(bucket, NOW));
                assertThat(all.stream().filter(Verdict.Go.class::isInstance))
                        .as("round %d", round)
                        .hasSize(5);
            }
        }

        @Test
        void one_full_bucket_refuses_and_every_bucket_counts() {
            Bucket address = bucket(Limit.ADDRESS);
            Bucket account = bucket(Limit.SECOND_FACTOR);
            for (int i = 0; i < 5; i++) {
                assertThat(throttle.reserve(ENVIRONMENT, List.of(address, account), NOW))
                        .isInstanceOf(Verdict.Go.class);
            }
            assertThat(throttle.reserve(ENVIRONMENT, List.of(address, account), NOW))
                    .isEqualTo(new Verdict.Wait(Duration.ofSeconds(30), account));
        }

        @Test
        void an_address_has_a_hundred_an_hour() {
            Bucket bucket = bucket(Limit.ADDRESS);
            for (int i = 0; i < 100; i++) {
                assertThat(goes(bucket, NOW.plusSeconds(i))).isTrue();
            }
            assertThat(goes(bucket, NOW.plusSeconds(100))).isFalse();
            assertThat(goes(bucket, NOW.plus(Duration.ofHours(1)))).isTrue();
        }

        @Test
        void a_wait_is_never_shorter_than_a_second() {
            Bucket bucket = bucket(Limit.SECOND_FACTOR);
            for (int i = 0; i < 5; i++) {
                reserve(bucket, NOW);
            }
            Verdict.Wait wait =
                    (Verdict.Wait) reserve(bucket, NOW.plusSeconds(30).minusMillis(1));
            assertThat(wait.pause()).isEqualTo(Duration.ofSeconds(1));
        }

        @Test
        void counting_stays_whatever_the_caller_does_and_cannot_hide_in_a_transaction() {
            Bucket bucket = bucket(Limit.SECOND_FACTOR);
            assertThatThrownBy(() -> on.database().write(() -> reserve(bucket, NOW)))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> throttle.settle(List.of(bucket), NOW)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> throttle.lift(bucket)).isInstanceOf(IllegalStateException.class);
        }

        @Test
        void an_answer_nobody_looked_at_does_not_count_and_forgives_nothing() {
            Bucket bucket = bucket(Limit.SECOND_FACTOR);
            for (int i = 0; i < 4; i++) {
                assertThat(goes(bucket, NOW)).isTrue();
            }
            for (int i = 0; i < 30; i++) {
                Instant at = NOW.plusSeconds(30L * i);
                assertThat(goes(bucket, at)).as("answer %d", i).isTrue();
                on.database().write(() -> throttle.release(List.of(bucket), at));
            }
            assertThat(goes(bucket, NOW.plusSeconds(900))).isTrue();
            assertThat(goes(bucket, NOW.plusSeconds(929)))
                    .as("after the fifth that was looked at")
                    .isFalse();
            assertThat(goes(bucket, NOW.plusSeconds(930))).isTrue();
        }

        @Test
        void answers_counted_in_another_order_than_they_read_the_clock_are_all_looked_at() {
            for (Limit limit : new Limit[] {Limit.ADDRESS, Limit.PASSWORD, Limit.SECOND_FACTOR}) {
                Bucket bucket = bucket(limit);
                assertThat(reserve(bucket, NOW.plusMillis(7))).isInstanceOf(Verdict.Go.class);
                assertThat(reserve(bucket, NOW))
                        .as("read the clock 7 ms earlier")
                        .isInstanceOf(Verdict.Go.class);
            }
        }

        @Test
        void old_budgets_are_forgotten_but_not_rows_that_may_not_grow_for_ever() {
            Bucket settled = bucket(Limit.SECOND_FACTOR);
            Bucket inARow = bucket(Limit.SECOND_FACTOR);
            Bucket password = bucket(Limit.PASSWORD);
            Bucket recent = bucket(Limit.PASSWORD);
            List.of(settled, inARow, password).forEach(bucket -> reserve(bucket, NOW));
            on.database().write(() -> throttle.settle(List.of(settled), NOW));
            reserve(recent, NOW.plus(Duration.ofDays(2)));
            throttle.forgetOld(NOW.plus(Duration.ofDays(3)));
            assertThat(stored(settled)).isFalse();
            assertThat(stored(password)).isFalse();
            assertThat(stored(inARow)).isTrue();
            assertThat(stored(recent)).isTrue();
        }

        private boolean stored(Bucket bucket) {
            return on.count("SELECT count(*) FROM guess_budget WHERE bucket = ?", bucket.key()) == 1;
        }
    }
}
