package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.countersign.apikey.Scopes;
import dev.countersign.directory.Account;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Rules;
import dev.countersign.support.Fastest;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.web.bind.annotation.RequestParam;

/** Catalogue Q: input nobody would type. Whatever comes, the server says no and goes on. */
class InputRobustnessTest {
    private static final TestServer SERVER = TestServer.start();
    private static final String FORM = "application/x-www-form-urlencoded";

    @BeforeAll
    static void ask_everyone_who_has_an_app() {
        SERVER.policy(Rules.Mode.OPTIONAL);
    }

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private static boolean accepts(String username, String password) {
        String location = SERVER.browser().signIn(username, password).location();
        SERVER.clock().advance(Duration.ofMinutes(20));
        return location.equals("/account");
    }

    private static Account personWith(String username, String password) {
        Account account = SERVER.person(username);
        Threats.setPassword(SERVER, account, password);
        return account;
    }

    @Test
    void ac_238_every_character_of_a_password_counts() {
        String seventyTwo = "long pass phrase ".repeat(5).substring(0, 72);
        personWith("anna.long", seventyTwo + "A");
        assertThat(accepts("anna.long", seventyTwo + "B")).isFalse();
        assertThat(accepts("anna.long", seventyTwo)).isFalse();
        assertThat(accepts("anna.long", seventyTwo + "A\u0000")).isFalse();
        assertThat(accepts("anna.long", seventyTwo + "AA")).isFalse();
        assertThat(accepts("anna.long", "\u00e9".repeat(36) + "A")).isFalse();
        assertThat(accepts("anna.long", "x".repeat(5_000))).isFalse();
        assertThat(accepts("anna.long", seventyTwo + "A")).isTrue();
        RestClient client = new RestClient(SERVER);
        RestClient.Reply known = client.begin("anna.long", seventyTwo + "B");
        RestClient.Reply unknown = client.begin("nobody.long", seventyTwo + "B");
        assertThat(unknown.status()).isEqualTo(known.status());
        assertThat(unknown.text("type")).isEqualTo(known.text("type"));
        assertThat(unknown.text("detail")).isEqualTo(known.text("detail"));
    }

    @Test
    void ac_239_a_password_is_the_same_in_every_unicode_form_and_keeps_its_spaces() {
        String password = " p\u00e4ssw\u00f6rt \u212b \ud83d\udd11 ";
        personWith("anna.unicode", password);
        for (Normalizer.Form form :
                List.of(Normalizer.Form.NFC, Normalizer.Form.NFD, Normalizer.Form.NFKC, Normalizer.Form.NFKD)) {
            assertThat(accepts("anna.unicode", Normalizer.normalize(password, form)))
                    .as("%s", form)
                    .isTrue();
        }
        assertThat(accepts("anna.unicode", password.strip())).isFalse();
        assertThat(accepts("anna.unicode", password.replace("\ud83d\udd11", "?")))
                .isFalse();
    }

    @Test
    void ac_241_half_a_surrogate_is_not_a_question_mark() {
        personWith("anna.question", "is it you? yes");
        RestClient client = new RestClient(SERVER);
        RestClient.Reply reply = client.postRaw(
                "/api/v1/sign-ins",
                "",
                "application/json",
                "{\"username\":\"anna.question\",\"password\":\"is it you\\ud800 yes\"}");
        assertThat(reply.status()).isIn(400, 401);
    }

    /** Percent-encoded values for one parameter. */
    private static final List<String> STRANGE = List.of(
            "%00",
            "a%00b",
            "%01%1b%5b31m%7f",
            "%0d%0aX-Injected:%201",
            "%c0%80",
            "%c0%af",
            "%ed%a0%80",
            "%f4%90%80%80",
            "%ff%fe",
            "%",
            "%zz",
            "%u0000",
            "%e2%80%ae%e2%80%a8",
            "%f0%9f%94%91",
            "'%20OR%20''='",
            "%22;--",
            "-1",
            "99999999999999999999",
            "NaN",
            "a".repeat(4_000));

