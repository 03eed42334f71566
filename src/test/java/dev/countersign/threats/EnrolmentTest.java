package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.factor.recovery.RecoveryCodes;
import dev.countersign.factor.totp.Apps;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Rules;
import dev.countersign.store.Database;
import dev.countersign.support.PhoneOwner;
import dev.countersign.support.TestAuthenticator;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import dev.countersign.vault.Randomness;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Catalogue E: registering, replacing and recovering factors. */
class EnrolmentTest {
    private static final TestServer SERVER = TestServer.start();
    private static final int COLLECTED = 10_000;

    @BeforeAll
    static void ask_everyone_who_has_an_app() {
        SERVER.policy(Rules.Mode.OPTIONAL);
    }

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    /** Someone with a password only, at the page that shows a secret. */
    private record Registering(TestBrowser browser, String secret, TestAuthenticator app) {
        static Registering begin(String username) {
            TestBrowser browser = SERVER.browser();
            browser.signIn(username, TestServer.PASSWORD);
            browser.get("/account");
            TestBrowser.Reply page = browser.follow(browser.post("/account/app"));
            String secret = Pages.secretOn(page);
            return new Registering(browser, secret, TestAuthenticator.ofText(secret, SERVER.clock()));
        }

        TestBrowser.Reply confirm() {
            return browser.post("/sign-in/enrol", "code", app.code());
        }
    }

    private static long apps(Account account) {
        return SERVER.count(
                "SELECT count(*) FROM totp WHERE account_id = ?", account.id().value());
    }

    @Test
    void ac_067_a_code_confirms_only_the_secret_of_its_own_sign_in() {
        Account anna = SERVER.person("anna.enrol");
        Account bea = SERVER.person("bea.enrol");
        Registering annas = Registering.begin("anna.enrol");
        Registering annasOther = Registering.begin("anna.enrol");
        Registering beas = Registering.begin("bea.enrol");

        annasOther.browser().post("/sign-in/enrol", "code", annas.app().code());
        beas.browser().post("/sign-in/enrol", "code", annas.app().code());
        assertThat(apps(anna)).isZero();
        assertThat(apps(bea)).isZero();
        annas.browser().post("/sign-in/restart");
        annas.confirm();
        assertThat(apps(anna)).as("after it was given up").isZero();
    }

    @Test
    void ac_067_a_secret_that_was_not_confirmed_in_ten_minutes_is_gone() {
        Account anna = SERVER.person("anna.late");
        Registering late = Registering.begin("anna.late");
        SERVER.clock().advance(Duration.ofMinutes(10));
        assertThat(late.confirm().location()).isEqualTo("/sign-in?problem=sign-in-expired");
        assertThat(late.browser().get("/sign-in/enrol").location()).isEqualTo("/account");
        assertThat(apps(anna)).isZero();
    }

    @Test
    void ac_068_a_stolen_session_changes_no_factor_without_fresh_proof() {
        Enrolled anna = SERVER.enrolled("anna.stolen");
        TestBrowser thief = Pages.signedIn(SERVER, anna);
        thief.get("/account");
        SERVER.clock().advance(Duration.ofMinutes(6));

        for (String path : List.of("/account/app", "/account/recovery-code", "/account/password")) {
            assertThat(thief.post(path).location()).as(path).isEqualTo("/sign-in/password");
            thief.post("/sign-in/enrol", "code", anna.app().code());
            thief.post(
                    "/sign-in/recovery-code", "lastGroup", anna.recoveryCode().substring(20));
            thief.post("/sign-in/new-password", "password", "password of a thief", "again", "password of a thief");
            assertThat(thief.get("/sign-in/enrol").location()).isEqualTo("/sign-in/password");
        }
        assertThat(thief.post("/account/app/remove").location()).isEqualTo("/sign-in/confirm?to=/account/app/remove");
        assertThat(apps(anna.account())).isEqualTo(1);
        thief.post("/sign-out");
        assertThat(SERVER.browser()
                        .signIn("anna.stolen", TestServer.PASSWORD, anna.app().code())
                        .location())
                .as("everything is as it was")
                .isEqualTo("/account");
    }

