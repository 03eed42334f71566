package dev.countersign.factor.recovery;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.directory.Account;
import dev.countersign.factor.Answer;
import dev.countersign.factor.Attempt;
import dev.countersign.factor.Challenge;
import dev.countersign.factor.Factor;
import dev.countersign.factor.FactorContract;
import dev.countersign.factor.Factors;
import dev.countersign.factor.Outcome;
import dev.countersign.factor.Subject;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.support.TestInstallation;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.SecretText;
import dev.countersign.vault.Token;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The recovery code, on both databases. */
class RecoveryFactorTest {
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
        private final RecoveryCodes codes;

        Contract(TestInstallation on) {
            super(on, FactorKind.RECOVERY);
            this.codes = on.get(RecoveryCodes.class);
        }

        @Override
        protected Owner enrolled() {
            Account account = on.person();
            SecretText code = issue(account);
            confirm(account, code);
            return new Owner(account, code.reveal());
        }

        @Override
        protected String wrong() {
            return "ABCD".repeat(6);
        }

        @Override
        protected boolean isSingleUse() {
            return true;
        }

        private SecretText issue(Account account) {
            return on.database().write(() -> codes.issue(account, ACTOR, Origin.SYSTEM, NOW));
        }

        private void confirm(Account account, SecretText code) {
            on.database().write(() -> codes.confirm(account, code, ACTOR, Origin.SYSTEM, NOW));
        }

        private Outcome verifyIn(Token browser, Owner owner, Instant at) {
            Attempt attempt = new Attempt(owner.account().environment(), Origin.SYSTEM, Optional.of(browser), at);
            Factor factor = on.get(Factors.class).of(FactorKind.RECOVERY);
            Challenge challenge =
                    factor.challenge(new Subject.Known(owner.account().id()), attempt);
            return factor.verify(challenge, Answer.Typed.of(owner.answer()), attempt);
        }

        private boolean useIn(Token browser, Owner owner, Instant at) {
            return verifyIn(browser, owner, at) instanceof Outcome.Accepted accepted
                    && on.database().write(() -> accepted.claim().consume());
        }

        @Test
        void a_code_has_24_characters_without_look_alikes_and_never_repeats() {
            Account bea = on.person();
            Set<String> seen = new HashSet<>();
            for (int i = 0; i < 50; i++) {
                String code = issue(bea).reveal();
                assertThat(code).matches("[A-HJ-NP-Z2-9]{24}");
                seen.add(code);
            }
            assertThat(seen).hasSize(50);
        }

        @Test
        void it_works_as_people_type_it() {
            Account bea = on.person();
            String code = issue(bea).reveal();
            confirm(bea, SecretText.of(code));
            String grouped = String.join(" ", RecoveryCodes.groups(SecretText.of(code)));
            for (String typed : List.of(
                    code,
                    grouped,
                    grouped.toLowerCase(Locale.ROOT),
                    grouped.replace(' ', '-'),
                    " " + code + "\n",
                    grouped.replace(' ', '\u2013'),
                    grouped.replace(' ', '\u00a0'))) {
                assertThat(verify(bea, typed, NOW)).as("%s", typed).isInstanceOf(Outcome.Accepted.class);
            }
            assertThat(RecoveryCodes.parse(SecretText.of(code + " ".repeat(77))))
                    .isEmpty();
        }

        @Test
        void a_new_code_replaces_the_old_one_when_it_is_confirmed_and_not_before() {
            Owner bea = enrolled();
            SecretText next = issue(bea.account());
            assertThat(verify(bea.account(), next.reveal(), NOW)).isInstanceOf(Outcome.Rejected.class);
            assertThat(verify(bea.account(), bea.answer(), NOW)).isInstanceOf(Outcome.Accepted.class);
            confirm(bea.account(), next);
            assertThat(verify(bea.account(), next.reveal(), NOW)).isInstanceOf(Outcome.Accepted.class);
            assertThat(verify(bea.account(), bea.answer(), NOW)).isInstanceOf(Outcome.Rejected.class);
            assertThat(on.get(Factors.class).standing(bea.account().id()).second())
                    .containsExactly(FactorKind.RECOVERY);
        }

