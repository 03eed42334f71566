package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.kernel.Origin;
import dev.countersign.policy.Rules;
import dev.countersign.session.Sessions;
import dev.countersign.signin.AccountActions;
import dev.countersign.support.TestAuthenticator;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import dev.countersign.vault.Randomness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Catalogue D: sessions planted, stolen, kept too long, or meant for someone else. */
class SessionTest {
    private static final TestServer SERVER = TestServer.start();
    private static final Actor ACTOR = new Actor(Optional.empty(), "test");

    @BeforeAll
    static void ask_everyone_who_has_an_app() {
        SERVER.policy(Rules.Mode.OPTIONAL);
    }

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private static String chosenToken() {
        return SERVER.get(Randomness.class).token().reveal();
    }

    private static String cookie(TestBrowser browser, String name) {
        return browser.cookie(name).orElse("");
    }

    @Test
    void ac_055_planted_cookies_never_become_a_session() {
        Enrolled anna = SERVER.enrolled("anna.planted");
        String session = chosenToken();
        String signIn = chosenToken();
        TestBrowser browser = SERVER.browser();
        browser.cookies().put(Pages.SESSION, session);
        browser.cookies().put(Pages.SIGN_IN, signIn);
        browser.signIn("anna.planted", TestServer.PASSWORD);
        assertThat(cookie(browser, Pages.SIGN_IN)).isNotEqualTo(signIn).isNotEmpty();
        browser.post("/sign-in/code", "code", anna.app().code());
        assertThat(Pages.isSignedIn(browser)).isTrue();
        assertThat(cookie(browser, Pages.SESSION)).isNotEqualTo(session);

        TestBrowser attacker = SERVER.browser();
        attacker.cookies().put(Pages.SESSION, session);
        attacker.cookies().put(Pages.SIGN_IN, signIn);
        assertThat(Pages.isSignedIn(attacker)).isFalse();
        assertThat(attacker.get("/sign-in/code").status()).isEqualTo(303);
    }

    @Test
    void ac_055_each_proof_brings_a_new_token_and_the_old_one_is_dead() {
        Enrolled anna = SERVER.enrolled("anna.renewed");
        TestBrowser browser = Pages.pastPassword(SERVER, anna.account());
        String signIn = cookie(browser, Pages.SIGN_IN);
        browser.post("/sign-in/code", "code", anna.app().code());
        String session = cookie(browser, Pages.SESSION);
        assertThat(session).isNotEqualTo(signIn);
        assertThat(browser.cookie(Pages.SIGN_IN)).isEmpty();

        SERVER.clock().advance(Duration.ofMinutes(6));
        browser.visit("/sign-in/confirm?to=/account");
        browser.post("/sign-in/password", "password", TestServer.PASSWORD);
        browser.post("/sign-in/code", "code", anna.app().code());
        assertThat(cookie(browser, Pages.SESSION)).isNotEqualTo(session);
        TestBrowser old = SERVER.browser();
        old.cookies().put(Pages.SESSION, session);
        assertThat(Pages.isSignedIn(old)).isFalse();
        old.cookies().clear();
        old.cookies().put(Pages.SIGN_IN, signIn);
        assertThat(old.get("/sign-in/code").status()).isEqualTo(303);
    }

    @Test
    void ac_055_two_cookies_of_one_name_count_as_none() {
        Enrolled anna = SERVER.enrolled("anna.twice");
        String session = cookie(Pages.signedIn(SERVER, anna), Pages.SESSION);
        String name = Pages.SESSION + "=";
        assertThat(account(name + session)).isEqualTo(200);
        assertThat(account(name + session + "; " + name + chosenToken())).isEqualTo(303);
        assertThat(account(name + chosenToken() + "; " + name + session)).isEqualTo(303);
        assertThat(account(name + session + "; " + name + session)).isEqualTo(303);
    }

    private static int account(String cookieLine) {
        return Wire.head(SERVER, "GET /account HTTP/1.1", "Host: localhost:" + SERVER.port(), "Cookie: " + cookieLine)
                .status();
    }

