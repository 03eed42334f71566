package dev.countersign.factor.password;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.Account;
import dev.countersign.directory.Environment;
import dev.countersign.factor.Answer;
import dev.countersign.factor.Attempt;
import dev.countersign.factor.Factors;
import dev.countersign.factor.Outcome;
import dev.countersign.factor.Subject;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.support.TestInstallation;
import dev.countersign.support.Vectors;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Hashes that people bring along: every published one opens with its password, once, and is ours from then on. */
class ForeignHashTest {
    private static final String OURS = "$argon2id$v=19$m=19456,t=2,p=1$";

    @Nested
    class OnSqlite extends Contract {
        OnSqlite() {
            super(TestInstallation.sqlite(), 1);
        }
    }

    @Nested
    class OnPostgresql extends Contract {
        OnPostgresql() {
            super(TestInstallation.postgresql(), 6);
        }
    }

    abstract static class Contract {
        private final TestInstallation on;
        private final Passwords passwords;
        private final int step;

        /** @param step 1 for every published hash; opening one takes long on purpose, and does not depend on the database */
        Contract(TestInstallation on, int step) {
            this.on = on;
            this.step = step;
            this.passwords = on.get(Passwords.class);
        }

        private Account movedIn(Environment environment, String username, String hash) {
            Account account = on.person(environment, username, Role.USER);
            Passwords.Adopted.Accepted adopted = (Passwords.Adopted.Accepted) Passwords.adopt(hash);
            passwords.set(account, adopted.password(), Optional.empty(), ACTOR, Origin.SYSTEM, NOW);
            return account;
        }

        private Outcome verify(Environment environment, Subject subject, String typed) {
            Attempt attempt = new Attempt(environment.id(), Origin.SYSTEM, NOW);
            var factor = on.get(Factors.class).of(FactorKind.PASSWORD);
            return factor.verify(factor.challenge(subject, attempt), Answer.Typed.of(typed), attempt);
        }

        private Outcome verify(Environment environment, Account account, String typed) {
            return verify(environment, new Subject.Known(account.id()), typed);
        }

        private String stored(Account account) {
            return passwords.phc(account.id()).orElseThrow();
        }

        @Test
        void every_published_hash_opens_with_its_password_and_is_ours_afterwards() {
            Environment environment = on.environment();
            List<List<String>> cases = Vectors.read("password-hashes.txt");
            for (int i = 0; i < cases.size(); i += step) {
                String password = cases.get(i).get(0);
                Account bea = movedIn(environment, "bea" + i, cases.get(i).get(1));
                String before = stored(bea);
                assertThat(verify(environment, bea, password + "x"))
                        .as(before)
                        .isEqualTo(new Outcome.Rejected(Outcome.Rejection.WRONG));
                Outcome outcome = verify(environment, bea, password);
                assertThat(outcome).as(before).isInstanceOf(Outcome.Accepted.class);
                Outcome.Accepted accepted = (Outcome.Accepted) outcome;
                assertThat(stored(bea)).as("looking changes nothing").isEqualTo(before);
                on.database().write(() -> assertThat(accepted.claim().consume()).isTrue());
                assertThat(stored(bea)).startsWith(OURS);
                assertThat(verify(environment, bea, password)).isInstanceOf(Outcome.Accepted.class);
            }
        }

        @Test
        void what_was_typed_counts_as_typed_and_in_our_normal_form() {
            Environment environment = on.environment();
            Account bea = movedIn(environment, "bea", "pbkdf2_sha1$320000$seasalt2$sDOkTvzV93jPWTRVxFGh50Jefo0=");
            assertThat(verify(environment, bea, "le\u0300tmein")).isInstanceOf(Outcome.Accepted.class);
            assertThat(verify(environment, bea, "letmein")).isInstanceOf(Outcome.Rejected.class);
        }

        @Test
        void a_name_nobody_has_does_the_work_of_somebodys_hash_and_is_always_refused() {
            Environment environment = on.environment();
            for (int i = 0; i < 4; i++) {
                movedIn(environment, "bea" + i, "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW");
            }
            for (int i = 0; i < 20; i++) {
                assertThat(verify(environment, new Subject.Decoy("nobody" + i), "U*U"))
                        .isEqualTo(new Outcome.Rejected(Outcome.Rejection.WRONG));
            }
            Account none = on.person(environment, "without", Role.USER);
            assertThat(verify(environment, none, "U*U"))
                    .as("the hash of another is no password of one's own")
                    .isEqualTo(new Outcome.Rejected(Outcome.Rejection.WRONG));
        }

        @Test
        void the_work_for_a_name_nobody_has_is_that_of_the_hashes_there_are() {
            Environment slow = on.environment();
            movedIn(slow, "bea", "pbkdf2_sha256$1000000$seasalt$r1uLUxoxpP2Ued/qxvmje7UH9PUJBkRrvf9gGPL7Cps=");
            Environment quick = on.environment();
            movedIn(quick, "bea", "$2a$04$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW");
            long million = nanoseconds(slow);
            long sixteen = nanoseconds(quick);
            assertThat(million).as("a million rounds against sixteen").isGreaterThan(5 * sixteen);
        }

