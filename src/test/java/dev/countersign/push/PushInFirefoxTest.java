package dev.countersign.push;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.configuration.SettingKey;
import dev.countersign.factor.companion.Approval;
import dev.countersign.factor.companion.Approvals;
import dev.countersign.factor.companion.Pairing;
import dev.countersign.factor.companion.Phone;
import dev.countersign.factor.companion.Phones;
import dev.countersign.policy.Rules;
import dev.countersign.support.Firefox;
import dev.countersign.support.LocalPushService;
import dev.countersign.support.PairedPerson;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A real service worker in Firefox reads what we send, by way of a push service. */
@Tag("browser")
class PushInFirefoxTest {
    private static final LocalPushService SERVICE = LocalPushService.start();
    private static final TestServer SERVER =
            TestServer.start(Map.of(SettingKey.PUSH_ALLOWED_ENDPOINTS, SERVICE.origin()));
    private static final HttpServer PAGES = pages();

    @AfterAll
    static void end() {
        PAGES.stop(0);
        SERVER.close();
        SERVICE.close();
    }

    private static HttpServer pages() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
            server.createContext("/", exchange -> {
                String path = exchange.getRequestURI().getPath();
                try (InputStream file = PushInFirefoxTest.class.getResourceAsStream("/push" + path)) {
                    byte[] content = file == null ? new byte[0] : file.readAllBytes();
                    exchange.getResponseHeaders()
                            .set("Content-Type", path.endsWith(".js") ? "text/javascript" : "text/html");
                    exchange.sendResponseHeaders(file == null ? 404 : 200, content.length == 0 ? -1 : content.length);
                    exchange.getResponseBody().write(content);
                }
                exchange.close();
            });
            server.start();
            return server;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Sent send(Subscription to, String text) {
        return SERVER.get(PushSender.class)
                .send(
                        to,
                        text.getBytes(StandardCharsets.UTF_8),
                        Duration.ofSeconds(60),
                        Urgency.HIGH,
                        Optional.of("request"),
                        SERVER.clock().instant());
    }

    private static final String NOTIFICATION = """
            navigator.serviceWorker.ready.then(async (registration) => {
              const end = Date.now() + 20000;
              while ((await registration.getNotifications()).length === 0 && Date.now() < end) {
                await new Promise((go) => { setTimeout(go, 20); });
              }
              const [one] = await registration.getNotifications();
              return `${one.tag}: ${one.title}`;
            })""";

    /** The companion's own pages and worker, from its button to OK; then the browser has had enough. */
    @Test
    void b1_the_companion_is_switched_on_rings_and_says_when_it_no_longer_does() {
        SERVER.policy(Rules.Mode.OPTIONAL);
        TestServer.Enrolled anna = SERVER.enrolled("anna");
        Pairing pairing = PairedPerson.begin(SERVER, anna.account()).pairing();
        try (Firefox firefox = Firefox.start(SERVICE)) {
            Firefox.Tab companion = firefox.tab().open(SERVER.url() + "/companion/#pair=" + pairing.id());
            companion.press("form button[type=submit]");
            companion.waitFor("document.querySelectorAll('.words li').length === 4");
            assertThat(PairedPerson.confirm(SERVER, anna.account(), pairing.id()))
                    .isTrue();
            companion.waitFor("document.querySelector('.screen-outcome')");
            companion.press(".screen-foot .button-main");
            companion.waitFor("document.querySelector('.screen-calm')");
            assertThat(phone(anna).notified()).isTrue();

            SERVER.clock().advance(Duration.ofMinutes(1));
            TestBrowser computer = SERVER.browser();
            String page = computer.follow(computer.signIn("anna", TestServer.PASSWORD))
                    .body();
            SERVICE.awaitAcknowledgement();
            Approval request =
                    SERVER.get(Approvals.class).newest(anna.account().id(), 1).getFirst();
            assertThat(companion.run(NOTIFICATION)).startsWith(request.id() + ": ");
            assertThat(page).contains("<output>" + request.digits() + "</output>");
            companion.type("#digits", request.digits());
            companion.press(".screen-request .button-main");
            companion.waitFor("document.querySelector('.screen-outcome')");
            computer.get("/sign-in/approval");
            assertThat(computer.post("/sign-in/approval").location()).isEqualTo("/account");

            companion.run("navigator.serviceWorker.getRegistration('/companion/')"
                    + ".then((r) => r.pushManager.getSubscription()).then((s) => s.unsubscribe())");
            SERVER.clock().advance(Duration.ofMinutes(1));
            SERVER.browser().signIn("anna", TestServer.PASSWORD);
            companion.waitFor("document.querySelector('.screen-request')");
            assertThat(phone(anna).ringFailedAt()).isPresent();
            assertThat(computer.get("/account").body()).contains("Notifications no longer reach it");
        }
    }

    private static Phone phone(TestServer.Enrolled person) {
        return SERVER.get(Phones.class).of(person.account().id()).getFirst();
    }

    @Test
    void a_service_worker_reads_our_message_and_shows_it() {
        try (Firefox firefox = Firefox.start(SERVICE)) {
            Firefox.Tab page =
                    firefox.tab().open("http://127.0.0.1:" + PAGES.getAddress().getPort() + "/index.html");
            String key = SERVER.get(PushKeys.class).publicKey();
            JsonNode given = JsonMapper.builder().build().readTree(page.run("subscribe('" + key + "')"));
            Subscription subscription = ((Subscription.Parsed.Accepted) Subscription.parse(
                            given.path("endpoint").asString(),
                            given.path("keys").path("p256dh").asString(),
                            given.path("keys").path("auth").asString(),
                            SERVER.get(Endpoints.class)))
                    .subscription();

            assertThat(send(subscription, "Someone signs in: Ünïcode ✓")).isEqualTo(new Sent.Accepted());
            SERVICE.awaitAcknowledgement();
            page.waitFor("received.length === 1");
            assertThat(page.run("received[0]")).isEqualTo("Someone signs in: Ünïcode ✓");
            assertThat(page.run("shown()")).isEqualTo("Someone signs in: Ünïcode ✓");

            assertThat(send(Subscription.of(subscription.secret()), "x".repeat(PushSender.LONGEST_MESSAGE)))
                    .isEqualTo(new Sent.Accepted());
            SERVICE.awaitAcknowledgement();
            page.waitFor("received.length === 2");
            assertThat(page.run("received[1].length")).isEqualTo("3072");

            page.run("navigator.serviceWorker.ready.then((r) => r.pushManager.getSubscription())"
                    + ".then((s) => s.unsubscribe())");
            assertThat(send(subscription, "too late")).isEqualTo(new Sent.Gone());
        }
    }
}