        @Test
        void whoever_leaves_before_the_new_code_is_confirmed_comes_back_with_the_used_one_in_the_same_browser() {
            Owner bea = enrolled();
            Token browser = on.get(Randomness.class).token();
            assertThat(useIn(browser, bea, NOW)).isTrue();
            assertThat(on.get(Factors.class).standing(bea.account().id()).recoveryConfirmed())
                    .isFalse();
            assertThat(on.get(Factors.class).standing(bea.account().id()).second())
                    .containsExactly(FactorKind.RECOVERY);

            assertThat(verifyIn(on.get(Randomness.class).token(), bea, NOW))
                    .as("another browser")
                    .isEqualTo(new Outcome.Rejected(Outcome.Rejection.REPLAYED));
            assertThat(verify(bea.account(), bea.answer(), NOW))
                    .as("no browser")
                    .isEqualTo(new Outcome.Rejected(Outcome.Rejection.REPLAYED));
            Instant late = NOW.plus(RecoveryFactor.RESUMABLE);
            assertThat(verifyIn(browser, bea, late)).isInstanceOf(Outcome.Rejected.class);
            assertThat(useIn(browser, bea, late.minusMillis(1))).isTrue();

            confirm(bea.account(), issue(bea.account()));
            assertThat(useIn(browser, bea, NOW)).as("after the new one is kept").isFalse();
        }

        @Test
        void nothing_is_resumed_after_a_reset_or_a_day() {
            Owner bea = enrolled();
            Token browser = on.get(Randomness.class).token();
            assertThat(useIn(browser, bea, NOW)).isTrue();
            on.database().write(() -> codes.remove(bea.account().id()));
            assertThat(useIn(browser, bea, NOW)).isFalse();

            Owner carl = enrolled();
            assertThat(useIn(browser, carl, NOW)).isTrue();
            codes.forgetExpired(NOW.plus(RecoveryFactor.RESUMABLE));
            assertThat(on.get(Factors.class).standing(carl.account().id()).second())
                    .isEmpty();
        }

        @Test
        void a_used_code_is_gone() {
            Owner bea = enrolled();
            assertThat(use(bea.account(), bea.answer(), NOW)).isTrue();
            assertThat(on.get(Factors.class).standing(bea.account().id()).second())
                    .isEmpty();
        }

        @Test
        void the_code_is_stored_nowhere() {
            Owner bea = enrolled();
            assertThat(on.count(
                            "SELECT count(*) FROM recovery_code WHERE account_id = ? AND code_hash LIKE ?",
                            bea.account().id().value(),
                            "%" + bea.answer() + "%"))
                    .isZero();
        }

        @Test
        void a_hash_copied_to_another_account_opens_nothing() {
            Owner bea = enrolled();
            Owner carl = enrolled();
            on.database()
                    .write(() -> on.database()
                            .sql()
                            .sql("""
                            UPDATE recovery_code SET code_hash = (SELECT code_hash FROM recovery_code WHERE account_id = ?)
                            WHERE account_id = ?""")
                            .params(
                                    bea.account().id().value(),
                                    carl.account().id().value())
                            .update());
            assertThat(verify(carl.account(), bea.answer(), NOW)).isInstanceOf(Outcome.Rejected.class);
        }

        @Test
        void everything_happens_in_a_transaction() {
            Account bea = on.person();
            SecretText code = SecretText.of(wrong());
            assertThatThrownBy(() -> codes.issue(bea, ACTOR, Origin.SYSTEM, NOW))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> codes.confirm(bea, code, ACTOR, Origin.SYSTEM, NOW))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> codes.remove(bea.id())).isInstanceOf(IllegalStateException.class);
        }
    }
}
