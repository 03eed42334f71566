package dev.countersign.factor.replacement;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.directory.Account;
import dev.countersign.factor.FactorContract;
import dev.countersign.factor.Factors;
import dev.countersign.factor.Outcome;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.support.TestInstallation;
import dev.countersign.vault.SecretText;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The code that is read out, on both databases. */
class ReplacementFactorTest {
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
        private final ReplacementCodes codes;

        Contract(TestInstallation on) {
            super(on, FactorKind.REPLACEMENT);
            this.codes = on.get(ReplacementCodes.class);
        }

        @Override
        protected Owner enrolled() {
            Account account = on.person();
            return new Owner(account, issue(account).code().reveal());
        }

        @Override
        protected String wrong() {
            return "ABCDEFGH";
        }

        @Override
        protected boolean isSingleUse() {
            return true;
        }

        private ReplacementCodes.Issued issue(Account account) {
            return on.database().write(() -> codes.issue(account, ACTOR, Origin.SYSTEM, NOW));
        }

        @Test
        void a_code_has_8_characters_without_look_alikes_one_of_them_a_letter_and_never_repeats() {
            Account bea = on.person();
            Set<String> seen = new HashSet<>();
            for (int i = 0; i < 50; i++) {
                String code = issue(bea).code().reveal();
                assertThat(code).matches("[A-HJ-NP-Z2-9]{8}").containsPattern("[A-Z]");
                seen.add(code);
            }
            assertThat(seen).hasSize(50);
            assertThat(ReplacementCodes.parse(SecretText.of("23456789")))
                    .as("the eight digits of an app")
                    .isEmpty();
        }

        @Test
        void it_works_as_people_type_what_they_hear() {
            Account bea = on.person();
            List<String> groups = ReplacementCodes.groups(issue(bea).code());
            assertThat(groups).hasSize(2).allMatch(group -> group.length() == 4);
            String grouped = String.join(" ", groups);
            for (String typed : List.of(
                    grouped,
                    grouped.replace(" ", ""),
                    grouped.toLowerCase(Locale.ROOT),
                    grouped.replace(' ', '-'),
                    " " + grouped.replace(' ', '\u2013') + "\n")) {
                assertThat(verify(bea, typed, NOW)).as("%s", typed).isInstanceOf(Outcome.Accepted.class);
            }
        }

        @Test
        void it_ends_after_a_day_and_is_asked_for_still() {
            Account bea = on.person();
            ReplacementCodes.Issued issued = issue(bea);
            String code = issued.code().reveal();
            assertThat(issued.expiresAt()).isEqualTo(NOW.plus(ReplacementCodes.LIFE));
            assertThat(verify(bea, code, issued.expiresAt().minusMillis(1))).isInstanceOf(Outcome.Accepted.class);
            assertThat(verify(bea, code, issued.expiresAt())).isInstanceOf(Outcome.Rejected.class);
            assertThat(on.get(Factors.class).standing(bea.id()).second()).containsExactly(FactorKind.REPLACEMENT);
        }

        @Test
        void a_code_that_expires_between_looking_and_taking_is_not_taken() {
            Account bea = on.person();
            ReplacementCodes.Issued issued = issue(bea);
            Outcome.Accepted accepted =
                    (Outcome.Accepted) verify(bea, issued.code().reveal(), NOW);
            on.database()
                    .write(() -> on.database()
                            .sql()
                            .sql("UPDATE replacement_code SET expires_at = ? WHERE account_id = ?")
                            .params(NOW.toEpochMilli(), bea.id().value())
                            .update());
            assertThat(on.database().write(() -> accepted.claim().consume())).isFalse();
        }

        @Test
        void a_used_code_is_asked_for_until_it_is_removed() {
            Owner bea = enrolled();
            assertThat(use(bea.account(), bea.answer(), NOW)).isTrue();
            assertThat(codes.isWaiting(bea.account().id())).isTrue();
            assertThat(verify(bea.account(), bea.answer(), NOW))
                    .isEqualTo(new Outcome.Rejected(Outcome.Rejection.REPLAYED));
            on.database().write(() -> codes.remove(bea.account().id()));
            assertThat(codes.isWaiting(bea.account().id())).isFalse();
            assertThat(on.get(Factors.class).standing(bea.account().id()).second())
                    .isEmpty();
        }

        @Test
        void a_new_code_replaces_a_used_one() {
            Owner bea = enrolled();
            assertThat(use(bea.account(), bea.answer(), NOW)).isTrue();
            String next = issue(bea.account()).code().reveal();
            assertThat(verify(bea.account(), bea.answer(), NOW)).isInstanceOf(Outcome.Rejected.class);
            assertThat(use(bea.account(), next, NOW)).isTrue();
        }

        @Test
        void the_code_is_stored_nowhere() {
            Owner bea = enrolled();
            assertThat(on.count(
                            "SELECT count(*) FROM replacement_code WHERE account_id = ? AND code_hash LIKE ?",
                            bea.account().id().value(),
                            "%" + bea.answer() + "%"))
                    .isZero();
            assertThat(on.count("SELECT count(*) FROM activity WHERE details LIKE ?", "%" + bea.answer() + "%"))
                    .isZero();
        }

        @Test
        void everything_happens_in_a_transaction() {
            Account bea = on.person();
            assertThatThrownBy(() -> codes.issue(bea, ACTOR, Origin.SYSTEM, NOW))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> codes.remove(bea.id())).isInstanceOf(IllegalStateException.class);
        }
    }
}
