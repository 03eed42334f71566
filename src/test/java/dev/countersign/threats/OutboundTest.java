package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.Actor;
import dev.countersign.configuration.SettingKey;
import dev.countersign.kernel.Origin;
import dev.countersign.mail.MailServer;
import dev.countersign.mail.MailSettings;
import dev.countersign.policy.Rules;
import dev.countersign.store.Database;
import dev.countersign.support.HangingServer;
import dev.countersign.support.LocalPushService;
import dev.countersign.support.PairedPerson;
import dev.countersign.support.PushSubscriber;
import dev.countersign.support.Soon;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Catalogue Q: servers we call that take a connection and never answer. */
class OutboundTest {
    private static final Actor ACTOR = new Actor(Optional.empty(), "test");
    private static final int PEOPLE = 5;

    /** What a sign-in may take beside hanging servers, on a machine with much to do: less than any of their time-outs. */
    private static final Duration PROMPT = Duration.ofSeconds(4);

    @Test
    void ac_244_people_sign_in_while_mail_push_syslog_webhook_and_collector_hang() {
        try (HangingServer mail = HangingServer.silent();
                HangingServer push = HangingServer.silent();
                HangingServer syslog = HangingServer.silent();
                HangingServer webhook = HangingServer.silent();
                HangingServer collector = HangingServer.silent();
                LocalPushService keys = LocalPushService.start()) {
            TestServer server = TestServer.start(Map.of(
                    SettingKey.PUSH_ALLOWED_ENDPOINTS, origin(push),
                    SettingKey.LOG_SYSLOG, "tcp://127.0.0.1:" + syslog.port(),
                    SettingKey.LOG_WEBHOOK, origin(webhook) + "/hook",
                    SettingKey.TRACES_ENDPOINT, origin(collector) + "/v1/traces"));
            long begun;
            try {
                mailsGoTo(server, mail.port());
                server.policy(Rules.Mode.OPTIONAL);
                PairedPerson bea = PairedPerson.of(server, "bea");
                PushSubscriber browser = keys.subscriber(origin(push));
                assertThat(bea.phone()
                                .put(
                                        "/me/subscription",
                                        Map.of(
                                                "endpoint",
                                                browser.endpoint(),
                                                "keys",
                                                Map.of("p256dh", browser.p256dh(), "auth", browser.auth())))
                                .status())
                        .isEqualTo(204);
                for (int i = 0; i < PEOPLE; i++) {
                    server.person("person" + i);
                    promptly(server, "person" + i, "/account");
                    promptly(server, "bea", "/sign-in/approval");
                }
                for (HangingServer one : new HangingServer[] {push, syslog, webhook, mail}) {
                    assertThat(Soon.becomes(() -> one.connections() > 0))
                            .as("it was called")
                            .isTrue();
                }
                promptly(server, "person0", "/account");
                assertThat(Soon.becomes(() -> server.get(Database.class).use().inUse() == 0))
                        .as("nobody holds a connection to the database while waiting for another server")
                        .isTrue();
                assertThat(server.get(Database.class).use().waiting()).isZero();
                assertThat(syslog.connections()).as("one at a time").isLessThan(5);
                assertThat(webhook.connections()).isLessThan(5);
                assertThat(mail.connections()).isLessThan(9);
            } finally {
                begun = System.nanoTime();
                server.close();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .as("the server stops all the same")
                    .isLessThan(Duration.ofSeconds(25));
            assertThat(collector.connections())
                    .as("it was called at the latest then")
                    .isPositive();
        }
    }

    private static String origin(HangingServer server) {
        return "http://127.0.0.1:" + server.port();
    }

    private static void mailsGoTo(TestServer server, int port) {
        server.get(MailServer.class)
                .change(
                        server.environment().id(),
                        new MailSettings(
                                "127.0.0.1",
                                port,
                                MailSettings.Security.NONE,
                                "",
                                "login@northwind.example",
                                "Northwind",
                                "en"),
                        Optional.empty(),
                        ACTOR,
                        Origin.SYSTEM,
                        server.clock().instant());
    }

    private static void promptly(TestServer server, String name, String where) {
        TestBrowser browser = server.browser();
        long begun = System.nanoTime();
        assertThat(browser.signIn(name, TestServer.PASSWORD).location()).isEqualTo(where);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).as(name).isLessThan(PROMPT);
    }
}
