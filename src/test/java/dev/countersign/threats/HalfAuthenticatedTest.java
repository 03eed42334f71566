package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.store.Database;
import dev.countersign.support.TestAuthenticator;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import dev.countersign.web.Access;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Catalogue C: what someone can reach who has typed a password and nothing more, and steps taken out of order. */
class HalfAuthenticatedTest {
    private static final TestServer SERVER = TestServer.start();
    private static final Actor ACTOR = new Actor(Optional.empty(), "test");

    @BeforeEach
    void ask_everyone_who_has_an_app() {
        SERVER.policy(Rules.Mode.OPTIONAL);
        SERVER.clock().advance(Duration.ofHours(2));
    }

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    @Test
    void ac_037_every_handler_says_who_may_call_it() {
        List<String> silent = SERVER.get(RequestMappingHandlerMapping.class).getHandlerMethods().values().stream()
                .filter(handler -> handler.getMethodAnnotation(Access.class) == null)
                .map(Object::toString)
                .toList();
        assertThat(silent).isEmpty();
        assertThat(Routes.of(SERVER)).hasSizeGreaterThan(30);
    }

    @Test
    void ac_037_without_credentials_only_public_routes_answer() {
        assertThat(opened(SERVER::browser)).isEmpty();
    }

    @Test
    void ac_037_the_password_alone_opens_only_the_steps_of_the_sign_in() {
        Enrolled anna = SERVER.enrolled("anna.half");
        assertThat(opened(alive(anna))).isEmpty();
    }

    @Test
    void ac_037_an_administrators_password_alone_opens_only_the_steps_of_the_sign_in() {
        Enrolled ada = SERVER.enrolled("ada.half", Role.ADMINISTRATOR);
        assertThat(opened(alive(ada))).isEmpty();
    }

    /** A half-finished sign-in for each request, a new one when a step has ended the last. */
    private static Supplier<TestBrowser> alive(Enrolled person) {
        TestBrowser[] current = {Pages.pastPassword(SERVER, person.account())};
        return () -> {
            if (current[0].get("/sign-in/code").status() != 200) {
                current[0] = Pages.pastPassword(SERVER, person.account());
            }
            return current[0].fork();
        };
    }

    /** Calls every route with every method; answers those that opened though they should not, or told something personal. */
    private static List<String> opened(Supplier<TestBrowser> browsers) {
        List<String> opened = new ArrayList<>();
        Set<String> open = openToStrangers();
        Set<String> paths = new TreeSet<>(Routes.GATE);
        Routes.of(SERVER).forEach(route -> paths.add(route.path()));
        for (String path : paths) {
            for (String method : Routes.METHODS) {
                TestBrowser.Reply reply = call(browsers.get(), method, path);
                if (reply.status() / 100 == 2 && !open.contains(method + " " + path)) {
                    opened.add(method + " " + path + " " + reply.status());
                }
                if (isPersonal(reply)) {
                    opened.add(method + " " + path + " tells something personal");
                }
            }
        }
        return opened;
    }

    private static Set<String> openToStrangers() {
        Set<String> open = new TreeSet<>();
        for (Routes.Route route : Routes.of(SERVER)) {
            Access.Level level = route.access().value();
            if (level == Access.Level.PUBLIC || level == Access.Level.SIGN_IN) {
                Routes.METHODS.stream().filter(route::takes).forEach(method -> open.add(method + " " + route.path()));
            }
        }
        return open;
    }

    private static TestBrowser.Reply call(TestBrowser browser, String method, String path) {
        return method.equals("POST") ? browser.post(path) : browser.request(method, path);
    }

    private static boolean isPersonal(TestBrowser.Reply reply) {
        boolean opensSession = reply.headers("Set-Cookie").stream()
                .anyMatch(cookie -> cookie.startsWith(Pages.SESSION + "=") && !cookie.contains("Max-Age=0"));
        return opensSession
                || Stream.of("Person ", "@northwind.example", "secret=").anyMatch(reply.body()::contains);
    }

    @Test
    void ac_037_a_finished_session_without_console_rights_opens_nothing_of_the_console() {
        Enrolled anna = SERVER.enrolled("anna.plain");
        TestBrowser browser = Pages.signedIn(SERVER, anna);
        browser.get("/account");
        for (Routes.Route route : Routes.of(SERVER)) {
            if (route.access().value() == Access.Level.CONSOLE) {
                for (String method : Routes.METHODS) {
                    TestBrowser.Reply reply = call(browser.fork(), method, route.path());
                    assertThat(reply.status()).as("%s %s", method, route).isIn(403, 405);
                }
            }
        }
    }