    @Test
    void what_was_just_changed_is_changed_again_when_it_is_asked_for() {
        Enrolled anna = SERVER.enrolled("anna.again");
        TestBrowser browser = Pages.signedIn(SERVER, anna);
        for (String chosen : List.of("first new password", "second new password")) {
            browser.get("/account");
            assertThat(browser.follow(browser.post("/account/password")).body()).contains("name=\"again\"");
            browser.follow(browser.post("/sign-in/new-password", "password", chosen, "again", chosen));
        }
        assertThat(SERVER.browser().signIn("anna.again", "second new password").location())
                .isEqualTo("/sign-in/code");

        Set<String> codes = new HashSet<>();
        for (int time = 0; time < 2; time++) {
            browser.get("/account");
            String code = Pages.recoveryCodeOn(browser.follow(browser.post("/account/recovery-code")));
            browser.follow(browser.post("/sign-in/recovery-code", "lastGroup", code.substring(20)));
            codes.add(code);
        }
        assertThat(codes).hasSize(2);

        for (String name : List.of("first", "second")) {
            PhoneOwner.pair(SERVER, browser, name);
        }
    }

    @Test
    void ac_068_the_password_alone_does_not_replace_an_app() {
        Enrolled anna = SERVER.enrolled("anna.phished");
        TestBrowser thief = Pages.signedIn(SERVER, anna);
        thief.get("/account");
        SERVER.clock().advance(Duration.ofMinutes(6));
        thief.post("/account/app");
        assertThat(thief.post("/sign-in/password", "password", TestServer.PASSWORD)
                        .location())
                .isEqualTo("/sign-in/code");
        assertThat(thief.get("/sign-in/enrol").location()).isEqualTo("/sign-in/code");
    }

    @Test
    void ac_068_with_fresh_proof_the_app_is_replaced_other_sessions_end_and_the_log_says_so() {
        Enrolled anna = SERVER.enrolled("anna.replaces");
        TestBrowser other = Pages.signedIn(SERVER, anna);
        SERVER.clock().advance(Duration.ofMinutes(1));
        TestBrowser browser = Pages.signedIn(SERVER, anna);
        browser.get("/account");
        TestBrowser.Reply page = browser.follow(browser.post("/account/app"));
        TestAuthenticator app = TestAuthenticator.ofText(Pages.secretOn(page), SERVER.clock());
        assertThat(browser.post("/sign-in/enrol", "code", app.code()).location())
                .isEqualTo("/account?notice=app-set-up");
        assertThat(Pages.isSignedIn(browser)).isTrue();
        assertThat(Pages.isSignedIn(other)).isFalse();
        assertThat(SERVER.activityOf(anna.account()))
                .anyMatch(entry -> entry.kind().equals("app-replaced"));
    }

    @Test
    void ac_070_of_two_registrations_at_once_one_app_is_left_and_only_its_codes_work() {
        Account anna = SERVER.person("anna.two.tabs");
        Registering first = Registering.begin("anna.two.tabs");
        Registering second = Registering.begin("anna.two.tabs");
        TestBrowser.Reply recovery = second.browser().follow(second.confirm());
        second.browser()
                .post(
                        "/sign-in/recovery-code",
                        "lastGroup",
                        Pages.recoveryCodeOn(recovery).substring(20));
        first.confirm();

        assertThat(apps(anna)).isEqualTo(1);
        SERVER.clock().advance(Duration.ofMinutes(1));
        TestBrowser withFirst = Pages.pastPassword(SERVER, anna);
        withFirst.post("/sign-in/code", "code", first.app().code());
        TestBrowser withSecond = Pages.pastPassword(SERVER, anna);
        withSecond.post("/sign-in/code", "code", second.app().code());
        assertThat(Pages.isSignedIn(withFirst)).isFalse();
        assertThat(Pages.isSignedIn(withSecond)).isTrue();
    }

    @Test
    void ac_074_no_parameter_registers_an_app_for_someone_else() {
        Account anna = SERVER.person("anna.swaps");
        Account bea = SERVER.person("bea.victim");
        Registering annas = Registering.begin("anna.swaps");
        String id = bea.id().value();
        annas.browser()
                .post(
                        "/sign-in/enrol",
                        "code",
                        annas.app().code(),
                        "account",
                        id,
                        "accountId",
                        id,
                        "id",
                        id,
                        "username",
                        "bea.victim",
                        "secret",
                        "A".repeat(32));
        assertThat(apps(bea)).isZero();
        assertThat(apps(anna)).isEqualTo(1);
    }

