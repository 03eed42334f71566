package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.activity.Actor;
import dev.countersign.configuration.SettingKey;
import dev.countersign.kernel.Origin;
import dev.countersign.mail.Delivery;
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
import dev.countersign.support.TlsStranger;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
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
                mailsGoTo(server, mail.port(), MailSettings.Security.NONE);
                server.policy(Rules.Mode.OPTIONAL);
                subscribed(server, keys.subscriber(origin(push)));
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

    @Test
    void ac_244_nothing_is_told_to_a_server_whose_certificate_nobody_trusts() {
        try (TlsStranger mail = TlsStranger.fromTheBeginning();
                TlsStranger upgraded = TlsStranger.afterStartTls();
                TlsStranger push = TlsStranger.fromTheBeginning();
                TlsStranger webhook = TlsStranger.fromTheBeginning();
                TlsStranger syslog = TlsStranger.fromTheBeginning();
                TlsStranger collector = TlsStranger.fromTheBeginning();
                LocalPushService keys = LocalPushService.start()) {
            List<TlsStranger> strangers = List.of(mail, upgraded, push, webhook, syslog, collector);
            try (TestServer server = TestServer.start(Map.of(
                    SettingKey.PUSH_ALLOWED_ENDPOINTS, secureOrigin(push),
                    SettingKey.LOG_SYSLOG, "tls://127.0.0.1:" + syslog.port(),
                    SettingKey.LOG_WEBHOOK, secureOrigin(webhook) + "/hook",
                    SettingKey.TRACES_ENDPOINT, secureOrigin(collector) + "/v1/traces"))) {
                server.policy(Rules.Mode.OPTIONAL);
                mailsGoTo(server, mail.port(), MailSettings.Security.TLS);
                subscribed(server, keys.subscriber(secureOrigin(push)));
                promptly(server, "bea", "/sign-in/approval");
                assertThat(Soon.becomes(() -> push.refused() > 0)).isTrue();
                assertThat(testMail(server)).isInstanceOf(Delivery.Failed.class);
                mailsGoTo(server, upgraded.port(), MailSettings.Security.STARTTLS);
                assertThat(testMail(server)).isInstanceOf(Delivery.Failed.class);
                for (TlsStranger one : List.of(mail, upgraded, webhook, syslog)) {
                    assertThat(Soon.becomes(() -> one.refused() > 0))
                            .as("it was called")
                            .isTrue();
                }
            }
            assertThat(strangers)
                    .allMatch(stranger -> stranger.refused() > 0)
                    .allMatch(stranger -> stranger.told() == 0);
        }
    }

    @Test
    void ac_244_nobody_is_sent_elsewhere_by_whoever_we_call() throws IOException {
        try (HangingServer elsewhere = HangingServer.silent();
                Guide push = new Guide(elsewhere);
                Guide webhook = new Guide(elsewhere);
                Guide collector = new Guide(elsewhere);
                LocalPushService keys = LocalPushService.start()) {
            try (TestServer server = TestServer.start(Map.of(
                    SettingKey.PUSH_ALLOWED_ENDPOINTS, push.origin() + "," + origin(elsewhere),
                    SettingKey.LOG_WEBHOOK, webhook.origin() + "/hook",
                    SettingKey.TRACES_ENDPOINT, collector.origin() + "/v1/traces"))) {
                server.policy(Rules.Mode.OPTIONAL);
                subscribed(server, keys.subscriber(push.origin()));
                promptly(server, "bea", "/sign-in/approval");
                assertThat(Soon.becomes(() -> push.wasAsked() && webhook.wasAsked()))
                        .isTrue();
            }
            assertThat(collector.wasAsked()).isTrue();
            assertThat(elsewhere.connections()).isZero();
        }
    }

    /** Answers everything with the way to another server. */
    private static final class Guide implements AutoCloseable {
        private final HttpServer http;
        private final AtomicInteger asked = new AtomicInteger();

        Guide(HangingServer elsewhere) throws IOException {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            http.createContext("/", exchange -> {
                exchange.getRequestBody().readAllBytes();
                exchange.getResponseHeaders().set("Location", OutboundTest.origin(elsewhere) + "/");
                exchange.sendResponseHeaders(307, -1);
                exchange.close();
                asked.incrementAndGet();
            });
            http.start();
        }

        String origin() {
            return "http://127.0.0.1:" + http.getAddress().getPort();
        }

        boolean wasAsked() {
            return asked.get() > 0;
        }

        @Override
        public void close() {
            http.stop(0);
        }
    }

    private static PairedPerson subscribed(TestServer server, PushSubscriber browser) {
        PairedPerson bea = PairedPerson.of(server, "bea");
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
        return bea;
    }

    private static Delivery testMail(TestServer server) {
        return server.get(MailServer.class)
                .test(
                        server.environment(),
                        "ada@northwind.example",
                        "Ada",
                        "en",
                        server.clock().instant())
                .delivery();
    }

    private static String secureOrigin(TlsStranger server) {
        return "https://127.0.0.1:" + server.port();
    }

    private static String origin(HangingServer server) {
        return "http://127.0.0.1:" + server.port();
    }

    private static void mailsGoTo(TestServer server, int port, MailSettings.Security security) {
        server.get(MailServer.class)
                .change(
                        server.environment().id(),
                        new MailSettings("127.0.0.1", port, security, "", "login@northwind.example", "Northwind", "en"),
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