    @Test
    void ac_056_a_sign_in_belongs_to_the_browser_that_began_it() {
        Enrolled anna = SERVER.enrolled("anna.flow");
        TestBrowser attacker = Pages.pastPassword(SERVER, anna.account());
        TestBrowser victim = SERVER.browser();
        for (String path : List.of("/sign-in/code", "/sign-in/recovery", "/sign-in/enrol", "/sign-in/new-password")) {
            assertThat(victim.get(path).location()).as(path).isEqualTo("/sign-in?problem=sign-in-expired");
        }
        victim.signIn("anna.flow", TestServer.PASSWORD, anna.app().code());
        assertThat(Pages.isSignedIn(victim)).isTrue();
        assertThat(Pages.isSignedIn(attacker)).isFalse();
        assertThat(attacker.get("/sign-in/code").status()).isEqualTo(200);
    }

    @Test
    void ac_058_another_site_cannot_sign_a_browser_in() {
        Enrolled mallory = SERVER.enrolled("mallory");
        TestBrowser victim = SERVER.browser();
        victim.get("/sign-in");
        TestBrowser forced =
                victim.fork().header("Origin", "https://evil.example").header("Sec-Fetch-Site", "cross-site");
        TestBrowser.Reply begun = forced.post("/sign-in", "username", "mallory", "password", TestServer.PASSWORD);
        assertThat(begun.status()).isEqualTo(403);
        TestBrowser withoutToken = SERVER.browser();
        assertThat(withoutToken
                        .post("/sign-in", "username", "mallory", "password", TestServer.PASSWORD)
                        .status())
                .isEqualTo(403);
        assertThat(begun.headers("Set-Cookie")).noneMatch(set -> set.startsWith(Pages.SIGN_IN));

        TestBrowser half = Pages.pastPassword(SERVER, mallory.account()).header("Origin", "https://evil.example");
        assertThat(half.post("/sign-in/code", "code", mallory.app().code()).status())
                .isEqualTo(403);
        assertThat(Pages.isSignedIn(half)).isFalse();
    }

    @Test
    void ac_059_a_new_password_ends_every_other_session_and_unfinished_sign_in() {
        Enrolled anna = SERVER.enrolled("anna.password");
        TestBrowser thief = Pages.signedIn(SERVER, anna);
        SERVER.clock().advance(Duration.ofMinutes(1));
        RestClient client = new RestClient(SERVER);
        String token = client.code(
                        Pages.pastPasswordOverRest(SERVER, anna.account()),
                        anna.app().code())
                .text("session.token");
        SERVER.clock().advance(Duration.ofMinutes(1));
        TestBrowser half = Pages.pastPassword(SERVER, anna.account());
        TestBrowser owner = Pages.signedIn(SERVER, anna);
        long known = browsersOf(anna.account());

        owner.get("/account");
        assertThat(owner.post("/account/password").location()).isEqualTo("/sign-in/new-password");
        owner.get("/sign-in/new-password");
        String chosen = "quite another password";
        assertThat(owner.post("/sign-in/new-password", "password", chosen, "again", chosen)
                        .location())
                .isEqualTo("/account?notice=password-changed");

        assertThat(Pages.isSignedIn(owner)).isTrue();
        assertThat(Pages.isSignedIn(thief)).isFalse();
        assertThat(client.session("Bearer " + token).status()).isEqualTo(401);
        assertThat(half.get("/sign-in/code").status()).isEqualTo(303);
        assertThat(known).isEqualTo(2);
        assertThat(browsersOf(anna.account()))
                .as("only the owner's browser is still known")
                .isEqualTo(1);
        assertThat(SERVER.browser().signIn("anna.password", TestServer.PASSWORD).location())
                .isEqualTo("/sign-in?problem=sign-in-failed");
    }

    private static long browsersOf(Account account) {
        return SERVER.count(
                "SELECT count(*) FROM known_browser WHERE account_id = ?",
                account.id().value());
    }

