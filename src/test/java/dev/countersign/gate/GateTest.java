package dev.countersign.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.configuration.SettingKey;
import dev.countersign.directory.Account;
import dev.countersign.directory.Environments;
import dev.countersign.kernel.Origin;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.signal.Signals;
import dev.countersign.signin.AccountActions;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestInstallation;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What a proxy is answered; here the test is the proxy. */
class GateTest {
    private static final String FORWARD_AUTH = "/api/authz/forward-auth";
    private static final String AUTH_REQUEST = "/api/authz/auth-request";
    private static final List<String> IDENTITY = List.of("Remote-User", "Remote-Groups", "Remote-Name", "Remote-Email");

    private static final TestServer SERVER = TestServer.start(Map.of(SettingKey.TRUSTED_PROXIES, "127.0.0.1"));

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private static TestBrowser signedIn(Enrolled person) {
        TestBrowser browser = SERVER.browser();
        TestBrowser.Reply reply = browser.signIn(
                person.account().username(), TestServer.PASSWORD, person.app().code());
        assertThat(reply.location()).isEqualTo("/account");
        return browser;
    }

    @Test
    void who_is_signed_in_passes_and_the_application_is_told_who_it_is() {
        Enrolled anna = SERVER.enrolled("anna.gate");
        SERVER.group("Sales", anna.account());
        TestBrowser browser = signedIn(anna);
        for (String path : List.of(FORWARD_AUTH, AUTH_REQUEST)) {
            TestBrowser.Reply reply = browser.get(path);
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.headers("Remote-User")).containsExactly("anna.gate");
            assertThat(reply.headers("Remote-Groups")).containsExactly("Sales");
            assertThat(reply.headers("Remote-Name")).containsExactly("Person anna.gate");
            assertThat(reply.headers("Remote-Email")).containsExactly("anna.gate@northwind.example");
            assertThat(reply.headers("Cache-Control")).containsExactly("no-store");
            assertThat(reply.headers("Set-Cookie")).isEmpty();
        }
    }

    @Test
    void nobody_is_sent_to_the_sign_in_page_where_a_page_was_opened_and_refused_elsewhere() {
        TestBrowser.Reply page = SERVER.browser().header("Accept", "text/html").get(FORWARD_AUTH);
        assertThat(page.status()).isEqualTo(302);
        assertThat(page.location()).isEqualTo(SERVER.url() + "/sign-in");
        TestBrowser.Reply script = SERVER.browser()
                .header("Accept", "text/html")
                .header("Sec-Fetch-Mode", "cors")
                .get(FORWARD_AUTH);
        assertThat(script.status()).isEqualTo(401);
        assertThat(script.location()).isEqualTo(SERVER.url() + "/sign-in");
        TestBrowser.Reply nginx = SERVER.browser().header("Accept", "text/html").get(AUTH_REQUEST);
        assertThat(nginx.status()).isEqualTo(401);
        assertThat(nginx.location()).isEqualTo(SERVER.url() + "/sign-in");
        for (TestBrowser.Reply reply : List.of(page, script, nginx)) {
            assertThat(IDENTITY)
                    .allSatisfy(header -> assertThat(reply.headers(header)).containsExactly(""));
        }
    }

    private static TestBrowser with(TestBrowser browser, String... headers) {
        TestBrowser copy = browser.fork();
        for (int i = 0; i < headers.length; i += 2) {
            copy.header(headers[i], headers[i + 1]);
        }
        return copy;
    }

    @Test
    void what_a_client_sends_under_the_names_of_the_answer_is_replaced() {
        TestBrowser browser = signedIn(SERVER.enrolled("bea.gate"));
        TestBrowser.Reply reply = with(
                        browser,
                        "Remote-User",
                        "admin",
                        "Remote-Groups",
                        "admins",
                        "X-Forwarded-User",
                        "admin",
                        "X-Original-URL",
                        "https://elsewhere.example/api/authz/forward-auth")
                .get(FORWARD_AUTH);
        assertThat(reply.headers("Remote-User")).containsExactly("bea.gate");
        assertThat(reply.headers("Remote-Groups")).containsExactly("");
        assertThat(with(SERVER.browser(), "Remote-User", "admin")
                        .get(AUTH_REQUEST)
                        .headers("Remote-User"))
                .containsExactly("");
    }

    @Test
    void ac_037_ac_038_a_password_alone_is_no_way_through_in_any_place() {
        Enrolled person = SERVER.enrolled("half.gate");
        SERVER.policy(Rules.Mode.OPTIONAL);
        TestBrowser half = SERVER.browser();
        assertThat(half.signIn("half.gate", TestServer.PASSWORD).location()).isEqualTo("/sign-in/code");
        String token = half.cookie("__Host-countersign-signin").orElseThrow();
        assertThat(person.account().username()).isEqualTo("half.gate");
        for (String path : List.of(FORWARD_AUTH, AUTH_REQUEST)) {
            assertThat(half.get(path).status()).isEqualTo(401);
            TestBrowser swapped = SERVER.browser();
            swapped.cookies().put("__Host-countersign", token);
            assertThat(swapped.get(path).status()).isEqualTo(401);
            assertThat(with(SERVER.browser(), "Authorization", "Bearer " + token)
                            .get(path)
                            .status())
                    .isEqualTo(401);
            assertThat(SERVER.browser().get(path + "?token=" + token).status()).isEqualTo(401);
        }
    }

    @Test
    void a_change_is_effective_with_the_next_question() {
        Enrolled person = SERVER.enrolled("gone.gate");
        TestBrowser browser = signedIn(person);
        TestBrowser other = signedInAgain(person);
        assertThat(browser.get(AUTH_REQUEST).status()).isEqualTo(200);
        assertThat(other.get(AUTH_REQUEST).status()).isEqualTo(200);
        browser.get("/account");
        browser.post("/sign-out");
        assertThat(browser.get(AUTH_REQUEST).status()).isEqualTo(401);
        SERVER.group("Buyers", person.account());
        assertThat(other.get(AUTH_REQUEST).headers("Remote-Groups")).containsExactly("Buyers");
        SERVER.get(AccountActions.class)
                .disable(
                        person.account(),
                        TestInstallation.ACTOR,
                        Origin.SYSTEM,
                        SERVER.clock().instant());
        assertThat(other.get(AUTH_REQUEST).status()).isIn(401, 403);
    }

    private static TestBrowser signedInAgain(Enrolled person) {
        SERVER.clock().advance(Duration.ofSeconds(60));
        return signedIn(person);
    }

    @Test
    void ac_050_an_exemption_that_runs_out_ends_what_it_allowed() {
        SERVER.policy(Rules.Mode.REQUIRED);
        Account account = SERVER.person("exempt.gate");
        SERVER.get(Policies.class)
                .exempt(
                        account,
                        "on the way",
                        SERVER.clock().instant().plus(Duration.ofMinutes(20)),
                        TestInstallation.ACTOR,
                        Origin.SYSTEM,
                        SERVER.clock().instant());
        TestBrowser browser = SERVER.browser();
        assertThat(browser.signIn("exempt.gate", TestServer.PASSWORD).location())
                .isEqualTo("/account");
        assertThat(browser.get(AUTH_REQUEST).status()).isEqualTo(200);
        SERVER.clock().advance(Duration.ofMinutes(20));
        assertThat(browser.get(AUTH_REQUEST).status()).isEqualTo(401);
        SERVER.policy(Rules.Mode.OPTIONAL);
    }

    @Test
    void ac_062_a_session_ends_when_it_lies_idle_and_at_its_absolute_end_however_much_it_is_used() {
        Enrolled person = SERVER.enrolled("idle.gate");
        TestBrowser idle = signedIn(person);
        assertThat(idle.get(AUTH_REQUEST).status()).isEqualTo(200);
        SERVER.clock().advance(Duration.ofMinutes(61));
        assertThat(idle.get(AUTH_REQUEST).status()).isEqualTo(401);

        TestBrowser busy = signedInAgain(person);
        for (int minutes = 0; minutes < 24 * 60 - 40; minutes += 40) {
            SERVER.clock().advance(Duration.ofMinutes(40));
            assertThat(busy.get(AUTH_REQUEST).status())
                    .as("after %d minutes", minutes)
                    .isEqualTo(200);
            // As every ten seconds.
            SERVER.get(Gate.class).noteUses();
        }
        SERVER.clock().advance(Duration.ofMinutes(41));
        assertThat(busy.get(AUTH_REQUEST).status()).isEqualTo(401);
    }

    @Test
    void the_last_use_is_written_down_once_a_minute() {
        Enrolled person = SERVER.enrolled("seen.gate");
        TestBrowser browser = signedIn(person);
        Instant before = seen(person);
        SERVER.clock().advance(Duration.ofSeconds(59));
        browser.get(AUTH_REQUEST);
        SERVER.get(Gate.class).noteUses();
        assertThat(seen(person)).isEqualTo(before);
        SERVER.clock().advance(Duration.ofSeconds(1));
        browser.get(AUTH_REQUEST);
        SERVER.get(Gate.class).noteUses();
        assertThat(seen(person)).isEqualTo(before.plusSeconds(60));
    }

    private static Instant seen(Enrolled person) {
        return Instant.ofEpochMilli(SERVER.count(
                "SELECT max(last_seen_at) FROM session WHERE account_id = ?",
                person.account().id().value()));
    }

    @Test
    void most_questions_are_answered_from_memory_and_random_cookies_fill_it_with_little() {
        TestBrowser browser = signedIn(SERVER.enrolled("memory.gate"));
        // The clock was moved: until the next reading the server takes nothing from memory.
        while (!SERVER.get(Signals.class).areHeard()) {
            Thread.onSpinWait();
        }
        browser.get(AUTH_REQUEST);
        long database = SERVER.get(Gate.class).figures().fromDatabase();
        for (int i = 0; i < 50; i++) {
            assertThat(browser.get(AUTH_REQUEST).status()).isEqualTo(200);
        }
        // The machine may stand still for so long that the node hears nothing.
        assertThat(SERVER.get(Gate.class).figures().fromDatabase() - database).isLessThan(10);
        for (int i = 0; i < 50; i++) {
            TestBrowser stranger = SERVER.browser();
            stranger.cookies().put("__Host-countersign", String.format("%043d", i));
            assertThat(stranger.get(AUTH_REQUEST).status()).isEqualTo(401);
        }
        assertThat(browser.get(AUTH_REQUEST).status()).isEqualTo(200);
    }

    @Test
    void people_come_back_to_a_page_of_the_same_host_and_to_no_other() {
        String own = SERVER.url().substring("http://".length());
        TestBrowser page = SERVER.browser().header("Accept", "text/html");
        assertThat(with(
                                page,
                                "X-Forwarded-Proto",
                                "http",
                                "X-Forwarded-Host",
                                own,
                                "X-Forwarded-Uri",
                                "/wiki/?a=1&b=%2F")
                        .get(FORWARD_AUTH)
                        .location())
                .isEqualTo(SERVER.url() + "/sign-in?to=%2Fwiki%2F%3Fa%3D1%26b%3D%252F");
        assertThat(with(page, "X-Original-URL", "http://" + own + "/wiki/")
                        .get(AUTH_REQUEST)
                        .location())
                .isEqualTo(SERVER.url() + "/sign-in?to=%2Fwiki%2F");
        for (String[] elsewhere : List.of(
                new String[] {"http", "evil.example", "/x"},
                new String[] {"https", own, "/x"},
                new String[] {"http", own, "//evil.example/"},
                new String[] {"http", own, "/" + "x".repeat(600)},
                new String[] {"http", own, "/a\\b"})) {
            TestBrowser.Reply reply = with(
                            page,
                            "X-Forwarded-Proto",
                            elsewhere[0],
                            "X-Forwarded-Host",
                            elsewhere[1],
                            "X-Forwarded-Uri",
                            elsewhere[2])
                    .get(FORWARD_AUTH);
            assertThat(reply.location()).as(String.join(" ", elsewhere)).isEqualTo(SERVER.url() + "/sign-in");
        }
    }

    @Test
    void a_page_is_opened_with_get_and_everything_else_is_no_page() {
        TestBrowser page = SERVER.browser().header("Accept", "text/html,*/*");
        assertThat(page.request("HEAD", FORWARD_AUTH).status()).isEqualTo(302);
        for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "PATCH")) {
            assertThat(page.request(method, FORWARD_AUTH).status()).as(method).isEqualTo(401);
            assertThat(with(page, "X-Forwarded-Method", method)
                            .get(FORWARD_AUTH)
                            .status())
                    .as(method)
                    .isEqualTo(401);
        }
        for (String[] header : List.of(
                new String[] {"X-Requested-With", "XMLHttpRequest"},
                new String[] {"Sec-Fetch-Mode", "no-cors"},
                new String[] {"Accept", "application/json"})) {
            assertThat(with(page, header).get(FORWARD_AUTH).status()).isEqualTo(401);
        }
        TestBrowser browser = signedIn(SERVER.enrolled("methods.gate"));
        for (String method : List.of("HEAD", "POST", "PUT", "DELETE", "OPTIONS")) {
            assertThat(browser.request(method, FORWARD_AUTH).status())
                    .as(method)
                    .isEqualTo(200);
            assertThat(browser.request(method, AUTH_REQUEST).status())
                    .as(method)
                    .isEqualTo(200);
        }
    }

    @Test
    void what_cannot_be_read_is_refused_and_auth_request_answers_nothing_but_200_401_and_403() {
        TestBrowser browser = signedIn(SERVER.enrolled("odd.gate"));
        for (String[] header : List.of(
                new String[] {"X-Forwarded-Host", "a.example, b.example"},
                new String[] {"X-Forwarded-Host", "a b"},
                new String[] {"X-Forwarded-Proto", "gopher"},
                new String[] {"X-Forwarded-Method", "get"})) {
            assertThat(with(browser, header).get(FORWARD_AUTH).status()).isEqualTo(400);
            // Not its own headers: whoever sends them changes nothing.
            assertThat(with(browser, header).get(AUTH_REQUEST).status()).isEqualTo(200);
        }
        for (String[] header : List.of(
                new String[] {"X-Original-URL", "nonsense"},
                new String[] {"X-Original-URL", "https://me@evil.example/"},
                new String[] {"X-Original-URL", "javascript://x/"},
                new String[] {"X-Original-Method", "a b"})) {
            assertThat(with(browser, header).get(AUTH_REQUEST).status()).isEqualTo(403);
            assertThat(with(browser, header).get(FORWARD_AUTH).status()).isEqualTo(200);
        }
        assertThat(browser.request("BREW", FORWARD_AUTH).status()).isEqualTo(400);
        assertThat(browser.request("BREW", AUTH_REQUEST).status()).isEqualTo(403);
        String longQuery = "?x=" + "y".repeat(8_000);
        assertThat(browser.get(FORWARD_AUTH + longQuery).status()).isEqualTo(200);
        assertThat(with(browser, "X-Original-URL", "https://a.example/" + "z".repeat(8_000))
                        .get(AUTH_REQUEST)
                        .status())
                .isEqualTo(200);
        for (String near :
                List.of(FORWARD_AUTH + "/", FORWARD_AUTH + ";x", "/api/authz", "/api/authz/forward%2Dauth")) {
            assertThat(browser.get(near).status()).as(near).isNotEqualTo(200);
        }
    }

    @Test
    void names_in_every_script_arrive_as_utf_8_and_a_list_of_groups_fits_the_head_of_an_answer() {
        Identity identity = Identity.of(
                "Jürgen", List.of("Ventes é", "a,b", "Продажи"), "名\r\nRemote-User: admin\u0000 ", "x@例え.example");
        assertThat(utf8(identity.user())).isEqualTo("Jürgen");
        assertThat(utf8(identity.groups())).isEqualTo("Ventes é,Продажи");
        assertThat(utf8(identity.name())).isEqualTo("名Remote-User: admin");
        assertThat(utf8(identity.email())).isEqualTo("x@例え.example");
        List<String> many = java.util.stream.IntStream.range(0, 300)
                .mapToObj(i -> "group number " + i)
                .toList();
        String groups = Identity.of("u", many, "n", "").groups();
        assertThat(groups.length()).isBetween(1_000, 1_536);
        assertThat(many).containsAll(List.of(groups.split(",")));
    }

    private static String utf8(String header) {
        return new String(header.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    @Test
    void a_session_opens_its_own_environment_only() {
        TestBrowser browser = signedIn(SERVER.enrolled("host.gate"));
        SERVER.get(Environments.class)
                .create(
                        "acme",
                        Optional.of("login.acme.example"),
                        "Acme",
                        TestInstallation.ACTOR,
                        Origin.SYSTEM,
                        SERVER.clock().instant());
        assertThat(browser.get(FORWARD_AUTH).status()).isEqualTo(200);
        assertThat(with(browser, "X-Forwarded-Host", "login.acme.example")
                        .get(FORWARD_AUTH)
                        .status())
                .isEqualTo(401);
        assertThat(browser.get(FORWARD_AUTH).status()).isEqualTo(200);
    }

    @Test
    void of_a_proxy_that_is_not_trusted_nothing_is_believed() {
        try (TestServer server = TestServer.start()) {
            TestBrowser page = server.browser().header("Accept", "text/html");
            TestBrowser.Reply reply = with(
                            page,
                            "X-Forwarded-Host",
                            "evil.example",
                            "X-Forwarded-Proto",
                            "gopher",
                            "X-Forwarded-Method",
                            "POST",
                            "X-Forwarded-Uri",
                            "/x")
                    .get(FORWARD_AUTH);
            assertThat(reply.status()).isEqualTo(302);
            assertThat(reply.location()).isEqualTo(server.url() + "/sign-in");
            assertThat(with(page, "X-Original-URL", server.url() + "/wiki")
                            .get(AUTH_REQUEST)
                            .location())
                    .isEqualTo(server.url() + "/sign-in");
        }
    }
}
