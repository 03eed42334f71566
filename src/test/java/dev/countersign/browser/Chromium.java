package dev.countersign.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import dev.countersign.support.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Chromium on a test server, and everything its pages complained about: errors on the console (a breach of the
 * content security policy is one), uncaught errors of scripts, and anything that could not be loaded. Not thread-safe.
 */
final class Chromium implements AutoCloseable {
    private static final int WIDTH = 1280;
    private static final int HEIGHT = 800;
    private static final int PHONE_WIDTH = 390;
    private static final int PHONE_HEIGHT = 844;
    private static final double PATIENCE_MILLIS = 30_000;
    private static final List<String> FLAGS = List.of(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");

    /** One process for all tests of this one; it ends with them. */
    private static final class Shared {
        static final Browser BROWSER = launch();
    }

    private final TestServer server;
    private final List<BrowserContext> contexts = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();

    private Chromium(TestServer server) {
        this.server = server;
    }

    static Chromium on(TestServer server) {
        return new Chromium(server);
    }

    private static Browser launch() {
        Playwright playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
        Runtime.getRuntime().addShutdownHook(new Thread(playwright::close, "close-chromium"));
        return playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(executable())
                        .setArgs(FLAGS));
    }

    private static Path executable() {
        Optional<Path> chosen =
                Optional.ofNullable(System.getenv("COUNTERSIGN_TEST_CHROMIUM")).map(Path::of);
        Stream<Path> usual =
                Stream.of("/usr/bin/chromium", "/usr/bin/google-chrome").map(Path::of);
        return Stream.concat(chosen.stream(), usual)
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError("Chromium is missing. Install it with: apt install chromium,"
                        + " or name another one in COUNTERSIGN_TEST_CHROMIUM"));
    }

    /** Somebody at a computer of their own, with an English browser. */
    Visitor visitor() {
        return visitor("en-GB", true);
    }

    Visitor visitorPreferring(String language) {
        return visitor(language, true);
    }

    Visitor visitorWithoutJavaScript() {
        return visitor("en-GB", false);
    }

    private Visitor visitor(String language, boolean javaScript) {
        BrowserContext context = Shared.BROWSER.newContext(new Browser.NewContextOptions()
                .setBaseURL(server.url())
                .setLocale(language)
                .setTimezoneId("Europe/Brussels")
                .setJavaScriptEnabled(javaScript)
                .setViewportSize(WIDTH, HEIGHT));
        context.setDefaultTimeout(PATIENCE_MILLIS);
        context.onPage(this::listen);
        contexts.add(context);
        return new Visitor(context.newPage());
    }

    /**
     * Somebody with a phone that may be notified, in this language. What the companion protocol refuses, and what a phone
     * without a network cannot load, are no complaints: the companion has to live with both, and its screens are looked at.
     */
    Visitor phone(String language) {
        BrowserContext context = Shared.BROWSER.newContext(new Browser.NewContextOptions()
                .setBaseURL(server.url())
                .setLocale(language)
                .setTimezoneId("Europe/Brussels")
                .setViewportSize(PHONE_WIDTH, PHONE_HEIGHT)
                .setHasTouch(true)
                .setIsMobile(true)
                .setPermissions(List.of("notifications")));
        context.setDefaultTimeout(PATIENCE_MILLIS);
        context.onPage(this::listenOnPhone);
        contexts.add(context);
        return new Visitor(context.newPage());
    }

    private void listenOnPhone(Page page) {
        page.onConsoleMessage(message -> note(page, message));
        page.onPageError(error -> complaints.add(page.url() + ": " + error));
        page.onResponse(response -> {
            if (response.status() >= 500 || !response.url().contains("/api/companion/")) {
                note(response);
            }
        });
    }

    private void listen(Page page) {
        page.onConsoleMessage(message -> note(page, message));
        page.onPageError(error -> complaints.add(page.url() + ": " + error));
        page.onResponse(this::note);
        page.onRequestFailed(request -> {
            // A page that goes on leaves the stream of events it waited for.
            if (!request.isNavigationRequest() && !request.url().endsWith("/events")) {
                complaints.add(request.url() + " could not be loaded: " + request.failure());
            }
        });
    }

    /** Chromium also reports the status of a page itself, and a page may well be a refusal; {@link #note(Response)} judges. */
    private void note(Page page, ConsoleMessage message) {
        boolean status = message.text().startsWith("Failed to load resource");
        if (!status && (message.type().equals("error") || message.type().equals("warning"))) {
            complaints.add(page.url() + ": " + message.text());
        }
    }

    private void note(Response response) {
        boolean isPage = response.request().isNavigationRequest();
        boolean wrong = isPage ? response.status() >= 500 : response.status() >= 400;
        if (wrong) {
            complaints.add(response.url() + " answered " + response.status());
        }
    }

    /** Ends a test: nobody is left at a browser, and no page complained. */
    void endTest() {
        close();
        List<String> heard = List.copyOf(complaints);
        complaints.clear();
        assertThat(heard).as("complaints of the pages").isEmpty();
    }

    @Override
    public void close() {
        contexts.forEach(BrowserContext::close);
        contexts.clear();
    }
}