    @Test
    void ac_061_a_disabled_account_is_out_everywhere_at_once() {
        Enrolled anna = SERVER.enrolled("anna.leaves");
        TestBrowser browser = Pages.signedIn(SERVER, anna);
        SERVER.clock().advance(Duration.ofMinutes(1));
        RestClient client = new RestClient(SERVER);
        String token = client.code(
                        Pages.pastPasswordOverRest(SERVER, anna.account()),
                        anna.app().code())
                .text("session.token");
        SERVER.get(AccountActions.class)
                .disable(anna.account(), ACTOR, Origin.SYSTEM, SERVER.clock().instant());

        assertThat(Pages.isSignedIn(browser)).isFalse();
        assertThat(browser.post("/account/app").location()).startsWith("/sign-in");
        assertThat(client.session("Bearer " + token).status()).isEqualTo(401);
        SERVER.clock().advance(Duration.ofMinutes(1));
        TestBrowser.Reply right = SERVER.browser().signIn("anna.leaves", TestServer.PASSWORD);
        assertThat(right.location()).isEqualTo("/sign-in?problem=sign-in-failed");
        assertThat(client.begin("anna.leaves", TestServer.PASSWORD).status()).isEqualTo(401);
    }

    @Test
    void ac_062_an_idle_session_ends_after_an_hour() {
        TestBrowser browser = Pages.signedIn(SERVER, SERVER.enrolled("anna.idle"));
        SERVER.clock().advance(Duration.ofMinutes(59));
        assertThat(Pages.isSignedIn(browser)).isTrue();
        SERVER.clock().advance(Duration.ofMinutes(60));
        assertThat(Pages.isSignedIn(browser)).isFalse();
    }

    @Test
    void ac_062_a_session_in_use_ends_after_a_day() {
        TestBrowser browser = Pages.signedIn(SERVER, SERVER.enrolled("anna.busy"));
        TestBrowser copy = browser.fork();
        for (int i = 0; i < 35; i++) {
            SERVER.clock().advance(Duration.ofMinutes(40));
            assertThat(Pages.isSignedIn(browser))
                    .as("after %d minutes", 40 * (i + 1))
                    .isTrue();
        }
        SERVER.clock().advance(Duration.ofMinutes(40));
        assertThat(Pages.isSignedIn(browser)).as("after 24 hours").isFalse();
        assertThat(Pages.isSignedIn(copy)).isFalse();
    }

    @Test
    void ac_064_everyone_ends_only_sessions_of_their_own() {
        Enrolled anna = SERVER.enrolled("anna.list");
        Enrolled bea = SERVER.enrolled("bea.list");
        TestBrowser annas = Pages.signedIn(SERVER, anna);
        TestBrowser beas = Pages.signedIn(SERVER, bea);
        SERVER.clock().advance(Duration.ofMinutes(1));
        List<String> before = sessionIds(anna.account());
        TestBrowser second = Pages.signedIn(SERVER, anna);

        annas.get("/account");
        String other = sessionIds(anna.account()).stream()
                .filter(id -> !before.contains(id))
                .findFirst()
                .orElseThrow();
        String foreign = sessionIds(bea.account()).getFirst();
        for (String id : List.of(foreign, "aaaaaaaaaaaaaaaaaaaaaaaaaa", "", "%", "' OR ''='")) {
            assertThat(annas.fork().post("/account/sessions/end", "id", id).status())
                    .as("'%s'", id)
                    .isEqualTo(404);
        }
        assertThat(Pages.isSignedIn(beas)).isTrue();
        assertThat(Pages.isSignedIn(second)).isTrue();
        assertThat(annas.post("/account/sessions/end", "id", other).status()).isEqualTo(303);
        assertThat(Pages.isSignedIn(second)).isFalse();
        assertThat(SERVER.activityOf(anna.account()))
                .anyMatch(entry ->
                        entry.kind().equals("session-ended") && entry.details().contains(other));
    }

    /** The newest first. */
    private static List<String> sessionIds(Account account) {
        return SERVER.get(Sessions.class).liveOf(account.id(), SERVER.clock().instant()).stream()
                .map(session -> session.id().value())
                .toList();
    }

