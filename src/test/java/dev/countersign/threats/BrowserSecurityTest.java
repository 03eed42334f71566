package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.ActivityEntry;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.NewAccount;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Rules;
import dev.countersign.store.Database;
import dev.countersign.support.TestAuthenticator;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Catalogue I: what other sites, framed pages, stored text and caches can do with a person's browser. */
class BrowserSecurityTest {
    private static final TestServer SERVER = TestServer.start();
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String SCRIPT = "<script>alert(1)</script>";

    @BeforeAll
    static void ask_everyone_who_has_an_app() {
        SERVER.policy(Rules.Mode.OPTIONAL);
    }

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private static List<Routes.Route> pagesThatChangeSomething() {
        return Routes.of(SERVER).stream()
                .filter(route -> route.methods().contains("POST"))
                .filter(route -> !route.path().startsWith("/api/"))
                .toList();
    }

    private static TestBrowser administrator(String username) {
        TestBrowser browser = Pages.signedIn(SERVER, SERVER.enrolled(username, Role.ADMINISTRATOR));
        browser.get("/account");
        return browser;
    }

    /** Everything a forged request could have changed. */
    private static String state() {
        return SERVER.get(Database.class)
                .sql()
                .sql(
                        "SELECT (SELECT count(*) FROM activity) || ' ' || (SELECT count(*) FROM session) || ' '"
                                + " || (SELECT count(*) FROM pending_sign_in) || ' ' || (SELECT count(*) FROM totp) || ' '"
                                + " || (SELECT COALESCE(sum(version), 0) FROM policy) || ' ' || (SELECT count(*) FROM guess_budget)")
                .query(String.class)
                .single();
    }

    @Test
    void ac_116_no_state_change_without_the_token_of_this_browser() {
        TestBrowser ada = administrator("ada.csrf");
        String othersToken = csrfOn(SERVER.browser().get("/sign-in"));
        String before = state();
        for (Routes.Route route : pagesThatChangeSomething()) {
            for (String form : List.of("", "_csrf=", "_csrf=" + othersToken, "_csrf=null")) {
                assertThat(ada.fork().postRaw(route.path(), FORM, form).status())
                        .as("%s '%s'", route, form)
                        .isEqualTo(403);
            }
        }
        assertThat(state()).isEqualTo(before);
    }

    private static String csrfOn(TestBrowser.Reply page) {
        return page.body().replaceAll("(?s).*name=\"_csrf\"[^>]*value=\"([^\"]+)\".*", "$1");
    }

    @Test
    void ac_116_no_state_change_that_another_site_sends_even_with_the_token() {
        TestBrowser ada = administrator("ada.origin");
        String before = state();
        for (Map.Entry<String, String> header : List.of(
                Map.entry("Origin", "null"),
                Map.entry("Origin", "https://evil.example"),
                Map.entry("Origin", SERVER.url() + ".evil.example"),
                Map.entry("Origin", "http://localhost:1"),
                Map.entry("Sec-Fetch-Site", "cross-site"),
                Map.entry("Sec-Fetch-Site", "same-site"))) {
            for (Routes.Route route : pagesThatChangeSomething()) {
                assertThat(ada.fork()
                                .header(header.getKey(), header.getValue())
                                .post(route.path())
                                .status())
                        .as("%s %s", route, header)
                        .isEqualTo(403);
            }
        }
        assertThat(state()).isEqualTo(before);
    }

    @Test
    void ac_116_a_get_changes_nothing_however_the_method_is_overridden() {
        TestBrowser ada = administrator("ada.get");
        String before = state();
        for (Routes.Route route : pagesThatChangeSomething()) {
            if (!route.path().equals("/sign-in/confirm")) {
                ada.fork().header("X-HTTP-Method-Override", "POST").get(route.path() + "?_method=POST&id=x&mode=OFF");
                ada.fork().header("X-HTTP-Method-Override", "GET").request("HEAD", route.path());
            }
        }
        assertThat(state()).isEqualTo(before);
    }