    @Test
    void ac_037_each_console_role_opens_only_what_its_permissions_name() {
        for (Role role : List.of(Role.HELP_DESK, Role.AUDITOR, Role.SECURITY_ADMINISTRATOR)) {
            Enrolled person = SERVER.enrolled(role.wireName() + ".walk", role);
            TestBrowser browser = Pages.signedIn(SERVER, person);
            browser.get("/account");
            for (Routes.Route route : Routes.of(SERVER)) {
                boolean lacks = route.access().value() == Access.Level.CONSOLE
                        && !List.of(route.access().needs()).stream().allMatch(role.permissions()::contains);
                if (lacks) {
                    String method = route.methods().iterator().next();
                    assertThat(call(browser.fork(), method, route.path()).status())
                            .as("%s at %s", role, route)
                            .isEqualTo(403);
                }
            }
        }
    }

    @Test
    void ac_038_a_half_finished_sign_in_is_no_credential_in_any_other_slot() {
        Enrolled anna = SERVER.enrolled("anna.slots");
        String value =
                Pages.pastPassword(SERVER, anna.account()).cookie(Pages.SIGN_IN).orElseThrow();
        RestClient client = new RestClient(SERVER);
        String basicUser = base64(value + ":");
        String basicPassword = base64("anna.slots:" + value);
        for (String authorization : List.of(
                "Bearer " + value,
                "bearer " + value,
                "Basic " + basicUser,
                "Basic " + basicPassword,
                value,
                "Token " + value)) {
            assertThat(client.session(authorization).status()).as(authorization).isEqualTo(401);
            assertThat(browserWith("Authorization", authorization)
                            .get("/account")
                            .status())
                    .isEqualTo(303);
            assertThat(Routes.GATE)
                    .allSatisfy(gate -> assertThat(browserWith("Authorization", authorization)
                                    .get(gate)
                                    .status())
                            .isEqualTo(401));
        }
        assertThat(browserWith("X-Auth-Token", value).get("/api/v1/session").status())
                .isEqualTo(401);
        for (String query : List.of("token", "access_token", "session", Pages.SESSION, Pages.SIGN_IN)) {
            assertThat(SERVER.browser()
                            .get("/api/v1/session?" + query + "=" + value)
                            .status())
                    .isEqualTo(401);
            assertThat(SERVER.browser().get("/account?" + query + "=" + value).status())
                    .isEqualTo(303);
        }
        TestBrowser asSession = SERVER.browser();
        asSession.cookies().put(Pages.SESSION, value);
        assertThat(Pages.isSignedIn(asSession)).isFalse();
    }

