package dev.countersign.factor.password;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.directory.Account;
import dev.countersign.factor.FactorContract;
import dev.countersign.factor.Outcome;
import dev.countersign.factor.Subject;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.support.TestInstallation;
import dev.countersign.vault.SecretText;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The password, on both databases. */
class PasswordFactorTest {
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
        private static final String PASSWORD = "correct horse battery staple";

        private final Passwords passwords;

        Contract(TestInstallation on) {
            super(on, FactorKind.PASSWORD);
            this.passwords = on.get(Passwords.class);
        }

        @Override
        protected Owner enrolled() {
            return new Owner(with(PASSWORD), PASSWORD);
        }

        @Override
        protected String wrong() {
            return "correct horse battery stapl";
        }

        @Override
        protected boolean isSingleUse() {
            return false;
        }

        private Account with(String password) {
            Account account = on.person();
            set(account, password, Optional.empty());
            return account;
        }

        private void set(Account account, String password, Optional<Passwords.MustChange> mustChange) {
            Passwords.Prepared prepared =
                    passwords.prepare(SecretText.of(password)).orElseThrow();
            passwords.set(account, prepared, mustChange, ACTOR, Origin.SYSTEM, NOW);
        }

        private boolean isRight(Account account, String typed) {
            return verify(account, typed, NOW) instanceof Outcome.Accepted;
        }

        @Test
        void every_byte_counts_also_after_the_72nd() {
            String long72 = "x".repeat(72);
            Account bea = with(long72 + "a");
            assertThat(isRight(bea, long72 + "a")).isTrue();
            assertThat(isRight(bea, long72 + "b")).isFalse();
            assertThat(isRight(bea, long72)).isFalse();
        }

        @Test
        void a_blocked_password_gets_the_answer_and_costs_the_hash_of_a_wrong_one() {
            Account bea = with(PASSWORD);
            on.database().write(() -> passwords.block(bea.id(), "request"));
            long start = passwords.hashed();
            Outcome blocked = verify(bea, PASSWORD, NOW);
            long afterBlocked = passwords.hashed();
            Outcome wrong = verify(bea, wrong(), NOW);
            assertThat(blocked).isEqualTo(wrong).isInstanceOf(Outcome.Rejected.class);
            assertThat(afterBlocked - start).isEqualTo(1);
            assertThat(passwords.hashed() - afterBlocked).isEqualTo(1);
            set(bea, "a quite different battery", Optional.empty());
            assertThat(isRight(bea, "a quite different battery")).isTrue();
        }

        @Test
        void a_nul_does_not_end_it() {
            Account bea = with("before\u0000after");
            assertThat(isRight(bea, "before\u0000after")).isTrue();
            assertThat(isRight(bea, "before\u0000other")).isFalse();
            assertThat(isRight(bea, "before")).isFalse();
        }

        @Test
        void spaces_and_capitals_count() {
            Account bea = with(" Zwei Wörter ");
            assertThat(isRight(bea, " Zwei Wörter ")).isTrue();
            assertThat(isRight(bea, "Zwei Wörter")).isFalse();
            assertThat(isRight(bea, " zwei wörter ")).isFalse();
        }

        @Test
        void the_same_characters_from_another_keyboard_are_the_same_password() {
            Account bea = with("Zu\u0308rich ﬁnal ①");
            assertThat(isRight(bea, "Z\u00fcrich final 1")).isTrue();
            assertThat(isRight(bea, "Zurich final 1")).isFalse();
        }

        @Test
        void the_longest_is_taken_and_a_longer_one_never_hashed() {
            String longest = "ü".repeat(PasswordRules.LONGEST);
            Account bea = with(longest);
            assertThat(isRight(bea, longest)).isTrue();
            assertThat(isRight(bea, longest + "ü")).isFalse();
            SecretText longer = SecretText.of(longest + "ü");
            long before = System.nanoTime();
            for (int i = 0; i < 2_000; i++) {
                assertThat(passwords.check(bea.environment(), new Subject.Known(bea.id()), longer))
                        .isEqualTo(new Passwords.Checked.Wrong());
            }
            assertThat(System.nanoTime() - before)
                    .as("two thousand hashes of 19 MiB would take 20 seconds on a fast machine")
                    .isLessThan(5_000_000_000L);
        }

        @Test
        void the_hash_is_argon2id_at_the_recommended_cost_and_hidden() {
            Passwords.Prepared prepared =
                    passwords.prepare(SecretText.of(PASSWORD)).orElseThrow();
            assertThat(prepared.phc()).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
            assertThat(prepared.toString()).doesNotContain("argon2");
            assertThat(passwords.prepare(SecretText.of(PASSWORD)).orElseThrow().phc())
                    .as("another salt")
                    .isNotEqualTo(prepared.phc());
        }

