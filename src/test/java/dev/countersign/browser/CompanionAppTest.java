package dev.countersign.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The companion as a phone keeps it: installable, in the reader's language, without a network, and ringing. */
@Tag("browser")
class CompanionAppTest {
    private static final TestServer SERVER = TestServer.start();
    private static final Chromium CHROMIUM = Chromium.on(SERVER);

    private final Gallery gallery = new Gallery();

    @AfterAll
    static void stop() {
        CHROMIUM.close();
        SERVER.close();
    }

    @AfterEach
    void pages_had_no_complaints() {
        CHROMIUM.endTest();
        gallery.hasNoFindings();
    }

    private static Visitor open(String language) {
        Visitor phone = CHROMIUM.phone(language).open("/companion/");
        phone.page().locator("h1").waitFor();
        return phone;
    }

    /** Waits until the service worker answers for this page. */
    private static void isKept(Page page) {
        page.waitForCondition(() -> (boolean) page.evaluate("navigator.serviceWorker.controller !== null"));
    }

    @Test
    void phone_that_is_not_paired_says_what_to_do() {
        Visitor phone = open("en-GB");
        assertThat(phone.heading()).isEqualTo(Words.of("companion.pair.heading"));
        gallery.look(phone, "companion-not-paired");

        phone.type("code", "ab-c").button(Words.of("companion.pair.do")).click();

        assertThat(phone.page().locator(".message").innerText()).contains(Words.of("companion.pair.code-short"));
        assertThat(phone.field("code").inputValue()).isEqualTo("ABC");
    }

    @Test
    void companion_speaks_the_language_of_the_phone() {
        for (String tag : List.of("en", "de", "fr", "nl")) {
            Visitor phone = open(tag);
            assertThat(phone.heading()).isEqualTo(Words.in(Locale.of(tag), "companion.pair.heading"));
            assertThat(phone.page().locator("html").getAttribute("lang")).isEqualTo(tag);
        }
    }

    @Test
    void browser_finds_nothing_wrong_with_the_manifest_and_would_install_it() {
        Visitor phone = open("de");
        isKept(phone.page());
        CDPSession browser = phone.page().context().newCDPSession(phone.page());

        JsonObject manifest = browser.send("Page.getAppManifest");
        assertThat(manifest.getAsJsonArray("errors")).isEmpty();
        assertThat(manifest.get("data").getAsString())
                .contains("\"lang\":\"de\"", Words.in(Locale.GERMAN, "companion.title"), "\"scope\":\"/companion/\"");
        JsonObject problems = browser.send("Page.getInstallabilityErrors");
        assertThat(problems.getAsJsonArray("installabilityErrors").asList().stream()
                        .map(error -> error.getAsJsonObject().get("errorId").getAsString())
                        // A test has a context of its own, which Chromium calls incognito.
                        .filter(error -> !error.equals("in-incognito")))
                .isEmpty();
    }

    @Test
    void without_a_network_the_companion_opens_all_the_same() {
        Visitor phone = open("fr");
        isKept(phone.page());

        phone.page().context().setOffline(true);
        phone.open("/companion/").reload();

        assertThat(phone.heading()).isEqualTo(Words.in(Locale.FRENCH, "companion.pair.heading"));
        assertThat(
                        phone.page()
                                .evaluate(
                                        "document.fonts.size === 0 && getComputedStyle(document.querySelector('.app')).display"))
                .isEqualTo("grid");
    }

    private static final String IPHONE = """
            Object.defineProperty(navigator, 'userAgent', { get: () =>
              'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1' });
            """;

    @Test
    void iphone_is_told_to_put_it_on_the_home_screen_until_it_is_there() {
        Visitor safari = CHROMIUM.phone("en-GB");
        safari.page().addInitScript(IPHONE);
        safari.open("/companion/").page().locator("h1").waitFor();
        assertThat(safari.page().locator(".tile-accent").innerText())
                .contains(Words.of("companion.install.apple-heading"), Words.of("companion.install.apple"));
        gallery.look(safari, "companion-iphone");

        Visitor installed = CHROMIUM.phone("en-GB");
        installed.page().addInitScript(IPHONE);
        installed.page().addInitScript("Object.defineProperty(navigator, 'standalone', { get: () => true });");
        installed.open("/companion/").page().locator("h1").waitFor();
        assertThat(installed.page().locator(".tile-accent").count()).isZero();
    }