    @Test
    void ac_241_strange_bytes_in_any_parameter_of_any_route_break_nothing() {
        int people = 0;
        Collection<String> broken = new ConcurrentLinkedQueue<>();
        for (Routes.Route route : Routes.of(SERVER)) {
            if (route.path().equals("/sign-out") || route.path().equals("/error")) {
                continue;
            }
            SERVER.clock().advance(Duration.ofHours(2));
            Enrolled administrator = SERVER.enrolled("ada.strange." + ++people, Role.ADMINISTRATOR);
            TestBrowser ada = Pages.signedIn(SERVER, administrator);
            String token = csrfOn(ada.get("/account"));
            for (String parameter : parameters(route)) {
                STRANGE.parallelStream()
                        .map(value -> parameter + "=" + value)
                        .forEach(
                                form -> note(broken, route, form, Wire.send(SERVER, request(route, form, ada, token))));
            }
        }
        assertThat(broken).isEmpty();
    }

    private static void note(Collection<String> broken, Routes.Route route, String what, Wire.Reply reply) {
        boolean split = reply.head().contains("X-Injected: 1");
        if (reply.status() >= 500 || reply.status() == 0 || split) {
            broken.add(route + " " + what.substring(0, Math.min(60, what.length())) + " " + reply.status());
        }
    }

    private static String csrfOn(TestBrowser.Reply page) {
        return page.body().replaceAll("(?s).*name=\"_csrf\"[^>]*value=\"([^\"]+)\".*", "$1");
    }

    /** The names of its parameters, and those every page knows. */
    private static TreeSet<String> parameters(Routes.Route route) {
        TreeSet<String> names = new TreeSet<>(List.of("notice"));
        Stream.of(route.handler().getMethod().getParameters())
                .map(parameter -> parameter.getAnnotation(RequestParam.class))
                .filter(annotation -> annotation != null)
                .forEach(annotation -> names.add(annotation.name()));
        return names;
    }

