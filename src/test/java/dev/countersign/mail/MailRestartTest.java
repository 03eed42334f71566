package dev.countersign.mail;

import static dev.countersign.support.TestInstallation.ACTOR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.directory.Account;
import dev.countersign.kernel.Origin;
import dev.countersign.policy.AutomaticStart;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.store.Database;
import dev.countersign.support.Postbox;
import dev.countersign.support.TestServer;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Mails that wait when the server stops arrive when it runs again, once each. */
class MailRestartTest {
    private static int freePort() {
        try (Postbox post = new Postbox()) {
            return post.port();
        }
    }

    private static void use(TestServer server, int port) {
        MailSettings settings = new MailSettings(
                "127.0.0.1", port, MailSettings.Security.NONE, "", "login@northwind.example", "Northwind", "de");
        server.get(MailServer.class)
                .change(
                        server.environment().id(),
                        settings,
                        Optional.empty(),
                        ACTOR,
                        Origin.SYSTEM,
                        server.clock().instant());
    }

    @Test
    void what_waits_in_the_queue_survives_a_restart_and_arrives_once() {
        int port = freePort();
        TestServer first = TestServer.start();
        use(first, port);
        Account bea = first.person("bea");
        first.get(Policies.class)
                .changeStart(
                        first.environment().id(),
                        Optional.of(new AutomaticStart(
                                "go",
                                Duration.ofDays(3),
                                new Rules.Scope.Everyone(),
                                Optional.empty(),
                                Optional.empty())),
                        ACTOR,
                        Origin.SYSTEM,
                        first.clock().instant());
        first.get(Database.class)
                .write(() -> first.get(ActivityLog.class)
                        .record(
                                first.environment().id(),
                                Optional.of(bea.id()),
                                ACTOR,
                                Origin.SYSTEM,
                                new ActivityEvent.PasswordChanged(false),
                                first.clock().instant()));
        first.get(Policies.class)
                .event(
                        first.environment().id(),
                        "go",
                        ACTOR,
                        Origin.SYSTEM,
                        first.clock().instant());
        assertThat(first.get(MailQueue.class).count(first.environment().id(), QueuedMail.State.QUEUED))
                .isPositive();

        try (TestServer second = first.restart();
                Postbox post = new Postbox(port)) {
            second.clock().advance(Duration.ofMinutes(10));
            assertThat(post.await(bea.email(), "Ihr Passwort wurde geändert", 1).text())
                    .contains("Das war ich nicht");
            Postbox.Received date = post.await(bea.email(), "melden Sie sich zusätzlich mit einem Code an", 1);
            assertThat(date.text()).contains("/account");
            // What has arrived is noted a moment later; a clock that moved on meanwhile would take the sender for dead.
            while (second.get(MailQueue.class).count(second.environment().id(), QueuedMail.State.QUEUED) > 0) {
                Thread.yield();
            }
            second.clock().advance(Duration.ofHours(1));
            assertThat(second.get(MailJob.class).sendDue()).isZero();
            assertThat(post.to(bea.email()).stream().map(Postbox.Received::subject))
                    .doesNotHaveDuplicates()
                    .hasSize(2);
        }
    }
}