    @Test
    void ac_116_json_and_plain_text_bodies_carry_no_token_and_rest_refuses_simple_types() {
        TestBrowser ada = administrator("ada.json");
        String before = state();
        for (Routes.Route route : pagesThatChangeSomething()) {
            for (String type : List.of("text/plain", "application/json", "multipart/form-data; boundary=x")) {
                String body = "{\"_csrf\":\"x\",\"id\":\"x\"}";
                // Forms with a file are read on two pages only; everywhere else their type is refused before their
                // token.
                assertThat(ada.fork().postRaw(route.path(), type, body).status())
                        .as("%s %s", route, type)
                        .isIn(type.startsWith("multipart/") ? List.of(403, 415) : List.of(403));
            }
        }
        RestClient client = new RestClient(SERVER);
        String begin = "{\"username\":\"ada.json\",\"password\":\"x\"}";
        for (String type : List.of("text/plain", FORM, "multipart/form-data; boundary=x", "application/xml")) {
            assertThat(client.postRaw("/api/v1/sign-ins", "", type, begin).status())
                    .as(type)
                    .isEqualTo(415);
        }
        assertThat(state()).isEqualTo(before);
    }

    @Test
    void ac_116_no_cookie_counts_over_rest() {
        TestBrowser ada = administrator("ada.rest");
        assertThat(ada.get("/api/v1/session").status()).isEqualTo(401);
        assertThat(ada.request("DELETE", "/api/v1/session").status()).isEqualTo(401);
        assertThat(Pages.isSignedIn(ada)).isTrue();
    }

    @Test
    void ac_118_no_reply_can_be_framed_or_sniffed() {
        TestBrowser ada = administrator("ada.frames");
        for (Routes.Route route : Routes.of(SERVER)) {
            for (String method : List.of("GET", "POST", "DELETE")) {
                assertProtected(ada.fork().request(method, route.path()), method + " " + route.path());
            }
        }
        for (String path : List.of("/nothing/here", "/css/none.css", "/error", "/account;x=y", "/robots.txt")) {
            assertProtected(SERVER.browser().get(path), path);
        }
        assertProtected(
                SERVER.browser().header("Origin", "https://evil.example").post("/sign-in"), "forged");
    }

    private static void assertProtected(TestBrowser.Reply reply, String what) {
        assertThat(reply.header("Content-Security-Policy").orElse(""))
                .as("%s %d", what, reply.status())
                .contains("frame-ancestors 'none'")
                .contains("default-src 'none'")
                .doesNotContain("unsafe");
        assertThat(reply.header("X-Content-Type-Options")).as(what).contains("nosniff");
        assertThat(reply.header("Server")).as(what).isEmpty();
    }

    @Test
    void ac_118_a_refusal_at_the_entrance_cannot_be_framed_either() {
        for (String host : List.of("", "a,b", "[::1", "x".repeat(300))) {
            Wire.Reply reply = Wire.head(SERVER, "GET /sign-in HTTP/1.1", "Host: " + host);
            assertThat(reply.status()).as("Host '%s'", host).isEqualTo(400);
        }
        Wire.Reply method = Wire.head(SERVER, "BREW /sign-in HTTP/1.1", "Host: localhost:" + SERVER.port());
        assertThat(method.status()).isIn(400, 405, 501);
        assertThat(method.head()).contains("frame-ancestors 'none'");
    }

    private static final List<String> ELSEWHERE = List.of(
            "//evil.example",
            "\\\\evil.example",
            "/\\evil.example",
            "https:evil.example",
            "https://evil.example",
            "http:/evil.example",
            "///evil.example",
            "/%2f%2fevil.example",
            "/%5cevil.example",
            "@evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "/\tevil.example",
            "/\r\nLocation: https://evil.example",
            "/account\r\nSet-Cookie: a=b",
            "\u3002evil.example",
            "//localhost@evil.example",
            " //evil.example",
            "account.evil.example");