    private static byte[] request(Routes.Route route, String form, TestBrowser browser, String token) {
        boolean post = route.methods().contains("POST");
        String body = post ? "_csrf=" + token + "&" + form : "";
        String path = route.path() + (post ? "" : "?" + form.replace("%zz", "%25zz"));
        StringBuilder cookies = new StringBuilder();
        browser.cookies()
                .forEach((name, value) ->
                        cookies.append(name).append('=').append(value).append("; "));
        String method =
                route.methods().isEmpty() ? "GET" : route.methods().iterator().next();
        return String.join(
                        "\r\n",
                        method + " " + path + " HTTP/1.1",
                        "Host: localhost:" + SERVER.port(),
                        "Cookie: " + cookies,
                        "Content-Type: " + FORM,
                        "Content-Length: " + body.length(),
                        "Connection: close",
                        "",
                        body)
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void ac_241_a_control_character_that_no_form_sends_is_a_bad_request() {
        TestBrowser ada = Pages.signedIn(SERVER, SERVER.enrolled("ada.nul", Role.ADMINISTRATOR));
        assertThat(ada.get("/console/people?q=a%00b").status()).isEqualTo(400);
        assertThat(ada.get("/console/people?q=a%1bb").status()).isEqualTo(400);
        assertThat(ada.get("/sign-in?problem=%00").status()).isEqualTo(400);
        assertThat(ada.get("/console/people?q=a%09b").status()).isEqualTo(200);
        ada.get("/account");
        assertThat(ada.post("/language", "locale", "de\u0000", "return", "/account")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void ac_241_strange_headers_break_nothing() {
        String host = "Host: localhost:" + SERVER.port();
        String large = "x".repeat(40_000);
        for (String header : List.of(
                "Accept-Language: " + "a-".repeat(200),
                "Accept-Language: *;q=9,,,;;q=",
                "Accept-Language: " + "en,".repeat(2_000),
                "Accept: */*;q=x",
                "Accept: nonsense",
                "Accept: application/xml",
                "Content-Type: nonsense",
                "Cookie: =;=;;;\u0001",
                "Cookie: " + "a=b; ".repeat(2_000),
                "Authorization: Bearer",
                "Authorization: Bearer \u00ff\u0000",
                "X-Forwarded-For: nonsense",
                "X-Forwarded-Host: a,b",
                "Origin: \u00ff",
                "If-Modified-Since: never",
                "Range: bytes=9-1",
                "Expect: nonsense",
                "User-Agent: " + large,
                "Transfer-Encoding: chunked, identity",
                "Content-Length: -1",
                "Content-Length: 99999999999999999999")) {
            for (String path : List.of("/sign-in", "/api/v1/session", "/css/countersign.css")) {
                int status = Wire.head(SERVER, "GET " + path + " HTTP/1.1", host, header)
                        .status();
                assertThat(status)
                        .as("%s with %s", path, header.substring(0, Math.min(50, header.length())))
                        .isBetween(200, 501)
                        .isNotIn(500, 502);
            }
        }
    }

    /** A line for each would let anybody fill the disk with them. */
    @Test
    void ac_227_wrong_requests_of_strangers_leave_no_line_in_the_log_of_the_program() {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        root.addAppender(lines);
        try {
            String host = "Host: localhost:" + SERVER.port();
            RestClient client = new RestClient(SERVER);
            for (String path : List.of("/api/v1/sign-ins", "/api/v1/session", "/sign-in", "/nowhere", "/companion/")) {
                for (String type : List.of("text/plain", "nonsense", "application/json", FORM)) {
                    client.postRaw(path, "Bearer x", type.equals("nonsense") ? "x/y; z" : type, "{");
                }
                for (String line : List.of("GET ", "PUT ", "DELETE ", "BREW ", "OPTIONS ", "TRACE ")) {
                    Wire.head(SERVER, line + path + " HTTP/1.1", host, "Accept: nonsense");
                    Wire.head(SERVER, line + path + "?to=%zz&page=x HTTP/1.1", host, "Accept: application/xml");
                    Wire.head(SERVER, line + path + "/\u00ff HTTP/1.1", host, "Cookie: \u0001", "Range: x");
                }
            }
        } finally {
            root.detachAppender(lines);
        }
        assertThat(List.copyOf(lines.list))
                .extracting(ILoggingEvent::getLoggerName)
                .isEmpty();
    }

    @Test
    void ac_241_strange_request_lines_break_nothing() {
        String host = "Host: localhost:" + SERVER.port();
        for (String line : List.of(
                "BREW /sign-in HTTP/1.1",
                "TRACE /sign-in HTTP/1.1",
                "CONNECT localhost:1 HTTP/1.1",
                "PROPFIND / HTTP/1.1",
                "TRACE /api/authz/forward-auth HTTP/1.1",
                "BREW /api/authz/auth-request HTTP/1.1",
                "GET /api/authz/forward-auth%zz HTTP/1.1",
                "GET /api/authz/forward-auth;x=y HTTP/1.1",
                "GET //api/authz/forward-auth HTTP/1.1",
                "GET /api/authz/../authz/auth-request HTTP/1.1",
                "get /sign-in HTTP/1.1",
                "GET /sign-in HTTP/3.7",
                "GET /sign-in",
                "GET  HTTP/1.1",
                "GET /%00 HTTP/1.1",
                "GET /%zz HTTP/1.1",
                "GET /\u00ff HTTP/1.1",
                "GET /../../etc/passwd HTTP/1.1",
                "GET /css/../../application.properties HTTP/1.1",
                "GET /css/%2e%2e/application.properties HTTP/1.1",
                "GET /css/..%5capplication.properties HTTP/1.1",
                "GET /error?status=500 HTTP/1.1",
                "GET /" + "a/".repeat(10_000) + " HTTP/1.1",
                "GET http://[::1 HTTP/1.1",
                "GET * HTTP/1.1",
                "OPTIONS * HTTP/1.1")) {
            Wire.Reply reply = Wire.head(SERVER, line, host);
            assertThat(reply.status())
                    .as(line.substring(0, Math.min(60, line.length())))
                    .isNotIn(500, 502, 503);
            assertThat(reply.text()).doesNotContain("root:", "forward-headers-strategy", "\tat ");
        }
    }

    @Test
    void ac_241_a_request_without_a_readable_host_gets_a_plain_refusal() {
        for (String host : List.of("", "a,b", "[::1", "x".repeat(300), "a b", "\u00ff")) {
            Wire.Reply reply = Wire.head(SERVER, "GET /sign-in HTTP/1.1", "Host: " + host);
            assertThat(reply.status()).as("'%s'", host).isEqualTo(400);
        }
        assertThat(Wire.head(SERVER, "GET /sign-in HTTP/1.1").status()).isEqualTo(400);
    }

    /** A pattern that goes back over a text of this length takes hours. */
    private static final Duration PROMPT = Duration.ofMillis(50);

    @Test
    void ac_242_texts_made_for_patterns_that_go_back_over_them_take_no_longer_than_others() throws Exception {
        TestBrowser ada = Pages.signedIn(SERVER, SERVER.enrolled("ada.patterns", Role.ADMINISTRATOR));
        String as = "a".repeat(30_000);
        for (String text : List.of(
                as + "!",
                as + "@",
                "a@" + "a.".repeat(15_000),
                "a@" + "a-".repeat(15_000) + "!",
                "(" + "a".repeat(1_000) + "+)+",
                ".".repeat(30_000),
                " ".repeat(30_000) + "x",
                "%".repeat(3_000),
                "\u0301".repeat(10_000),
                "\ufdfa".repeat(2_000))) {
            promptly(
                    text,
                    () -> ada.post(
                            "/console/people/new",
                            "username",
                            text,
                            "displayName",
                            text,
                            "email",
                            text,
                            "role",
                            "user"));
            promptly(text, () -> ada.post("/console/security/find", "q", text, "people", text));
            promptly(
                    text,
                    () -> ada.post(
                            "/console/mail", "host", text, "port", text, "security", "tls", "fromAddress", text));
            promptly(text, () -> ada.post("/console/security/start", "event", text, "delayHours", text));
            promptly(text, () -> SERVER.browser().signIn(text, text, text));
            promptly(text, () -> new RestClient(SERVER).begin(text, text));
            String inHead =
                    URLEncoder.encode(text.substring(0, Math.min(text.length(), 2_000)), StandardCharsets.UTF_8);
            promptly(text, () -> ada.get("/console/people?q=" + inHead));
            promptly(text, () -> ada.get("/sign-in?to=/" + inHead));
            for (String header : List.of(
                    "User-Agent: ",
                    "Accept-Language: ",
                    "X-Forwarded-For: ",
                    "Authorization: Bearer ",
                    "Cookie: a=",
                    "Origin: ",
                    "Referer: ",
                    "traceparent: ")) {
                promptly(
                        header,
                        () -> Wire.head(
                                SERVER, "GET /sign-in HTTP/1.1", "Host: localhost:" + SERVER.port(), header + inHead));
            }
        }
    }

    private static void promptly(String text, Callable<?> request) throws Exception {
        assertThat(Fastest.of(PROMPT, request))
                .as("%s...", text.substring(0, Math.min(10, text.length())))
                .isLessThan(PROMPT);
    }

    @Test
    void ac_242_deep_and_large_bodies_are_refused_quickly() throws Exception {
        RestClient client = new RestClient(SERVER);
        for (String body : List.of(
                "[".repeat(100_000),
                "{\"a\":".repeat(20_000),
                "{\"username\":\"" + "a".repeat(60_000) + "\",\"password\":\"x\"}",
                "{\"username\":" + "9".repeat(50_000) + "}",
                "{\"username\":1e999999999}",
                "{\"username\":[],\"password\":{}}",
                "{\"username\":\"a\",\"username\":\"b\",\"password\":null}",
                "null",
                "",
                "\"text\"",
                "{",
                "\u0000",
                "{\"username\":\"\\u0000\",\"password\":\"\\u0000\"}",
                "{\"username\":\"\\ud800\",\"password\":\"\\udfff\"}")) {
            promptly(
                    body,
                    () -> assertThat(client.postRaw("/api/v1/sign-ins", "", "application/json", body)
                                    .status())
                            .as(body.substring(0, Math.min(30, body.length())))
                            .isIn(201, 400, 401, 413, 422, 429));
        }
    }

    @Test
    void ac_242_a_large_form_is_refused_and_the_next_request_is_served() {
        TestBrowser browser = SERVER.browser();
        String token = csrfOn(browser.get("/sign-in"));
        for (String form : List.of(
                "_csrf=" + token + "&username=" + "a".repeat(70_000),
                "_csrf=" + token + "&" + "a=b&".repeat(5_000) + "username=x",
                "a".repeat(2_000_000))) {
            int length = form.length();
            byte[] request = ("POST /sign-in HTTP/1.1\r\nHost: localhost:" + SERVER.port() + "\r\nContent-Type: " + FORM
                            + "\r\nContent-Length: " + length + "\r\nConnection: close\r\n\r\n" + form)
                    .getBytes(StandardCharsets.US_ASCII);
            assertThat(status(request)).isIn(0, 400, 403, 413);
        }
        assertThat(browser.get("/sign-in").status()).isEqualTo(200);
    }

    /** 0 when the server hung up on a body it would not read. */
    private static int status(byte[] request) {
        try {
            return Wire.send(SERVER, request).status();
        } catch (IllegalStateException hungUp) {
            return 0;
        }
    }

    /** Whoever reads it as an object wakes it, and is noticed: the server runs in this process. */
    static final class Gadget implements Serializable {
        private static final long serialVersionUID = 1;
        private static final AtomicInteger WOKEN = new AtomicInteger();

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            WOKEN.incrementAndGet();
        }
    }

    private static byte[] serialised() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(new Gadget());
        }
        return bytes.toByteArray();
    }