    @Test
    void ac_064_what_was_started_from_a_session_ends_with_it() {
        Account bea = SERVER.person("bea.robbed");
        TestBrowser owner = SERVER.browser();
        owner.signIn("bea.robbed", TestServer.PASSWORD);
        TestBrowser robbed = SERVER.browser();
        robbed.signIn("bea.robbed", TestServer.PASSWORD);
        robbed.get("/account");
        TestBrowser thief = robbed.fork();
        TestBrowser.Reply page = thief.follow(thief.post("/account/app"));
        TestAuthenticator app = TestAuthenticator.ofText(Pages.secretOn(page), SERVER.clock());

        owner.get("/account");
        owner.post("/account/sessions/end-others");
        thief.post("/sign-in/enrol", "code", app.code());
        assertThat(SERVER.count(
                        "SELECT count(*) FROM totp WHERE account_id = ?",
                        bea.id().value()))
                .isZero();
        assertThat(Pages.isSignedIn(thief)).isFalse();
        assertThat(Pages.isSignedIn(owner)).isTrue();
    }

    @Test
    void ac_064_signing_out_ends_what_was_started_from_the_session() {
        SERVER.person("bea.out");
        TestBrowser browser = SERVER.browser();
        browser.signIn("bea.out", TestServer.PASSWORD);
        browser.get("/account");
        TestBrowser thief = browser.fork();
        Pages.secretOn(thief.follow(thief.post("/account/app")));
        browser.post("/sign-out");
        assertThat(thief.get("/sign-in/enrol").status()).isEqualTo(303);
        assertThat(Pages.isSignedIn(thief)).isFalse();
    }

    @Test
    void ac_065_a_cookie_changed_in_any_way_opens_nothing_and_breaks_nothing() {
        Enrolled anna = SERVER.enrolled("anna.tampered");
        String value = cookie(Pages.signedIn(SERVER, anna), Pages.SESSION);
        char first = value.charAt(0);
        List<String> changed = new ArrayList<>(List.of(
                "",
                value.substring(1),
                value.substring(0, value.length() - 1),
                value + "A",
                (first == 'A' ? 'B' : 'A') + value.substring(1),
                swappedCase(value),
                value + "%00",
                value + "=",
                "\"" + value.substring(1) + "\"",
                value + ",x",
                "../" + value,
                "x".repeat(8_000),
                "\u00ff\u00fe",
                value.replace(value.charAt(5), '*')));
        for (int i = 0; i < value.length(); i++) {
            char flipped = (char) (value.charAt(i) ^ 1 << i % 7);
            changed.add(value.substring(0, i) + flipped + value.substring(i + 1));
        }
        for (String one : changed) {
            opensNothing(Pages.SESSION + "=" + one);
        }
        String right = Pages.SESSION + "=" + value;
        String wrong = Pages.SESSION + "=" + changed.getLast();
        for (String two : List.of(
                right + "; " + wrong,
                wrong + "; " + right,
                right + "; " + right,
                right + "; " + Pages.SESSION + "=",
                right + "\r\nCookie: " + wrong,
                "x=y; " + Pages.SESSION.toLowerCase(Locale.ROOT) + "=" + value)) {
            opensNothing(two);
        }
        for (String same : List.of(right, right + ";", right + "; x=y", "x=y; " + right)) {
            assertThat(account(same)).as(same).isEqualTo(200);
            assertThat(gate(same)).as(same).isEqualTo(200);
        }
    }

    private static void opensNothing(String cookieLine) {
        assertThat(account(cookieLine)).as(cookieLine).isIn(303, 400);
        assertThat(gate(cookieLine)).as(cookieLine).isIn(401, 400);
    }

    /** What a proxy is told that asks with this cookie of its visitor. */
    private static int gate(String cookieLine) {
        return Wire.head(
                        SERVER,
                        "GET /api/authz/auth-request HTTP/1.1",
                        "Host: localhost:" + SERVER.port(),
                        "X-Original-Method: GET",
                        "X-Original-URL: " + SERVER.url() + "/wiki/",
                        "Cookie: " + cookieLine)
                .status();
    }

    private static String swappedCase(String text) {
        StringBuilder swapped = new StringBuilder();
        text.chars()
                .forEach(c -> swapped.append(
                        (char) (Character.isUpperCase(c) ? Character.toLowerCase(c) : Character.toUpperCase(c))));
        return swapped.toString();
    }
}