    @Test
    void ac_119_after_signing_in_nobody_is_sent_to_another_host() {
        SERVER.person("anna.redirect");
        Account anna = SERVER.get(Accounts.class)
                .findByTypedName(SERVER.environment().id(), "anna.redirect")
                .orElseThrow();
        for (String to : ELSEWHERE) {
            TestBrowser browser = SERVER.browser();
            TestBrowser.Reply page = browser.get("/sign-in?to=" + encode(to));
            assertThat(page.body()).as(to).doesNotContain("evil.example\"");
            TestBrowser.Reply reply = browser.post("/language", "locale", "de", "return", to);
            assertThat(reply.location()).as(to).isEqualTo("/sign-in");
        }
        TestBrowser browser = SERVER.browser();
        browser.get("/sign-in");
        TestBrowser.Reply reply = browser.post(
                "/sign-in", "username", anna.username(), "password", TestServer.PASSWORD, "to", "//evil.example");
        assertThat(reply.location()).isEqualTo("/account");
        for (String to : ELSEWHERE) {
            assertThat(browser.get("/sign-in/confirm?to=" + encode(to)).location())
                    .as(to)
                    .startsWith("/account");
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Test
    void ac_121_every_cookie_is_bound_to_this_host_and_hidden_from_scripts() {
        Enrolled anna = SERVER.enrolled("anna.cookies");
        TestBrowser browser = SERVER.browser();
        List<String> set = new ArrayList<>(browser.get("/sign-in").headers("Set-Cookie"));
        set.addAll(
                browser.post("/language", "locale", "fr", "return", "/sign-in").headers("Set-Cookie"));
        set.addAll(browser.signIn("anna.cookies", TestServer.PASSWORD).headers("Set-Cookie"));
        set.addAll(browser.post("/sign-in/code", "code", anna.app().code()).headers("Set-Cookie"));
        set.addAll(browser.post("/account/app").headers("Set-Cookie"));
        set.addAll(browser.post("/sign-in/restart").headers("Set-Cookie"));
        set.addAll(browser.post("/sign-out").headers("Set-Cookie"));
        assertThat(set).hasSizeGreaterThanOrEqualTo(9).allSatisfy(cookie -> {
            assertThat(cookie).startsWith("__Host-").contains("Path=/", "Secure", "HttpOnly");
            assertThat(cookie).containsAnyOf("SameSite=Lax", "SameSite=Strict");
            assertThat(cookie).doesNotContain("Domain");
        });
    }

    @Test
    void ac_122_no_page_is_kept_in_a_cache_and_no_disguised_address_opens_one() {
        TestBrowser ada = administrator("ada.cache");
        for (Routes.Route route : Routes.of(SERVER)) {
            if (route.takes("GET")) {
                TestBrowser.Reply reply = ada.fork().get(route.path());
                assertThat(reply.header("Cache-Control").orElse(""))
                        .as("%s %d", route, reply.status())
                        .contains("no-store");
            }
        }
        for (String path : List.of(
                "/account/x.css",
                "/account.css",
                "/account;.css",
                "/account%2fx.css",
                "/account%00.css",
                "/account/%2e%2e/css/x.css",
                "/css/..%2faccount",
                "/sign-in/enrol.png",
                "//account")) {
            TestBrowser.Reply reply = ada.fork().get(path);
            assertThat(reply.status()).as(path).isIn(400, 404);
            assertThat(reply.body()).as(path).doesNotContain("@northwind.example");
        }
    }

    @Test
    void ac_124_no_other_origin_may_read_anything() {
        for (String origin : List.of(
                "https://evil.example", "null", SERVER.url() + ".evil.example", "https://localhost", SERVER.url())) {
            for (String path : List.of("/api/v1/session", "/sign-in", "/account")) {
                TestBrowser.Reply reply =
                        SERVER.browser().header("Origin", origin).get(path);
                assertThat(reply.header("Access-Control-Allow-Origin"))
                        .as(origin)
                        .isEmpty();
                TestBrowser.Reply preflight = SERVER.browser()
                        .header("Origin", origin)
                        .header("Access-Control-Request-Method", "POST")
                        .request("OPTIONS", path);
                assertThat(preflight.header("Access-Control-Allow-Origin"))
                        .as(origin)
                        .isEmpty();
            }
        }
    }

    @Test
    void ac_125_ac_130_names_and_user_agents_are_text_wherever_they_are_shown() {
        String name =
                SCRIPT + "\"'><img src=x onerror=alert(2)>${7919*7907}[[${7919*7907}]]{{7919*7907}}${jndi:ldap://x}";
        Account anna = create("anna.script", name);
        SERVER.group("R&D 'north' (new)", anna);
        TestBrowser hers = SERVER.browser().header("User-Agent", SCRIPT);
        hers.signIn("anna.script", TestServer.PASSWORD);
        assertText(hers.get("/account"));

        TestBrowser ada = administrator("ada.reads");
        assertText(ada.get("/console/people?q=anna.script"));
        assertText(ada.get("/console/people/" + anna.id().value()));
        assertText(ada.get("/console/people?q=" + encode(name)));
        ada.get("/console/people");
        assertText(ada.get(ada.post(
                        "/console/people/choose",
                        "action",
                        "reset",
                        "id",
                        anna.id().value())
                .location()));
        ada.get("/console/security/edit");
        assertText(ada.post(
                "/console/security", "mode", "REQUIRED", "scope", "SELECTED", "people", name, "style", "ONE_PAGE"));
        assertText(ada.post("/console/security", "mode", name, "scope", name, "people", name, "style", name));
        TestBrowser typing = SERVER.browser();
        typing.signIn(name, "wrong");
        assertText(typing.get("/sign-in"));
        assertText(typing.get("/sign-in?to=" + encode("/" + name) + "&problem=" + encode(name)));
        assertText(typing.get("/" + encode(name)));
    }

    /** Stored text comes back escaped, and nothing in it was computed. */
    private static void assertText(TestBrowser.Reply page) {
        assertThat(page.body())
                .as("%d %s", page.status(), page.response().uri())
                .doesNotContain("<script>alert")
                .doesNotContain("<img src=x")
                .doesNotContain("62615533");
    }

    private static Account create(String username, String displayName) {
        SERVER.person(username);
        SERVER.get(Database.class)
                .write(() -> SERVER.get(Database.class)
                        .sql()
                        .sql("UPDATE account SET display_name = ? WHERE username = ?")
                        .params(displayName, username)
                        .update());
        return SERVER.get(Accounts.class)
                .findByTypedName(SERVER.environment().id(), username)
                .orElseThrow();
    }

    @Test
    void ac_128_what_is_logged_is_one_short_printable_line() {
        Account anna = SERVER.person("anna.logged");
        for (String agent : List.of("x\u001b[31mred", "a".repeat(10_000), "\u00e9\u2028line", "{\"kind\":\"fake\"}")) {
            TestBrowser browser = SERVER.browser();
            browser.get("/sign-in");
            String ascii = agent.replaceAll("[^\\x20-\\x7e]", "?");
            browser.fork().header("User-Agent", ascii).signIn("anna.logged", "wrong");
        }
        Wire.head(
                SERVER,
                "GET /account HTTP/1.1",
                "Host: localhost:" + SERVER.port(),
                "User-Agent: x\u001b[31m\u0085\u00a0forged");
        List<ActivityEntry> entries = SERVER.activityOf(anna);
        assertThat(entries).hasSizeGreaterThanOrEqualTo(5).allSatisfy(entry -> {
            assertThat(entry.origin().browser()).matches("[\\x20-\\x7e]{0,200}");
            assertThat(entry.details()).doesNotContain("\n", "\r", "\u2028").hasSizeLessThan(2_000);
        });
    }

    @Test
    void ac_128_names_with_line_breaks_or_control_characters_cannot_exist() {
        for (String bad : List.of("a\nb", "a\rb", "a\u001b[31m", "a\u0000b")) {
            NewAccount byName = new NewAccount("fine.name", bad, "fine@northwind.example", Role.USER);
            NewAccount byUsername = new NewAccount(bad, "Fine Name", "fine@northwind.example", Role.USER);
            NewAccount byMail = new NewAccount("fine.name", "Fine Name", bad + "@northwind.example", Role.USER);
            for (NewAccount typed : List.of(byName, byUsername, byMail)) {
                assertThat(SERVER.get(Accounts.class)
                                .create(
                                        SERVER.environment().id(),
                                        typed,
                                        Threats.ACTOR,
                                        Origin.SYSTEM,
                                        SERVER.clock().instant()))
                        .isInstanceOf(Accounts.Creation.Refused.class);
            }
        }
    }

    @Test
    void ac_122_a_page_that_shows_a_secret_is_not_kept_either() {
        SERVER.person("anna.shown");
        TestBrowser browser = SERVER.browser();
        browser.signIn("anna.shown", TestServer.PASSWORD);
        browser.get("/account");
        TestBrowser.Reply page = browser.follow(browser.post("/account/app"));
        TestAuthenticator app = TestAuthenticator.ofText(Pages.secretOn(page), SERVER.clock());
        TestBrowser.Reply recovery = browser.follow(browser.post("/sign-in/enrol", "code", app.code()));
        for (TestBrowser.Reply secret : List.of(page, recovery, browser.get("/sign-in/recovery-code.txt"))) {
            assertThat(secret.status()).isEqualTo(200);
            assertThat(secret.header("Cache-Control").orElse("")).contains("no-store");
        }
    }
}
