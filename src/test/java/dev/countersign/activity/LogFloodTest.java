package dev.countersign.activity;

import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.Environment;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.support.TestInstallation;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** AC-227: a flood of refusals, of names nobody has and of people who exist, keeps the log and its checkpoints small. */
class LogFloodTest {
    private static final int REFUSALS = Boolean.getBoolean("countersign.long") ? 1_000_000 : 6_000;

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

    abstract static class Contract {
        private static final int AT_ONCE = 1_000;

        private final TestInstallation on;

        Contract(TestInstallation on) {
            this.on = on;
        }

        @Test
        void ac_227_a_flood_of_refusals_makes_few_entries_and_few_checkpoints_that_prove_them() {
            Environment acme = on.environment();
            Sealing sealing = on.get(Sealing.class);
            ActivityEvent wrong =
                    new ActivityEvent.SignInRefused(ActivityEvent.Refusal.WRONG_PASSWORD, FactorKind.PASSWORD);
            for (int begin = 0; begin < REFUSALS; begin += AT_ONCE) {
                int from = begin;
                on.database().write(() -> {
                    for (int i = from; i < from + AT_ONCE; i++) {
                        Origin origin = new Origin("portal", "198.51." + i / 250 % 250 + "." + i % 250, "", "");
                        on.get(ActivityLog.class)
                                .record(acme.id(), Optional.empty(), Actor.ANONYMOUS, origin, wrong, NOW);
                    }
                });
                sealing.seal(acme.id(), NOW.plusSeconds(begin / AT_ONCE * 2L));
            }
            on.database()
                    .write(() -> on.get(ActivityLog.class)
                            .record(
                                    acme.id(),
                                    Optional.of(new AccountId("bea")),
                                    Actor.ANONYMOUS,
                                    Origin.SYSTEM,
                                    new ActivityEvent.TwoFactorReset("carl"),
                                    NOW));
            Instant later = NOW.plus(Duration.ofHours(3));
            sealing.seal(acme.id(), later);
            String id = acme.id().value();
            assertThat(on.count("SELECT count(*) FROM activity WHERE environment_id = ?", id))
                    .isLessThan(Repeats.ADDRESSES + 20L);
            assertThat(on.count("SELECT sum(repeats) FROM activity WHERE environment_id = ?", id))
                    .as("none is forgotten")
                    .isEqualTo(REFUSALS + 2L);
            assertThat(on.count("SELECT count(*) FROM activity_checkpoint WHERE environment_id = ?", id))
                    .isLessThan(10);
            assertThat(on.count("SELECT sum(length(entries)) FROM activity_checkpoint WHERE environment_id = ?", id))
                    .isLessThan(100_000);
            LogReport report = on.get(LogProof.class)
                    .verify(acme.id(), on.get(LogKeys.class).publicKey(), LogCopy.NONE, later);
            assertThat(report.findings()).isEmpty();
            assertThat(report.unsealed()).isZero();
        }

        @Test
        void ac_227_a_flood_against_people_who_exist_is_counted_together_when_an_hour_has_had_its_share() {
            isCountedTogether(
                    new ActivityEvent.SignInRefused(ActivityEvent.Refusal.WRONG_PASSWORD, FactorKind.PASSWORD));
        }

        @Test
        void ac_227_a_flood_through_an_application_is_counted_together_likewise() {
            isCountedTogether(
                    new ActivityEvent.ChallengeRefused(ActivityEvent.Refusal.WRONG_CODE, FactorKind.TOTP, "intranet"));
        }

        private void isCountedTogether(ActivityEvent refused) {
            Environment acme = on.environment();
            int flood = Repeats.SINGLE + 1_000;
            on.database().write(() -> {
                for (int i = 0; i < flood; i++) {
                    Optional<AccountId> known = Optional.of(new AccountId("bea" + i % 7));
                    Origin origin = new Origin("portal", "198.51.100." + i % 250, "", "");
                    on.get(ActivityLog.class).record(acme.id(), known, Actor.ANONYMOUS, origin, refused, NOW);
                }
                for (int i = 0; i < flood; i++) {
                    Origin origin = new Origin("api", "203.0.113.7", "", "");
                    on.get(ActivityLog.class)
                            .record(acme.id(), Optional.empty(), Actor.ANONYMOUS, origin, refused, NOW);
                }
            });
            String id = acme.id().value();
            assertThat(on.count("SELECT count(*) FROM activity WHERE environment_id = ?", id))
                    .isBetween((long) Repeats.SINGLE, Repeats.SINGLE + 10L);
            assertThat(on.count("SELECT sum(repeats) FROM activity WHERE environment_id = ?", id))
                    .as("none is forgotten")
                    .isGreaterThanOrEqualTo(2L * flood);
        }
    }
}