    @Test
    void ac_076_a_secret_is_shown_to_its_sign_in_alone_never_stored_in_caches_and_not_after_it_is_confirmed() {
        Account anna = SERVER.person("anna.seed");
        Registering annas = Registering.begin("anna.seed");
        for (String path : List.of("/sign-in/enrol", "/sign-in/enrol/qr.png")) {
            TestBrowser.Reply own = annas.browser().get(path);
            assertThat(own.status()).as(path).isEqualTo(200);
            assertThat(own.header("Cache-Control").orElse("")).as(path).contains("no-store");
            TestBrowser.Reply others = SERVER.browser().get(path);
            assertThat(others.status()).as(path).isIn(303, 404);
            assertThat(others.body()).doesNotContain(annas.secret());
        }
        TestBrowser.Reply confirmed = annas.confirm();
        assertThat(confirmed.location()).isEqualTo("/sign-in/recovery-code");
        for (String path :
                List.of("/sign-in/enrol", "/sign-in/enrol/qr.png", "/sign-in/recovery-code", "/account", "/sign-in")) {
            assertThat(annas.browser().get(path).body()).as(path).doesNotContain(annas.secret());
        }
        assertThat(annas.browser().get("/sign-in/enrol/qr.png").status()).isEqualTo(404);
        assertThat(SERVER.activityOf(anna)).noneMatch(entry -> entry.toString().contains(annas.secret()));
    }

    @Test
    void ac_077_seeds_are_160_random_bits() {
        Apps apps = SERVER.get(Apps.class);
        Symbols symbols =
                Symbols.collect(() -> new String(apps.newSecret().reveal(), StandardCharsets.ISO_8859_1), COLLECTED);
        assertThat(symbols.length()).isEqualTo(20);
        symbols.assertEven(256);
    }

    @Test
    void ac_077_recovery_codes_are_at_least_112_random_bits() {
        Account anna = SERVER.person("anna.codes");
        Actor actor = Actor.person(anna.id(), anna.username());
        Symbols symbols = SERVER.get(Database.class)
                .write(() -> Symbols.collect(
                        () -> SERVER.get(RecoveryCodes.class)
                                .issue(
                                        anna,
                                        actor,
                                        Origin.SYSTEM,
                                        SERVER.clock().instant())
                                .reveal(),
                        COLLECTED));
        assertThat(symbols.length()).isEqualTo(24);
        symbols.assertEven(32);
    }

    @Test
    void ac_077_tokens_and_identifiers_are_at_least_128_random_bits() {
        Randomness randomness = SERVER.get(Randomness.class);
        Symbols tokens = Symbols.collect(() -> randomness.token().reveal().substring(0, 42), COLLECTED);
        assertThat(tokens.length()).isEqualTo(42);
        tokens.assertEven(64);
        Symbols identifiers = Symbols.collect(randomness::identifier, COLLECTED);
        assertThat(identifiers.length()).isEqualTo(26);
        identifiers.assertEven(32);
    }

    /** How often each symbol occurred in many random texts, none of which occurred twice. */
    private record Symbols(long[] counts, int length, long total) {
        static Symbols collect(Supplier<String> source, int times) {
            long[] counts = new long[256];
            Set<String> seen = new HashSet<>();
            int length = source.get().length();
            for (int i = 0; i < times; i++) {
                String text = source.get();
                assertThat(text).hasSize(length);
                assertThat(seen.add(text)).as("no repeats").isTrue();
                text.chars().forEach(c -> counts[c]++);
            }
            return new Symbols(counts, length, (long) times * length);
        }

        /** Pearson's chi-square, seven standard deviations from its mean: fails by chance once in more than 10^9 runs. */
        void assertEven(int alphabet) {
            double expected = (double) total / alphabet;
            double chiSquare = 0;
            int used = 0;
            for (long count : counts) {
                if (count > 0) {
                    used++;
                    chiSquare += (count - expected) * (count - expected) / expected;
                }
            }
            assertThat(used).isEqualTo(alphabet);
            assertThat(chiSquare).isLessThan(alphabet - 1 + 7 * Math.sqrt(2.0 * (alphabet - 1)));
        }
    }

