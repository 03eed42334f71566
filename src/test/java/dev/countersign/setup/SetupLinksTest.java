package dev.countersign.setup;

import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.ActivityLog;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.directory.NewAccount;
import dev.countersign.factor.password.Passwords;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.support.Crowd;
import dev.countersign.support.TestInstallation;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.SecretText;
import dev.countersign.vault.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The link that creates the first administrator, on both databases. */
class SetupLinksTest {
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
        private final TestInstallation on;
        private final SetupLinks links;
        private final Environment acme;
        private final Passwords.Prepared password;

        Contract(TestInstallation on) {
            this.on = on;
            this.acme = on.environment();
            this.links = new SetupLinks(
                    on.database(),
                    new SetupStore(on.database()),
                    on.get(Environments.class),
                    on.get(Accounts.class),
                    on.get(Passwords.class),
                    on.get(ActivityLog.class),
                    on.get(Randomness.class));
            this.password = on.get(Passwords.class)
                    .prepare(SecretText.of("correct horse"))
                    .orElseThrow();
        }

        private Token issue() {
            return links.issue(acme, NOW).orElseThrow();
        }

        private SetupLinks.Outcome create(Token token, String username, Instant at) {
            NewAccount typed = new NewAccount(username, "Ada", "ada@acme.example", Role.ADMINISTRATOR);
            return links.createAdministrator(acme, token, typed, password, Origin.SYSTEM, at);
        }

        @Test
        void it_creates_one_administrator_and_is_closed_for_good() {
            Token token = issue();
            assertThat(links.isOpen(acme, token, NOW)).isTrue();
            assertThat(create(token, "ada", NOW)).isInstanceOf(SetupLinks.Outcome.Created.class);
            assertThat(links.isOpen(acme, token, NOW)).isFalse();
            assertThat(create(token, "eve", NOW)).isEqualTo(new SetupLinks.Outcome.Closed());
            assertThat(links.issue(acme, NOW)).as("another link").isEmpty();
        }

        @Test
        void of_many_at_once_one_becomes_administrator() throws Exception {
            Token token = issue();
            java.util.concurrent.atomic.AtomicInteger next = new java.util.concurrent.atomic.AtomicInteger();
            List<SetupLinks.Outcome> all = Crowd.together(8, () -> create(token, "ada" + next.incrementAndGet(), NOW));
            assertThat(all.stream().filter(SetupLinks.Outcome.Created.class::isInstance))
                    .hasSize(1);
            assertThat(on.count(
                            "SELECT count(*) FROM account WHERE environment_id = ?",
                            acme.id().value()))
                    .isEqualTo(1);
        }

        @Test
        void what_cannot_be_an_account_leaves_the_link_open() {
            Token token = issue();
            assertThat(create(token, "a d a", NOW))
                    .isEqualTo(new SetupLinks.Outcome.Refused(Accounts.Problem.USERNAME_CHARACTERS));
            assertThat(links.isOpen(acme, token, NOW)).isTrue();
            assertThat(create(token, "ada", NOW)).isInstanceOf(SetupLinks.Outcome.Created.class);
        }

        @Test
        void it_lasts_an_hour_and_a_new_one_replaces_it() {
            Token first = issue();
            Instant end = NOW.plus(Duration.ofHours(1));
            assertThat(links.isOpen(acme, first, end.minusMillis(1))).isTrue();
            assertThat(links.isOpen(acme, first, end)).isFalse();
            assertThat(create(first, "ada", end)).isEqualTo(new SetupLinks.Outcome.Closed());
            Token second = issue();
            assertThat(links.isOpen(acme, first, NOW)).isFalse();
            assertThat(links.isOpen(acme, second, NOW)).isTrue();
        }

        @Test
        void it_opens_its_own_environment_only() {
            Token token = issue();
            assertThat(links.isOpen(on.environment(), token, NOW)).isFalse();
        }
    }
}
