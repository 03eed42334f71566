package dev.countersign.factor.totp;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.Account;
import dev.countersign.factor.Answer;
import dev.countersign.factor.Attempt;
import dev.countersign.factor.Factor;
import dev.countersign.factor.Factors;
import dev.countersign.factor.Outcome;
import dev.countersign.factor.Subject;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.support.TestInstallation;
import dev.countersign.vault.Place;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.SecretText;
import dev.countersign.vault.Vault;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What is said of a wrong code, and that saying it helps nobody who guesses; on both databases. */
class WrongCodesTest {
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
        private static final Instant LATER = NOW.plus(Duration.ofHours(3));

        private final TestInstallation on;
        private final Apps apps;
        private final WrongCodes wrongCodes;
        private final Account bea;

        Contract(TestInstallation on) {
            this.on = on;
            this.apps = on.get(Apps.class);
            this.wrongCodes = on.get(WrongCodes.class);
            this.bea = on.person();
        }

        private SecretBytes register() {
            return register(apps.newSecret(), 0);
        }

        private SecretBytes register(SecretBytes secret, int drift) {
            on.database()
                    .write(() -> apps.register(bea, secret, Totp.DEFAULT.step(NOW) + drift, ACTOR, Origin.SYSTEM, NOW));
            return secret;
        }

        private static String code(SecretBytes secret, Instant at) {
            return Totp.DEFAULT.code(secret, Totp.DEFAULT.step(at));
        }

        private Optional<WrongCode> explain(String typed) {
            return on.database().write(() -> wrongCodes.explain(bea.id(), SecretText.of(typed), LATER));
        }

        private boolean isAccepted(String typed, Instant at) {
            Factor factor = on.get(Factors.class).of(FactorKind.TOTP);
            Attempt attempt = new Attempt(bea.environment(), Origin.SYSTEM, at);
            Outcome outcome = factor.verify(
                    factor.challenge(new Subject.Known(bea.id()), attempt), Answer.Typed.of(typed), attempt);
            return outcome instanceof Outcome.Accepted accepted
                    && on.database().write(() -> accepted.claim().consume());
        }

        @Test
        void a_clock_that_is_off_is_named_to_ten_seconds() {
            SecretBytes secret = register();
            // From now to the middle of the step the code belongs to.
            assertThat(explain(code(secret, LATER.plusSeconds(240))))
                    .contains(new WrongCode.ClockOff(Duration.ofSeconds(260)));
            assertThat(explain(code(secret, LATER.minusSeconds(600))))
                    .contains(new WrongCode.ClockOff(Duration.ofSeconds(-580)));
            assertThat(new WrongCode.ClockOff(Duration.ofSeconds(260)).describe())
                    .isEqualTo("fast 260");
            assertThat(new WrongCode.ClockOff(Duration.ofSeconds(-580)).describe())
                    .isEqualTo("slow 580");
        }

        @Test
        void the_search_ends_an_hour_away() {
            SecretBytes secret = register();
            assertThat(explain(code(secret, LATER.plus(Duration.ofMinutes(60)))))
                    .isPresent();
            assertThat(explain(code(secret, LATER.plus(Duration.ofMinutes(61)))))
                    .isEmpty();
            assertThat(explain("not a code")).isEmpty();
            assertThat(explain("")).isEmpty();
        }

        @Test
        void a_code_that_was_named_is_never_accepted_so_that_a_guess_is_worth_no_more_than_before() {
            SecretBytes secret = register();
            Instant ahead = LATER.plusSeconds(240);
            String code = code(secret, ahead);
            assertThat(explain(code)).isPresent();
            assertThat(isAccepted(code, ahead)).isFalse();
            assertThat(isAccepted(code(secret, ahead.plusSeconds(30)), ahead.plusSeconds(30)))
                    .as("the next one")
                    .isTrue();
        }

        @Test
        void a_used_code_is_said_to_be_used() {
            SecretBytes secret = register();
            assertThat(isAccepted(code(secret, LATER), LATER)).isTrue();
            assertThat(explain(code(secret, LATER))).contains(new WrongCode.AlreadyUsed());
            assertThat(explain(code(secret, LATER.minusSeconds(30)))).contains(new WrongCode.AlreadyUsed());
        }

        @Test
        void a_code_of_the_app_before_is_said_to_be_of_an_older_qr_code_for_thirty_days() {
            SecretBytes old = register();
            register();
            assertThat(explain(code(old, LATER))).contains(new WrongCode.OlderApp());
            assertThat(isAccepted(code(old, LATER), LATER)).isFalse();
            assertThat(wrongCodes.forgetExpired(NOW.plus(Apps.KEPT).minusMillis(1)))
                    .isZero();
            assertThat(explain(code(old, LATER))).isPresent();
            wrongCodes.forgetExpired(NOW.plus(Apps.KEPT));
            assertThat(explain(code(old, LATER))).isEmpty();
        }

        @Test
        void after_a_reset_the_old_entry_is_recognised_while_a_new_app_is_set_up() {
            SecretBytes old = register();
            on.database().write(() -> apps.remove(bea, NOW));
            SecretBytes next = apps.newSecret();
            assertThat(wrongCodes.explainNew(bea.id(), next, SecretText.of(code(old, LATER)), LATER))
                    .contains(new WrongCode.OlderApp());
            assertThat(wrongCodes.explainNew(bea.id(), next, SecretText.of(code(next, LATER.plusSeconds(600))), LATER))
                    .contains(new WrongCode.ClockOff(Duration.ofSeconds(620)));
            assertThat(isAccepted(code(old, LATER), LATER)).isFalse();
        }

        @Test
        void a_former_secret_opens_in_no_other_place() {
            SecretBytes old = register();
            register();
            byte[] kept = on.database()
                    .sql()
                    .sql("SELECT sealed_secret FROM former_totp WHERE account_id = ?")
                    .param(bea.id().value())
                    .query((row, _) -> row.getBytes("sealed_secret"))
                    .single();
            assertThat(opens(kept, FormerTotpStore.place(bea.id(), 1))).isTrue();
            assertThat(opens(kept, Apps.place(bea.id(), 1))).isFalse();
            assertThat(code(old, NOW)).hasSize(6);
        }

        private boolean opens(byte[] bytes, Place place) {
            try {
                on.get(Vault.class).openQuietly(bytes, place);
                return true;
            } catch (Vault.NotOurs e) {
                return false;
            }
        }

        @Test
        void what_was_learned_of_a_phone_is_told_where_slow_typing_does_not_explain_it() {
            for (int drift : new int[] {-1, 0}) {
                register(apps.newSecret(), drift);
                assertThat(wrongCodes.learnedOffset(bea.id())).as("%d", drift).isEmpty();
            }
            register(apps.newSecret(), 1);
            assertThat(wrongCodes.learnedOffset(bea.id())).contains(Duration.ofSeconds(30));
            register(apps.newSecret(), -4);
            assertThat(wrongCodes.learnedOffset(bea.id())).contains(Duration.ofSeconds(-120));
        }
    }
}