        @Test
        void a_weaker_hash_is_replaced_at_the_next_use_unless_the_password_changed_meanwhile() {
            Account bea = with(PASSWORD);
            PasswordHash.Cost weak = new PasswordHash.Cost(64, 1, 1);
            byte[] salt = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
            String phc = new PasswordHash(
                            weak,
                            salt,
                            new Argon2id.Portable().compute(PASSWORD.getBytes(StandardCharsets.UTF_8), salt, 32, weak))
                    .phc();
            store(bea, phc);
            Outcome.Accepted accepted = (Outcome.Accepted) verify(bea, PASSWORD, NOW);
            assertThat(stored(bea)).as("looking changes nothing").isEqualTo(phc);
            on.database().write(() -> assertThat(accepted.claim().consume()).isTrue());
            assertThat(stored(bea)).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
            assertThat(isRight(bea, PASSWORD)).isTrue();

            store(bea, phc);
            Outcome.Accepted late = (Outcome.Accepted) verify(bea, PASSWORD, NOW);
            set(bea, "a new password", Optional.empty());
            on.database().write(() -> assertThat(late.claim().consume()).isTrue());
            assertThat(isRight(bea, "a new password")).isTrue();
            assertThat(isRight(bea, PASSWORD)).isFalse();
        }

        private void store(Account account, String phc) {
            passwords.set(account, new Passwords.Prepared(phc), Optional.empty(), ACTOR, Origin.SYSTEM, NOW);
        }

        private String stored(Account account) {
            return passwords.phc(account.id()).orElseThrow();
        }

        @Test
        void a_demanded_change_lasts_until_the_password_is_set() {
            Account bea = with(PASSWORD);
            assertThat(passwords.mustChange(bea.id())).isEmpty();
            on.database().write(() -> passwords.demandChange(bea.id(), Passwords.MustChange.GUESSED));
            assertThat(passwords.mustChange(bea.id())).contains(Passwords.MustChange.GUESSED);
            set(bea, "another password", Optional.of(Passwords.MustChange.REQUIRED));
            assertThat(passwords.mustChange(bea.id())).contains(Passwords.MustChange.REQUIRED);
            set(bea, "another password", Optional.empty());
            assertThat(passwords.mustChange(bea.id())).isEmpty();
            assertThatThrownBy(() -> passwords.demandChange(bea.id(), Passwords.MustChange.GUESSED))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    /** RFC 9106 section 5.3 has a secret and associated data, which we do not use; this one is the reference tool's. */
    @Test
    void native_and_java_give_the_known_hash() {
        byte[] password = "password".getBytes(StandardCharsets.US_ASCII);
        byte[] salt = "somesalt".getBytes(StandardCharsets.US_ASCII);
        PasswordHash.Cost cost = new PasswordHash.Cost(65_536, 2, 1);
        String known = "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7";
        assertThat(Argon2id.best()).as("the native library on this machine").isInstanceOf(Argon2id.Native.class);
        assertThat(hex(Argon2id.best(), password, salt, cost)).isEqualTo(known);
        assertThat(hex(new Argon2id.Portable(), password, salt, cost)).isEqualTo(known);
    }

    @Test
    void native_and_java_agree_on_every_shape_of_input() {
        PasswordHash.Cost cost = new PasswordHash.Cost(64, 2, 2);
        byte[] salt = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");
        for (String text : new String[] {"a", "before\u0000after", "ü".repeat(256), "\uD83D\uDE00", "\u0000"}) {
            byte[] password = text.getBytes(StandardCharsets.UTF_8);
            assertThat(hex(Argon2id.best(), password, salt, cost))
                    .isEqualTo(hex(new Argon2id.Portable(), password, salt, cost));
        }
    }

    private static String hex(Argon2id argon2, byte[] password, byte[] salt, PasswordHash.Cost cost) {
        return HexFormat.of().formatHex(argon2.compute(password, salt, 32, cost).reveal());
    }

    @Test
    void a_stored_hash_reads_back_and_nonsense_or_endless_work_does_not() {
        String phc = "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$"
                + "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHApl8ArZWb2GRPPc";
        PasswordHash parsed = PasswordHash.parse(phc).orElseThrow();
        assertThat(parsed.phc()).isEqualTo(phc);
        assertThat(parsed.toString()).doesNotContain("CTFhFd");
        for (String nonsense : new String[] {
            "",
            "plain",
            phc.replace("argon2id", "argon2i"),
            phc.replace("v=19", "v=16"),
            phc.replace("m=19456", "m=9999999"),
            phc.replace("m=19456", "m=7"),
            phc.replace("t=2", "t=0"),
            phc.replace("p=1", "p=0"),
            phc + "$",
            phc.replace("MDEy", "*DEy")
        }) {
            assertThat(PasswordHash.parse(nonsense)).as(nonsense).isEmpty();
        }
    }

    @Test
    void a_new_password_is_long_enough_not_common_and_not_the_name() {
        assertThat(problem("correct horse")).isEmpty();
        assertThat(problem("1234567")).contains(PasswordRules.Problem.TOO_SHORT);
        assertThat(problem("\uD83D\uDE00".repeat(4))).as("four characters").contains(PasswordRules.Problem.TOO_SHORT);
        assertThat(problem("x9".repeat(128))).contains(PasswordRules.Problem.COMMON);
        assertThat(problem("correct horse ".repeat(30))).contains(PasswordRules.Problem.TOO_LONG);
        assertThat(problem("Password1")).contains(PasswordRules.Problem.COMMON);
        assertThat(problem("aaaaaaaaaaaa")).contains(PasswordRules.Problem.COMMON);
        assertThat(problem("Bea.Lindner1")).contains(PasswordRules.Problem.LIKE_NAME);
        assertThat(problem("bea.l@northwind.example")).contains(PasswordRules.Problem.LIKE_NAME);
    }

    private static Optional<PasswordRules.Problem> problem(String password) {
        return PasswordRules.check(SecretText.of(password), "bea.lindner", "bea.l@northwind.example");
    }
}