    @Test
    void ac_079_someone_elses_recovery_code_is_refused_and_not_used_up() {
        Enrolled anna = SERVER.enrolled("anna.borrows");
        Enrolled bea = SERVER.enrolled("bea.lends");
        TestBrowser annas = Pages.pastPassword(SERVER, anna.account());
        annas.post("/sign-in/recovery", "code", bea.recoveryCode());
        assertThat(annas.get("/sign-in/recovery-code").status()).isEqualTo(303);
        assertThat(Pages.isSignedIn(annas)).isFalse();

        TestBrowser beas = Pages.pastPassword(SERVER, bea.account());
        assertThat(beas.post("/sign-in/recovery", "code", bea.recoveryCode()).location())
                .isEqualTo("/sign-in/recovery-code");
    }

    @Test
    void ac_080_a_recovery_code_opens_nothing_until_a_new_app_is_registered() {
        Enrolled ada = SERVER.enrolled("ada.recovers", Role.ADMINISTRATOR);
        TestBrowser browser = Pages.pastPassword(SERVER, ada.account());
        TestBrowser.Reply shown = browser.follow(browser.post("/sign-in/recovery", "code", ada.recoveryCode()));
        assertNothingOpens(browser);
        String fresh = Pages.recoveryCodeOn(shown);
        assertThat(fresh).isNotEqualTo(ada.recoveryCode());
        TestBrowser.Reply page =
                browser.follow(browser.post("/sign-in/recovery-code", "lastGroup", fresh.substring(20)));
        assertNothingOpens(browser);
        TestAuthenticator app = TestAuthenticator.ofText(Pages.secretOn(page), SERVER.clock());
        browser.post("/sign-in/enrol", "code", app.code());
        assertThat(browser.get("/console/people").status()).isEqualTo(200);

        SERVER.clock().advance(Duration.ofMinutes(1));
        TestBrowser old = Pages.pastPassword(SERVER, ada.account());
        old.post("/sign-in/code", "code", ada.app().code());
        old.post("/sign-in/recovery", "code", ada.recoveryCode());
        assertThat(Pages.isSignedIn(old))
                .as("neither old app nor old code works")
                .isFalse();
    }

    private static void assertNothingOpens(TestBrowser browser) {
        for (String path : List.of("/account", "/console/people", "/console/security")) {
            assertThat(browser.get(path).location()).as(path).startsWith("/sign-in");
        }
        assertThat(browser.cookie(Pages.SESSION)).isEqualTo(Optional.empty());
    }

    @Test
    void ac_082_a_password_set_by_an_administrator_keeps_the_second_factor() {
        Enrolled anna = SERVER.enrolled("anna.forgot");
        Threats.setPassword(SERVER, anna.account(), "what the help desk chose");
        TestBrowser browser = SERVER.browser();
        assertThat(browser.signIn("anna.forgot", "what the help desk chose").location())
                .isEqualTo("/sign-in/code");
        assertThat(Pages.isSignedIn(browser)).isFalse();
        assertThat(apps(anna.account())).isEqualTo(1);
    }

    @Test
    void ac_083_a_poisoned_host_shows_up_neither_in_links_nor_in_the_issuer() {
        SERVER.person("anna.host");
        Registering annas = Registering.begin("anna.host");
        String cookies =
                Pages.SIGN_IN + "=" + annas.browser().cookie(Pages.SIGN_IN).orElseThrow();
        for (String host :
                List.of("evil.example", "evil.example:8080", "localhost:1@evil.example", "localhost.evil.example")) {
            Wire.Reply reply = Wire.head(
                    SERVER,
                    "GET /sign-in/enrol HTTP/1.1",
                    "Host: " + host,
                    "X-Forwarded-Host: evil.example",
                    "X-Forwarded-Proto: https",
                    "Forwarded: host=evil.example;proto=https",
                    "Cookie: " + cookies);
            assertThat(reply.text()).as(host).doesNotContain("evil");
        }
        assertThat(annas.browser().get("/sign-in/enrol").body()).contains("issuer=Northwind");
        Wire.Reply redirect = Wire.head(SERVER, "GET http://evil.example/account HTTP/1.1", "Host: evil.example");
        assertThat(redirect.head()).doesNotContain("evil");
    }
}
