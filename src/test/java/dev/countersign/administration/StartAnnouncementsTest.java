package dev.countersign.administration;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Group;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.mail.MailQueue;
import dev.countersign.mail.MailServer;
import dev.countersign.mail.MailSettings;
import dev.countersign.policy.AutomaticStart;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.support.Crowd;
import dev.countersign.support.TestInstallation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** D2: whoever has something to do before a start hears of its date by mail, once. */
class StartAnnouncementsTest {
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
        private final StartAnnouncements announcements;
        private final Policies policies;
        private Environment acme;

        Contract(TestInstallation on) {
            this.on = on;
            this.announcements = on.get(StartAnnouncements.class);
            this.policies = on.get(Policies.class);
            this.acme = on.environment();
        }

        @BeforeEach
        void anEnvironmentWithMail() {
            acme = on.environment();
            MailSettings settings = new MailSettings(
                    "127.0.0.1", 2, MailSettings.Security.NONE, "", "login@northwind.example", "Northwind", "en");
            on.get(MailServer.class).change(acme.id(), settings, Optional.empty(), ACTOR, Origin.SYSTEM, NOW);
        }

        private void startIn(Duration delay, Rules.Scope scope) {
            policies.changeStart(
                    acme.id(),
                    Optional.of(new AutomaticStart("go", delay, scope, Optional.empty(), Optional.empty())),
                    ACTOR,
                    Origin.SYSTEM,
                    NOW);
            policies.event(acme.id(), "go", ACTOR, Origin.SYSTEM, NOW);
        }

        /** Whom mails were queued to, in all rounds. */
        private List<String> announced(Instant now) {
            while (announcements.announceSome(acme.id(), now)) {
                assertThat(announcements.planned(now)).contains(acme.id());
            }
            return queued();
        }

        private List<String> queued() {
            return on.get(MailQueue.class).newest(acme.id(), 1_000).stream()
                    .filter(mail -> mail.kind().equals("requirement-starts"))
                    .map(mail -> on.get(Accounts.class)
                            .get(mail.account().orElseThrow())
                            .username())
                    .sorted()
                    .toList();
        }

        private void enrol(Account account) {
            on.database()
                    .write(() -> on.database()
                            .sql()
                            .sql("UPDATE account SET enrolled_at = 1 WHERE id = ?")
                            .param(account.id().value())
                            .update());
        }

        @Test
        void those_concerned_who_must_still_set_up_are_written_to_once() {
            Account bea = on.person(acme, "bea", Role.USER);
            Account done = on.person(acme, "done", Role.USER);
            Account exempt = on.person(acme, "exempt", Role.USER);
            on.person(acme, "outside", Role.USER);
            enrol(done);
            policies.exempt(exempt, "no phone", NOW.plus(Duration.ofDays(30)), ACTOR, Origin.SYSTEM, NOW);
            Group sales = on.group(acme, "Sales", bea, done, exempt);
            assertThat(announced(NOW)).as("no date is known").isEmpty();
            startIn(Duration.ofDays(3), new Rules.Scope.Selected(Set.of(sales.id()), Set.of()));

            assertThat(announcements.planned(NOW)).contains(acme.id());
            assertThat(announced(NOW)).containsExactly("bea");
            assertThat(announced(NOW.plusSeconds(60))).as("again").containsExactly("bea");
        }

        @Test
        void a_date_that_is_moved_is_announced_again_and_one_that_is_taken_back_is_not() {
            on.person(acme, "bea", Role.USER);
            startIn(Duration.ofDays(3), new Rules.Scope.Everyone());
            assertThat(announced(NOW)).containsExactly("bea");
            AutomaticStart start = policies.automaticStart(acme.id()).orElseThrow();
            AutomaticStart moved = new AutomaticStart(
                    "go", start.delay(), start.scope(), start.eventAt(), Optional.of(NOW.plus(Duration.ofDays(9))));
            policies.changeStart(acme.id(), Optional.of(moved), ACTOR, Origin.SYSTEM, NOW);
            assertThat(announced(NOW)).containsExactly("bea", "bea");
            policies.changeStart(acme.id(), Optional.empty(), ACTOR, Origin.SYSTEM, NOW);
            on.person(acme, "carl", Role.USER);
            assertThat(announced(NOW)).containsExactly("bea", "bea");
        }

        @Test
        void many_are_written_to_in_many_transactions_by_any_node_each_once() throws Exception {
            List<String> all = new ArrayList<>();
            for (int i = 100; i < 100 + 2 * StartAnnouncements.AT_ONCE + 7; i++) {
                on.person(acme, "many" + i, Role.USER);
                all.add("many" + i);
            }
            startIn(Duration.ofDays(1), new Rules.Scope.Everyone());
            assertThat(announcements.announceSome(acme.id(), NOW)).isTrue();
            assertThat(queued()).as("one transaction").hasSize(StartAnnouncements.AT_ONCE);
            Crowd.together(6, () -> announcements.announceSome(acme.id(), NOW));
            assertThat(announced(NOW)).containsExactlyElementsOf(all);
        }

        @Test
        void without_a_mail_server_it_waits_for_one() {
            on.person(acme, "bea", Role.USER);
            on.get(MailServer.class).remove(acme.id(), ACTOR, Origin.SYSTEM, NOW);
            startIn(Duration.ofDays(3), new Rules.Scope.Everyone());
            assertThat(announced(NOW)).isEmpty();
            anEnvironmentMailIsSetUpFor();
            assertThat(announced(NOW)).containsExactly("bea");
        }

        private void anEnvironmentMailIsSetUpFor() {
            MailSettings settings = new MailSettings(
                    "127.0.0.1", 2, MailSettings.Security.NONE, "", "login@northwind.example", "Northwind", "en");
            on.get(MailServer.class).change(acme.id(), settings, Optional.empty(), ACTOR, Origin.SYSTEM, NOW);
        }
    }
}
