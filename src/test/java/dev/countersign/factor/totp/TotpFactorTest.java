package dev.countersign.factor.totp;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.directory.Account;
import dev.countersign.factor.FactorContract;
import dev.countersign.factor.Factors;
import dev.countersign.factor.Outcome;
import dev.countersign.factor.Outcome.Rejection;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.support.TestInstallation;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.SecretText;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The code of an authenticator app, on both databases. */
class TotpFactorTest {
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

    abstract static class Contract extends FactorContract {
        private static final long STEP = Totp.DEFAULT.step(NOW);

        private final Apps apps;

        Contract(TestInstallation on) {
            super(on, FactorKind.TOTP);
            this.apps = on.get(Apps.class);
        }

        @Override
        protected Owner enrolled() {
            SecretBytes secret = apps.newSecret();
            return new Owner(register(on.person(), secret, STEP - 10), Totp.DEFAULT.code(secret, STEP));
        }

        @Override
        protected String wrong() {
            return "12345";
        }

        @Override
        protected boolean isSingleUse() {
            return true;
        }

        /** The account, with an app registered ten steps ago on a phone whose clock is right. */
        private Account register(Account account, SecretBytes secret, long confirmedStep) {
            Instant then = Instant.ofEpochSecond(confirmedStep * 30);
            boolean registered = on.database()
                    .write(() -> apps.register(account, secret, confirmedStep, ACTOR, Origin.SYSTEM, then));
            assertThat(registered).isTrue();
            on.database()
                    .write(() -> on.database()
                            .sql()
                            .sql("UPDATE totp SET enrolled_at = ? WHERE account_id = ?")
                            .params(NOW.toEpochMilli(), account.id().value())
                            .update());
            return account;
        }

        private String code(SecretBytes secret, long distance) {
            return Totp.DEFAULT.code(secret, STEP + distance);
        }

        @Test
        void one_step_early_or_late_is_right_and_two_are_not() {
            SecretBytes secret = apps.newSecret();
            Account bea = register(on.person(), secret, STEP - 10);
            for (int distance = -1; distance <= 1; distance++) {
                assertThat(verify(bea, code(secret, distance), NOW))
                        .as("%d steps", distance)
                        .isInstanceOf(Outcome.Accepted.class);
            }
            for (int distance : new int[] {-3, -2, 2, 3}) {
                assertThat(verify(bea, code(secret, distance), NOW))
                        .as("%d steps", distance)
                        .isEqualTo(new Outcome.Rejected(Rejection.WRONG));
            }
        }

        @Test
        void an_older_step_after_a_newer_one_is_a_replay() {
            SecretBytes secret = apps.newSecret();
            Account bea = register(on.person(), secret, STEP - 10);
            assertThat(use(bea, code(secret, 1), NOW)).isTrue();
            for (int distance = -1; distance <= 1; distance++) {
                assertThat(verify(bea, code(secret, distance), NOW))
                        .as("%d steps", distance)
                        .isEqualTo(new Outcome.Rejected(Rejection.REPLAYED));
            }
            assertThat(use(bea, code(secret, 2), NOW.plusSeconds(30)))
                    .as("the next one")
                    .isTrue();
        }

        @Test
        void of_two_steps_looked_at_together_the_older_cannot_be_used_after_the_newer() {
            SecretBytes secret = apps.newSecret();
            Account bea = register(on.person(), secret, STEP - 10);
            Outcome.Accepted older = (Outcome.Accepted) verify(bea, code(secret, 0), NOW);
            Outcome.Accepted newer = (Outcome.Accepted) verify(bea, code(secret, 1), NOW);
            assertThat(on.database().write(() -> newer.claim().consume())).isTrue();
            assertThat(on.database().write(() -> older.claim().consume())).isFalse();
        }

        @Test
        void the_code_that_confirmed_the_app_is_used_up() {
            SecretBytes secret = apps.newSecret();
            Account bea = register(on.person(), secret, STEP);
            assertThat(verify(bea, code(secret, 0), NOW)).isEqualTo(new Outcome.Rejected(Rejection.REPLAYED));
            assertThat(use(bea, code(secret, 1), NOW.plusSeconds(30))).isTrue();
        }

        @Test
        void a_code_of_a_replaced_app_is_wrong_even_if_it_was_looked_at_before() {
            SecretBytes old = apps.newSecret();
            Account bea = register(on.person(), old, STEP - 10);
            Outcome.Accepted before = (Outcome.Accepted) verify(bea, code(old, 0), NOW);
            SecretBytes secret = apps.newSecret();
            on.database().write(() -> apps.register(bea, secret, STEP - 5, ACTOR, Origin.SYSTEM, NOW.plusSeconds(1)));
            assertThat(on.database().write(() -> before.claim().consume())).isFalse();
            assertThat(verify(bea, code(old, 0), NOW)).isEqualTo(new Outcome.Rejected(Rejection.WRONG));
        }