    @Test
    void ac_245_no_serialised_object_is_read_anywhere() throws Exception {
        byte[] gadget = serialised();
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(gadget))) {
            in.readObject();
        }
        assertThat(Gadget.WOKEN).as("it wakes").hasValue(1);
        String bearer = Keys.of(
                        SERVER,
                        SERVER.person("ada.gadget", Role.ADMINISTRATOR),
                        Scopes.allNames().toArray(String[]::new))
                .bearer();
        String text = URLEncoder.encode(Base64.getEncoder().encodeToString(gadget), StandardCharsets.UTF_8);
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (Routes.Route route : Routes.of(SERVER)) {
                for (String method : List.of("POST", "PUT", "PATCH", "DELETE")) {
                    if (!route.takes(method)) {
                        continue;
                    }
                    for (String type : List.of(
                            "application/x-java-serialized-object",
                            "application/x-yaml",
                            "application/xml",
                            "application/cbor",
                            "application/octet-stream",
                            "application/json",
                            FORM)) {
                        HttpRequest request = HttpRequest.newBuilder(
                                        URI.create(SERVER.url() + route.path() + "?value=" + text))
                                .header("Authorization", bearer)
                                .header("Content-Type", type)
                                .header("Cookie", "__Host-countersign=" + text + "; rememberMe=" + text)
                                .method(method, HttpRequest.BodyPublishers.ofByteArray(gadget))
                                .build();
                        int status = client.send(request, HttpResponse.BodyHandlers.discarding())
                                .statusCode();
                        assertThat(status)
                                .as("%s %s as %s", method, route.path(), type)
                                .isLessThan(500);
                    }
                }
            }
        }
        assertThat(Gadget.WOKEN).as("nobody else woke it").hasValue(1);
    }

    @Test
    void ac_245_only_json_is_read_where_json_is_asked_for() throws IOException {
        String body = new String(serialised(), StandardCharsets.ISO_8859_1);
        for (String type : List.of(
                "application/x-java-serialized-object",
                "application/x-yaml",
                "application/xml",
                "text/xml",
                "application/cbor")) {
            RestClient.Reply reply = new RestClient(SERVER).postRaw("/api/v1/sign-ins", "", type, body);
            assertThat(reply.status()).as(type).isEqualTo(415);
        }
    }

    @Test
    void ac_247_no_debugging_surface_is_open() {
        for (String path : List.of(
                "/actuator",
                "/actuator/health",
                "/actuator/heapdump",
                "/actuator/env",
                "/metrics",
                "/prometheus",
                "/debug",
                "/h2-console",
                "/v3/api-docs",
                "/openapi.json",
                "/swagger-ui/index.html",
                "/.git/config",
                "/.env",
                "/WEB-INF/web.xml",
                "/META-INF/MANIFEST.MF",
                "/application.properties",
                "/db/migration/common/V1__first_tables.sql",
                "/messages/messages.properties",
                "/templates/portal/code.html",
                "/css/countersign.css.map",
                "/js/countersign.js.map",
                "/css/",
                "/js/",
                "/jolokia",
                "/console/../actuator")) {
            assertThat(SERVER.browser().get(path).status()).as(path).isIn(303, 400, 404);
        }
        TestBrowser.Reply missing = SERVER.browser().get("/actuator");
        assertThat(missing.status()).isEqualTo(404);
        assertThat(missing.body()).doesNotContain("Exception", "org.springframework", "Whitelabel", "Tomcat");
    }

    @Test
    void ac_200_sql_in_a_search_is_text() {
        TestBrowser ada = Pages.signedIn(SERVER, SERVER.enrolled("ada.sql", Role.ADMINISTRATOR));
        for (String text : Arrays.asList("'%20OR%201=1--", "%25", "_", "!", "%5c", "');DROP%20TABLE%20account;--")) {
            TestBrowser.Reply reply = ada.get("/console/people?q=" + text);
            assertThat(reply.status()).as(text).isEqualTo(200);
            assertThat(reply.body())
                    .as(text)
                    .doesNotContain("Person ada.sql</bdi></th>")
                    .doesNotContain("name=\"id\"");
        }
    }
}