    @Test
    void ac_038_cookies_are_no_bearer_tokens_and_bearer_tokens_no_cookies() {
        Enrolled anna = SERVER.enrolled("anna.channels");
        String cookie = Pages.signedIn(SERVER, anna).cookie(Pages.SESSION).orElseThrow();
        assertThat(new RestClient(SERVER).session("Bearer " + cookie).status()).isEqualTo(401);

        RestClient client = new RestClient(SERVER);
        SERVER.clock().advance(Duration.ofMinutes(1));
        RestClient.Begun begun = Pages.pastPasswordOverRest(SERVER, anna.account());
        TestBrowser half = SERVER.browser();
        half.cookies().put(Pages.SIGN_IN, begun.token());
        assertThat(half.get("/sign-in/code").status()).isEqualTo(303);
        String bearer = client.code(begun, anna.app().code()).text("session.token");
        assertThat(client.session("Bearer " + bearer).status()).isEqualTo(200);
        TestBrowser browser = SERVER.browser();
        browser.cookies().put(Pages.SESSION, bearer);
        assertThat(Pages.isSignedIn(browser)).isFalse();
        assertThat(SERVER.browser().get("/api/v1/session?token=" + bearer).status())
                .isEqualTo(401);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static TestBrowser browserWith(String header, String value) {
        return SERVER.browser().header(header, value);
    }

    @Test
    void ac_041_a_sign_in_answers_only_to_its_own_token() {
        Enrolled anna = SERVER.enrolled("anna.own");
        Enrolled bea = SERVER.enrolled("bea.own");
        RestClient client = new RestClient(SERVER);
        RestClient.Begun annas = Pages.pastPasswordOverRest(SERVER, anna.account());
        RestClient.Begun beas = Pages.pastPasswordOverRest(SERVER, bea.account());
        RestClient.Begun mixed = new RestClient.Begun(annas.id(), beas.token());

        assertThat(client.code(mixed, anna.app().code()).status()).isEqualTo(401);
        assertThat(client.code(mixed, bea.app().code()).status()).isEqualTo(401);
        assertThat(client.code(new RestClient.Begun(annas.id(), ""), anna.app().code())
                        .status())
                .isEqualTo(401);
        assertThat(client.code(annas, anna.app().code()).status())
                .as("with its own, unused")
                .isEqualTo(200);
    }

    @Test
    void ac_043_the_password_alone_changes_no_credential() {
        Enrolled anna = SERVER.enrolled("anna.changes");
        String before = stored(anna.account());
        for (String path : List.of(
                "/account/password",
                "/account/app",
                "/account/app/remove",
                "/account/phones/pair",
                "/account/phones/rename",
                "/account/phones/remove",
                "/account/recovery-code",
                "/account/language",
                "/account/sessions/end-others",
                "/sign-in/new-password",
                "/sign-in/recovery-code",
                "/sign-in/enrol")) {
            TestBrowser browser = Pages.pastPassword(SERVER, anna.account());
            String chosen = "a password of a thief";
            TestBrowser.Reply reply = browser.post(
                    path, "locale", "de", "password", chosen, "again", chosen, "code", "123456", "lastGroup", "ABCD");
            assertThat(reply.status()).as(path).isIn(303, 403);
            assertThat(reply.location()).as(path).startsWith("/sign-in");
        }
        assertThat(stored(anna.account())).isEqualTo(before);
    }

    /** Everything the account signs in with, as stored. */
    private static String stored(Account account) {
        return SERVER.get(Database.class)
                .sql()
                .sql(
                        "SELECT p.sealed_hash, t.secret_hash || t.last_step || r.code_hash || COALESCE(a.locale, '-') AS others"
                                + " FROM account a JOIN password p ON p.account_id = a.id JOIN totp t ON t.account_id = a.id"
                                + " JOIN recovery_code r ON r.account_id = a.id WHERE a.id = ?")
                .param(account.id().value())
                .query((row, _) -> HexFormat.of().formatHex(row.getBytes("sealed_hash")) + row.getString("others"))
                .single();
    }

    @Test
    void ac_044_a_sign_in_left_lying_starts_again_at_the_password() {
        Enrolled anna = SERVER.enrolled("anna.expires");
        TestBrowser browser = SERVER.browser();
        browser.signIn("anna.expires", TestServer.PASSWORD, anna.app().code());
        browser.get("/account");
        browser.post("/sign-out");
        browser.signIn("anna.expires", TestServer.PASSWORD);
        SERVER.clock().advance(Duration.ofMinutes(10));

        assertThat(browser.get("/sign-in/code").location()).isEqualTo("/sign-in?problem=sign-in-expired");
        assertThat(browser.post("/sign-in/code", "code", anna.app().code()).location())
                .isEqualTo("/sign-in?problem=sign-in-expired");
        assertThat(browser.post("/sign-in/recovery", "code", anna.recoveryCode())
                        .location())
                .isEqualTo("/sign-in?problem=sign-in-expired");
        assertThat(Pages.isSignedIn(browser)).isFalse();
    }

    @Test
    void ac_046_only_the_factor_that_is_asked_for_counts() {
        Enrolled anna = SERVER.enrolled("anna.confused");
        TestBrowser browser = Pages.pastPassword(SERVER, anna.account());
        browser.post("/sign-in/password", "password", TestServer.PASSWORD);
        browser.post("/sign-in/recovery", "code", anna.app().code());
        browser.post("/sign-in/code", "code", TestServer.PASSWORD);
        browser.post("/sign-in/enrol", "code", anna.app().code());
        assertThat(Pages.isSignedIn(browser)).isFalse();

        RestClient client = new RestClient(SERVER);
        RestClient.Begun begun = Pages.pastPasswordOverRest(SERVER, anna.account());
        RestClient.Reply twice = client.answer(
                begun.id(), "Bearer " + begun.token(), Map.of("factor", "password", "password", TestServer.PASSWORD));
        assertThat(twice.status()).isEqualTo(401);
        assertThat(twice.text("session.token")).isEmpty();
    }

    @Test
    void ac_046_a_sign_in_given_up_in_one_tab_is_over_in_the_other() {
        Enrolled anna = SERVER.enrolled("anna.tabs");
        TestBrowser first = Pages.pastPassword(SERVER, anna.account());
        TestBrowser second = first.fork();
        second.post("/sign-in/restart");
        first.post("/sign-in/code", "code", anna.app().code());
        assertThat(Pages.isSignedIn(first)).isFalse();
    }

    @Test
    void ac_047_no_detour_leads_to_the_console_without_a_second_factor() {
        SERVER.policy(Rules.Mode.OFF);
        SERVER.enrolled("ada.detour", Role.ADMINISTRATOR);
        TestBrowser browser = SERVER.browser();
        browser.get("/sign-in?to=/console");
        browser.post("/language", "locale", "de", "return", "/console");
        browser.post("/sign-in/restart");
        for (String to : List.of("/account", "/console%2fsecurity", "//console", "/Console", "/account/../console")) {
            TestBrowser attempt = browser.fork();
            attempt.get("/sign-in");
            attempt.post("/sign-in", "username", "ada.detour", "password", TestServer.PASSWORD, "to", to);
            for (Routes.Route route : Routes.of(SERVER)) {
                if (route.access().value() == Access.Level.CONSOLE && route.takes("GET")) {
                    assertThat(attempt.fork().get(route.path()).location())
                            .as("%s after %s", route, to)
                            .startsWith("/sign-in/confirm?to=");
                }
            }
        }
    }

    @Test
    void ac_050_a_requirement_turned_on_ends_password_only_sessions_at_the_next_request() {
        Account bea = SERVER.person("bea.live");
        TestBrowser browser = SERVER.browser();
        browser.signIn("bea.live", TestServer.PASSWORD);
        RestClient client = new RestClient(SERVER);
        String token = client.begin("bea.live", TestServer.PASSWORD).text("session.token");
        assertThat(Pages.isSignedIn(browser)).isTrue();
        assertThat(client.session("Bearer " + token).status()).isEqualTo(200);

        SERVER.requireFor(SERVER.group("enforced", bea));
        assertThat(client.session("Bearer " + token).status()).isEqualTo(401);
        assertThat(browser.get("/account").location()).startsWith("/sign-in?problem=session-ended-policy");
        assertThat(browser.post("/account/password").location()).startsWith("/sign-in");
    }

    @Test
    void ac_053_an_exemption_ends_in_its_time_whatever_happens_meanwhile() {
        Account bea = SERVER.person("bea.exempt");
        Instant until = SERVER.clock().instant().plus(Duration.ofHours(2));
        SERVER.policy(Rules.Mode.REQUIRED);
        SERVER.get(Policies.class)
                .exempt(
                        bea,
                        "waits for a phone",
                        until,
                        ACTOR,
                        Origin.SYSTEM,
                        SERVER.clock().instant());
        TestBrowser browser = SERVER.browser();
        browser.signIn("bea.exempt", TestServer.PASSWORD);
        assertThat(Pages.isSignedIn(browser)).isTrue();

        SERVER.clock().advance(Duration.ofMinutes(50));
        assertThat(Pages.isSignedIn(browser)).isTrue();
        SERVER.group("new.group", bea);
        SERVER.clock().advance(Duration.ofMinutes(50));
        assertThat(Pages.isSignedIn(browser)).isTrue();
        SERVER.clock().advance(Duration.ofMinutes(20));
        assertThat(Pages.isSignedIn(browser)).isFalse();
        assertThat(SERVER.browser().signIn("bea.exempt", TestServer.PASSWORD).location())
                .isEqualTo("/sign-in/enrol");
    }

    @Test
    void ac_046_an_app_that_is_not_confirmed_is_no_second_factor() {
        SERVER.policy(Rules.Mode.REQUIRED);
        SERVER.person("bea.unconfirmed");
        TestBrowser browser = SERVER.browser();
        TestBrowser.Reply page = browser.follow(browser.signIn("bea.unconfirmed", TestServer.PASSWORD));
        TestAuthenticator app = TestAuthenticator.ofText(Pages.secretOn(page), SERVER.clock());

        TestBrowser other = SERVER.browser();
        other.signIn("bea.unconfirmed", TestServer.PASSWORD);
        other.post("/sign-in/code", "code", app.code());
        other.post("/sign-in/recovery-code", "lastGroup", "");
        assertThat(Pages.isSignedIn(other)).isFalse();
        browser.post("/sign-in/recovery-code", "lastGroup", "");
        assertThat(Pages.isSignedIn(browser)).isFalse();
    }
}