    @Test
    void new_version_is_offered_and_taken_at_the_press_of_a_button() throws IOException {
        AtomicReference<String> version = new AtomicReference<>("first");
        HttpServer newer = inFrontOf(SERVER, version);
        try {
            Visitor phone = CHROMIUM.phone("en-GB")
                    .open("http://localhost:" + newer.getAddress().getPort() + "/companion/");
            phone.page().locator("h1").waitFor();
            isKept(phone.page());
            version.set("second");
            phone.ask("navigator.serviceWorker.getRegistration('/companion/').then((it) => it.update())");
            phone.page().locator(".update").waitFor();
            assertThat(phone.page().locator(".update").innerText()).contains(Words.of("companion.update.ready"));
            gallery.look(phone, "companion-update");
            phone.button(Words.of("companion.update.do")).click();
            phone.page().waitForFunction("async () => (await caches.keys()).join() === 'companion-second'");
            PlaywrightAssertions.assertThat(phone.page().locator(".update")).hasCount(0);
        } finally {
            newer.stop(0);
        }
    }

    /** The same server, whose companion has whatever version is wanted at the moment. */
    private static HttpServer inFrontOf(TestServer server, AtomicReference<String> version) throws IOException {
        HttpClient client = HttpClient.newHttpClient();
        HttpServer front = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        front.createContext("/", exchange -> {
            URI address = URI.create(server.url() + exchange.getRequestURI());
            HttpResponse<byte[]> reply = get(client, address);
            byte[] body = reply.body();
            if (address.getPath().endsWith("/sw.js")) {
                body = new String(body, StandardCharsets.UTF_8)
                        .replaceFirst("\"version\":\"[^\"]+\"", "\"version\":\"" + version.get() + "\"")
                        .getBytes(StandardCharsets.UTF_8);
            }
            String type = reply.headers().firstValue("Content-Type").orElse("text/plain");
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(reply.statusCode(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        front.start();
        return front;
    }

    private static HttpResponse<byte[]> get(HttpClient client, URI address) throws IOException {
        try {
            return client.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Test
    void every_push_shows_a_notification_in_the_language_of_the_phone() {
        Visitor phone = open("nl");
        isKept(phone.page());

        String title = Words.in(Locale.of("nl"), "companion.push.title");
        push(phone.page(), "{\"request\":\"abc\"}");
        isShown(phone.page(), "abc: " + title);
        push(phone.page(), "not what we send");
        isShown(phone.page(), "request: " + title);
    }

    private static void isShown(Page page, String notification) {
        page.waitForFunction("""
                async (wanted) => {
                  const registration = await navigator.serviceWorker.ready;
                  const shown = await registration.getNotifications();
                  return shown.some((each) => `${each.tag}: ${each.title}` === wanted);
                }""", notification);
    }

    /** Delivers a message as the push service of the browser would, after decrypting it. */
    private static void push(Page page, String message) {
        CDPSession browser = page.context().newCDPSession(page);
        AtomicReference<String> registration = new AtomicReference<>();
        browser.on(
                "ServiceWorker.workerRegistrationUpdated",
                event -> event.getAsJsonArray("registrations").forEach(each -> {
                    JsonObject one = each.getAsJsonObject();
                    // Of a phone of an earlier test, a registration may be on its way out.
                    if (one.get("scopeURL").getAsString().equals(SERVER.url() + "/companion/")
                            && !one.get("isDeleted").getAsBoolean()) {
                        registration.set(one.get("registrationId").getAsString());
                    }
                }));
        browser.send("ServiceWorker.enable");
        page.waitForCondition(() -> registration.get() != null);
        JsonObject delivery = new JsonObject();
        delivery.addProperty("origin", SERVER.url());
        delivery.addProperty("registrationId", registration.get());
        delivery.addProperty("data", message);
        browser.send("ServiceWorker.deliverPushMessage", delivery);
        browser.detach();
    }

    @Test
    void what_a_phone_keeps_is_the_same_for_everybody_and_belongs_to_one_version() {
        TestBrowser anyone = SERVER.browser();
        assertThat(anyone.get("/companion").location()).isEqualTo("/companion/");
        TestBrowser.Reply worker = anyone.get("/companion/sw.js");
        assertThat(worker.header("Content-Type")).contains("text/javascript;charset=UTF-8");
        assertThat(worker.body()).startsWith("self.kept = {\"version\":\"").contains("\"/companion/app.js\"");
        for (String file : worker.body().lines().findFirst().orElseThrow().split("\"")) {
            if (file.startsWith("/")) {
                TestBrowser.Reply reply = anyone.get(file);
                assertThat(reply.status()).as(file).isEqualTo(200);
                assertThat(reply.headers("Set-Cookie")).as(file).isEmpty();
            }
        }
        assertThat(anyone.get("/companion/texts/xx.json").status()).isEqualTo(404);
        assertThat(anyone.get("/companion/words/..%2fde.txt").status()).isIn(400, 404);
    }
}