        @Test
        void while_registering_five_steps_are_right_and_the_difference_is_remembered() {
            SecretBytes secret = apps.newSecret();
            for (int distance = -5; distance <= 5; distance++) {
                assertThat(apps.matchForEnrolment(secret, SecretText.of(code(secret, distance)), NOW))
                        .isEqualTo(OptionalLong.of(STEP + distance));
            }
            assertThat(apps.matchForEnrolment(secret, SecretText.of(code(secret, 6)), NOW))
                    .isEmpty();
            assertThat(apps.matchForEnrolment(secret, SecretText.of(code(secret, -6)), NOW))
                    .isEmpty();
            Account bea = on.person();
            on.database().write(() -> apps.register(bea, secret, STEP - 4, ACTOR, Origin.SYSTEM, NOW));
            Instant later = NOW.plus(Duration.ofHours(1));
            assertThat(verify(bea, code(secret, 120 - 4), later))
                    .as("as slow as before")
                    .isInstanceOf(Outcome.Accepted.class);
            assertThat(verify(bea, code(secret, 120), later))
                    .as("right again by itself: four steps from where it is expected")
                    .isEqualTo(new Outcome.Rejected(Rejection.WRONG));
        }

        @Test
        void a_secret_is_of_one_account_only() {
            SecretBytes secret = apps.newSecret();
            register(on.person(), secret, STEP - 10);
            SecretBytes own = apps.newSecret();
            Account carl = register(on.person(), own, STEP - 10);
            assertThat(on.database().<Boolean>write(() -> apps.register(carl, secret, STEP, ACTOR, Origin.SYSTEM, NOW)))
                    .isFalse();
            assertThat(verify(carl, code(secret, 0), NOW)).isEqualTo(new Outcome.Rejected(Rejection.WRONG));
            assertThat(use(carl, code(own, 0), NOW))
                    .as("the app of before still works")
                    .isTrue();
        }

        @Test
        void the_same_secret_may_be_registered_again_by_its_owner() {
            SecretBytes secret = apps.newSecret();
            Account bea = register(on.person(), secret, STEP - 10);
            assertThat(on.database().<Boolean>write(() -> apps.register(bea, secret, STEP, ACTOR, Origin.SYSTEM, NOW)))
                    .isTrue();
        }

        @Test
        void the_secret_is_stored_sealed_for_its_account() {
            SecretBytes secret = apps.newSecret();
            Account bea = register(on.person(), secret, STEP - 10);
            Account carl = register(on.person(), apps.newSecret(), STEP - 10);
            byte[] sealed = on.database()
                    .sql()
                    .sql("SELECT sealed_secret FROM totp WHERE account_id = ?")
                    .param(bea.id().value())
                    .query((row, _) -> row.getBytes(1))
                    .single();
            assertThat(sealed).hasSizeGreaterThan(secret.length());
            on.database()
                    .write(() -> on.database()
                            .sql()
                            .sql("UPDATE totp SET sealed_secret = ? WHERE account_id = ?")
                            .params(sealed, carl.id().value())
                            .update());
            assertThat(verify(carl, code(secret, 0), NOW))
                    .as("a secret copied into another row")
                    .isEqualTo(new Outcome.Rejected(Rejection.WRONG));
        }

        @Test
        void registering_and_removing_happen_in_a_transaction_and_are_logged() {
            SecretBytes secret = apps.newSecret();
            Account bea = on.person();
            assertThatThrownBy(() -> apps.register(bea, secret, STEP, ACTOR, Origin.SYSTEM, NOW))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> apps.remove(bea, NOW)).isInstanceOf(IllegalStateException.class);
            register(bea, secret, STEP - 10);
            register(bea, apps.newSecret(), STEP - 9);
            assertThat(on.database().<Boolean>write(() -> apps.remove(bea, NOW)))
                    .isTrue();
            assertThat(on.database().<Boolean>write(() -> apps.remove(bea, NOW)))
                    .isFalse();
            assertThat(on.get(Factors.class).standing(bea.id()).second()).isEmpty();
            assertThat(on.get(dev.countersign.activity.ActivityLog.class).newestOf(bea.id(), 9))
                    .extracting(dev.countersign.activity.ActivityEntry::kind)
                    .containsExactly("app-replaced", "app-enrolled", "account-created");
        }
    }
}