        private long nanoseconds(Environment environment) {
            long best = Long.MAX_VALUE;
            for (int i = 0; i < 3; i++) {
                long start = System.nanoTime();
                verify(environment, new Subject.Decoy("nobody"), "some password");
                best = Math.min(best, System.nanoTime() - start);
            }
            return best;
        }
    }

    @Test
    void spellings_become_one() {
        assertThat(phc("pbkdf2_sha1$320000$seasalt2$sDOkTvzV93jPWTRVxFGh50Jefo0="))
                .isEqualTo("$pbkdf2-sha1$i=320000$c2Vhc2FsdDI$sDOkTvzV93jPWTRVxFGh50Jefo0");
        assertThat(phc("$argon2id$v=19$m=7168,t=5,p=1$c29tZXNhbHQ=$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHApl8ArZWb2GRPPc="))
                .isEqualTo("$argon2id$v=19$m=7168,t=5,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHApl8ArZWb2GRPPc");
        for (List<String> one : Vectors.read("password-hashes.txt")) {
            assertThat(phc(phc(one.get(1)))).isEqualTo(phc(one.get(1)));
        }
    }

    private static String phc(String hash) {
        return ((Passwords.Adopted.Accepted) Passwords.adopt(hash)).password().phc();
    }

    @Test
    void a_file_cannot_order_gigabytes_or_minutes() {
        String salt = "c29tZXNhbHQ";
        String hash = "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHApl8ArZWb2GRPPc";
        for (String hostile : List.of(
                "$argon2id$v=19$m=4194304,t=1,p=1$" + salt + "$" + hash,
                "$argon2id$v=19$m=99999999,t=1,p=1$" + salt + "$" + hash,
                "$argon2id$v=19$m=65536,t=999999,p=1$" + salt + "$" + hash,
                "$argon2id$v=19$m=65536,t=1,p=255$" + salt + "$" + hash,
                "$argon2i$m=262144,t=1,p=1$" + salt + "$" + hash,
                "$2a$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
                "$2b$16$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
                "$scrypt$ln=20,r=32,p=1$" + salt + "$" + hash,
                "$scrypt$ln=63,r=8,p=1$" + salt + "$" + hash,
                "$scrypt$ln=18,r=8,p=1$" + salt + "$" + hash,
                "$scrypt$ln=10,r=8,p=999$" + salt + "$" + hash,
                "scrypt$536870912$salt$8$1$" + hash,
                "$pbkdf2-sha256$i=999999999$" + salt + "$" + hash,
                "pbkdf2_sha512$900000000$salt$" + hash)) {
            assertThat(Passwords.adopt(hostile)).as(hostile).isEqualTo(new Passwords.Adopted.TooMuchWork());
        }
    }

    @Test
    void what_is_no_hash_that_can_be_checked_is_not_taken() {
        for (String nonsense : List.of(
                "",
                "secret",
                "5f4dcc3b5aa765d61d8327deb882cf99",
                "{SSHA}ug7h8OV0DFBG7VjUSpkYFNwmxbE4gGAk",
                "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/",
                "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO/O817G3uBnIFNjnQJuesI68OTLiBFdcbYEdFCoEOfaS35inz1",
                "$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e",
                "$2a$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
                "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe",
                "$argon2id$v=19$m=7,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHApl8ArZWb2GRPPc",
                "$argon2id$v=19$m=64,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHApl8ArZWb2GRPPc",
                "$argon2id$v=19$m=64,t=1,p=1$c2$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHApl8ArZWb2GRPPc",
                "$argon2d$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHApl8ArZWb2GRPPc",
                "$scrypt$ln=0,r=8,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHApl8ArZWb2GRPPc",
                "scrypt$16383$salt$8$1$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHApl8ArZWb2GRPPc",
                "$pbkdf2-sha256$i=0$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHApl8ArZWb2GRPPc",
                "$pbkdf2-md5$1000$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHApl8ArZWb2GRPPc",
                "$pbkdf2-sha256$1000$c29tZXNhbHQ$YWJj",
                "$pbkdf2-sha256$1000$*$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHApl8ArZWb2GRPPc",
                "$argon2id$" + "$".repeat(1_000_000))) {
            assertThat(Passwords.adopt(nonsense)).as("%.80s", nonsense).isEqualTo(new Passwords.Adopted.Unknown());
        }
    }

    @Test
    void no_hash_is_printed() {
        for (List<String> one : Vectors.read("password-hashes.txt")) {
            String tail = one.get(1).substring(one.get(1).length() - 12);
            assertThat(Passwords.adopt(one.get(1)).toString()).doesNotContain(tail);
            assertThat(HashReader.read(one.get(1)).toString()).doesNotContain(tail);
        }
    }
}
