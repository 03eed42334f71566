package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.Actor;
import dev.countersign.configuration.SettingKey;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.factor.password.Passwords;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Rules;
import dev.countersign.signin.AccountActions;
import dev.countersign.signin.SignInFlow;
import dev.countersign.store.Database;
import dev.countersign.support.TestAuthenticator;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import dev.countersign.throttle.Throttle;
import dev.countersign.vault.SecretText;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Catalogue B: guessing codes and passwords, at once, slowly, from everywhere, and by those who only want to lock out. */
class GuessingTest {
    private static final TestServer SERVER =
            TestServer.start(Map.of(SettingKey.TRUSTED_PROXIES, "127.0.0.1/32,::1/128"));
    private static final Actor ACTOR = new Actor(Optional.empty(), "test");
    private static final int BUDGET_AT_ONCE = 5;

    @BeforeAll
    static void ask_everyone_who_has_an_app() {
        SERVER.policy(Rules.Mode.OPTIONAL);
    }

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    /** A browser at an address of its own, so that the tests share no budget of an address. */
    private static TestBrowser at(String address) {
        return SERVER.browser().header("X-Forwarded-For", address);
    }

    private static TestBrowser pastPassword(Enrolled person, String address) {
        return Pages.pastPassword(SERVER, person.account()).header("X-Forwarded-For", address);
    }

    private static TestBrowser.Reply guess(TestBrowser browser, String code) {
        return browser.post("/sign-in/code", "code", code);
    }

    /** How many answers to a second factor were looked at and found wrong. */
    private static long evaluated(Account account) {
        return SERVER.count(
                "SELECT count(*) FROM activity WHERE account_id = ? AND kind = 'sign-in-refused'"
                        + " AND details LIKE '%_CODE%'",
                account.id().value());
    }

    @Test
    void ac_019_signing_in_anew_before_every_two_guesses_gains_no_further_guess() {
        Enrolled anna = SERVER.enrolled("anna.sessions");
        String wrong = anna.app().wrongCode();
        List<Integer> statuses = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            TestBrowser browser = pastPassword(anna, "198.51.100." + i);
            statuses.add(guess(browser, wrong).status());
            statuses.add(guess(browser, wrong).status());
        }
        assertThat(statuses).containsExactly(303, 303, 303, 303, 303, 429, 429, 429, 429, 429);
        assertThat(evaluated(anna.account())).isEqualTo(BUDGET_AT_ONCE);
    }

    @Test
    void ac_019_portal_and_rest_share_one_budget() {
        Enrolled anna = SERVER.enrolled("anna.surfaces");
        TestBrowser browser = pastPassword(anna, "198.51.100.20");
        RestClient client = new RestClient(SERVER);
        RestClient.Begun begun = Pages.pastPasswordOverRest(SERVER, anna.account());
        String wrong = anna.app().wrongCode();
        for (int i = 0; i < 3; i++) {
            assertThat(guess(browser, wrong).status()).isEqualTo(303);
        }
        assertThat(client.code(begun, wrong).status()).isEqualTo(401);
        assertThat(browser.post("/sign-in/recovery", "code", "ABCD".repeat(6)).status())
                .isEqualTo(303);
        RestClient.Reply refused = client.code(begun, anna.app().code());
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("Retry-After")).isEqualTo("30");
    }

    @Test
    void ac_020_of_two_hundred_guesses_at_once_five_are_looked_at_and_the_right_one_is_not_among_them()
            throws Exception {
        Enrolled anna = SERVER.enrolled("anna.burst");
        List<TestBrowser> browsers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            browsers.add(pastPassword(anna, "203.0.113." + i));
        }
        String wrong = anna.app().wrongCode();
        CountDownLatch budgetSpent = new CountDownLatch(BUDGET_AT_ONCE);
        List<Callable<Integer>> guesses = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            TestBrowser browser = browsers.get(i % browsers.size()).fork();
            guesses.add(i == 150 ? right(anna, browser, budgetSpent) : wrong(browser, wrong, budgetSpent));
        }
        List<Integer> statuses = Together.run(guesses);

        assertThat(statuses.get(150)).as("the right code").isEqualTo(429);
        assertThat(evaluated(anna.account())).isLessThanOrEqualTo(BUDGET_AT_ONCE);
        assertThat(statuses).filteredOn(status -> status != 429).hasSize(BUDGET_AT_ONCE);
        assertThat(browsers).noneMatch(Pages::isSignedIn);
    }

    private static Callable<Integer> wrong(TestBrowser browser, String code, CountDownLatch budgetSpent) {
        return () -> {
            int status = guess(browser, code).status();
            budgetSpent.countDown();
            return status;
        };
    }

    /** By chance it could be one of the first five; that would prove nothing, so it waits for them. */
    private static Callable<Integer> right(Enrolled person, TestBrowser browser, CountDownLatch budgetSpent) {
        return () -> {
            budgetSpent.await();
            return guess(browser, person.app().code()).status();
        };
    }

    @Test
    void ac_022_one_address_cannot_try_a_few_codes_on_each_of_many_accounts() {
        String attacker = "192.0.2.1";
        for (int i = 0; i < 25; i++) {
            Enrolled person = SERVER.enrolled("many." + i);
            TestBrowser browser = pastPassword(person, attacker);
            for (int guess = 0; guess < 4; guess++) {
                assertThat(guess(browser, person.app().wrongCode()).status()).isEqualTo(303);
            }
        }
        Enrolled next = SERVER.enrolled("many.next");
        assertThat(guess(pastPassword(next, attacker), next.app().wrongCode()).status())
                .isEqualTo(429);
        assertThat(guess(pastPassword(next, "192.0.2.2"), next.app().code()).location())
                .as("from elsewhere")
                .isEqualTo("/account");
    }

    @Test
    void ac_022_an_ipv6_subscriber_is_one_address() {
        for (int i = 1; i <= 100; i++) {
            TestBrowser browser = at("2001:db8:0:1::" + Integer.toHexString(i));
            assertThat(browser.signIn("nobody." + i, "").status()).isEqualTo(303);
        }
        assertThat(at("2001:db8:0:1:ffff::1").signIn("nobody.else", "").status())
                .isEqualTo(429);
        assertThat(at("2001:db8:0:2::1").signIn("nobody.else", "").status()).isEqualTo(303);
    }

    @Test
    void ac_023_all_spellings_of_a_name_share_one_budget_and_look_alikes_are_nobody() {
        SERVER.person("john");
        List<String> spellings = List.of("john", "JOHN", "john ", " John", "john@northwind.example", "\uff4aohn");
        for (int i = 0; i < 10; i++) {
            at("198.51.101." + i).signIn(spellings.get(i % spellings.size()), "");
        }
        for (String spelling : spellings) {
            assertThat(at("198.51.101.99").signIn(spelling, TestServer.PASSWORD).status())
                    .as("'%s'", spelling)
                    .isEqualTo(429);
        }
        for (String other :
                List.of("NORTHWIND\\john", "j%6Fhn", "j\u043ehn", "jo\u200bhn", "john\u0000", "john\u202e")) {
            TestBrowser browser = at("198.51.101.98");
            TestBrowser.Reply reply = browser.signIn(other, TestServer.PASSWORD);
            assertThat(reply.status()).as("'%s'", other).isIn(303, 400);
            assertThat(Pages.isSignedIn(browser)).as("'%s'", other).isFalse();
        }
    }

    @Test
    void ac_025_a_guess_stays_counted_when_the_guesser_hangs_up() {
        Enrolled anna = SERVER.enrolled("anna.hangs.up");
        TestBrowser browser = pastPassword(anna, "198.51.102.1");
        String form = "_csrf=" + csrfOn(browser.get("/sign-in/code")) + "&code="
                + anna.app().wrongCode();
        Wire.sendAndHangUp(SERVER, post("/sign-in/code", browser, form));

        Instant deadline = Instant.now().plusSeconds(20);
        while (guessesCounted(anna) == 0 && Instant.now().isBefore(deadline)) {
            browser.get("/robots.txt");
        }
        assertThat(guessesCounted(anna)).isEqualTo(1);
    }

    private static byte[] post(String path, TestBrowser browser, String form) {
        StringBuilder cookies = new StringBuilder();
        browser.cookies()
                .forEach((name, value) ->
                        cookies.append(name).append('=').append(value).append("; "));
        return String.join(
                        "\r\n",
                        "POST " + path + " HTTP/1.1",
                        "Host: localhost:" + SERVER.port(),
                        "Cookie: " + cookies,
                        "Content-Type: application/x-www-form-urlencoded",
                        "Content-Length: " + form.length(),
                        "",
                        form)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static String csrfOn(TestBrowser.Reply page) {
        return page.body().replaceAll("(?s).*name=\"_csrf\"[^>]*value=\"([^\"]+)\".*", "$1");
    }

    private static long guessesCounted(Enrolled person) {
        return SERVER.count(
                "SELECT COALESCE(sum(in_a_row), 0) FROM guess_budget WHERE bucket = ?",
                "second:" + person.account().id());
    }

    @Test
    void ac_026_failures_stay_counted_over_a_restart() {
        TestServer before = TestServer.start();
        before.policy(Rules.Mode.OPTIONAL);
        Enrolled anna = before.enrolled("anna.restart");
        TestBrowser browser = Pages.pastPassword(before, anna.account());
        for (int i = 0; i < 4; i++) {
            guess(browser, anna.app().wrongCode());
        }
        try (TestServer after = before.restart()) {
            TestBrowser again = Pages.pastPassword(after, anna.account());
            assertThat(guess(again, anna.app().wrongCode()).status()).isEqualTo(303);
            assertThat(guess(again, anna.app().code()).status()).isEqualTo(429);
        }
    }

    @Test
    void ac_028_an_account_disabled_during_a_sign_in_does_not_get_in_at_any_door() {
        Enrolled anna = SERVER.enrolled("anna.disabled");
        TestBrowser code = pastPassword(anna, "198.51.103.1");
        TestBrowser recovery = pastPassword(anna, "198.51.103.2");
        RestClient.Begun rest = Pages.pastPasswordOverRest(SERVER, anna.account());
        disable(anna.account());

        guess(code, anna.app().code());
        recovery.post("/sign-in/recovery", "code", anna.recoveryCode());
        assertThat(Pages.isSignedIn(code)).isFalse();
        assertThat(Pages.isSignedIn(recovery)).isFalse();
        assertThat(new RestClient(SERVER).code(rest, anna.app().code()).status())
                .isEqualTo(401);
        assertThat(sessionsOf(anna.account())).isZero();
    }

    @Test
    void ac_028_an_account_disabled_while_it_registers_an_app_registers_none() {
        Account bea = SERVER.person("bea.disabled");
        TestBrowser browser = at("198.51.103.3");
        browser.signIn("bea.disabled", TestServer.PASSWORD);
        browser.get("/account");
        TestBrowser.Reply page = browser.follow(browser.post("/account/app"));
        String secret = Pages.secretOn(page);
        disable(bea);

        browser.post(
                "/sign-in/enrol",
                "code",
                TestAuthenticator.ofText(secret, SERVER.clock()).code());
        assertThat(appsOf(bea)).isZero();
        assertThat(sessionsOf(bea)).isZero();
    }

    @Test
    void ac_028_a_sign_in_begun_with_a_password_that_is_changed_meanwhile_goes_no_further() {
        Account cleo = SERVER.person("cleo.changed");
        TestBrowser thief = at("198.51.103.4");
        thief.signIn("cleo.changed", TestServer.PASSWORD);
        thief.get("/account");
        TestBrowser.Reply page = thief.follow(thief.post("/account/app"));
        String secret = Pages.secretOn(page);
        setPassword(cleo, "another long password of hers");

        thief.post(
                "/sign-in/enrol",
                "code",
                TestAuthenticator.ofText(secret, SERVER.clock()).code());
        assertThat(appsOf(cleo)).isZero();
        assertThat(sessionsOf(cleo)).isZero();
    }

    private static long sessionsOf(Account account) {
        return SERVER.count(
                "SELECT count(*) FROM session WHERE account_id = ?",
                account.id().value());
    }

    private static long appsOf(Account account) {
        return SERVER.count(
                "SELECT count(*) FROM totp WHERE account_id = ?", account.id().value());
    }

    private static void disable(Account account) {
        SERVER.get(AccountActions.class)
                .disable(account, ACTOR, Origin.SYSTEM, SERVER.clock().instant());
    }

    private static void setPassword(Account account, String password) {
        Passwords.Prepared prepared =
                SERVER.get(Passwords.class).prepare(SecretText.of(password)).orElseThrow();
        SERVER.get(AccountActions.class)
                .setPassword(
                        account,
                        prepared,
                        Optional.empty(),
                        ACTOR,
                        Origin.SYSTEM,
                        SERVER.clock().instant());
    }

    @Test
    void ac_029_strangers_guessing_passwords_do_not_shut_the_owner_out() {
        Enrolled anna = SERVER.enrolled("anna.besieged");
        TestBrowser known = at("198.51.104.1");
        assertThat(known.signIn("anna.besieged", TestServer.PASSWORD, anna.app().code())
                        .location())
                .isEqualTo("/account");
        known.cookies().remove(Pages.SESSION);
        SERVER.clock().advance(Duration.ofMinutes(1));
        for (int i = 0; i < 120; i++) {
            at("203.0.114." + i).signIn("anna.besieged", "");
        }

        assertThat(at("203.0.120.1")
                        .signIn("anna.besieged", TestServer.PASSWORD)
                        .status())
                .as("a stranger")
                .isEqualTo(429);
        assertThat(at("198.51.104.1")
                        .signIn("anna.besieged", TestServer.PASSWORD)
                        .location())
                .as("from a known address")
                .isEqualTo("/sign-in/code");
        TestBrowser elsewhere = known.fork().header("X-Forwarded-For", "198.51.104.77");
        assertThat(elsewhere
                        .signIn("anna.besieged", TestServer.PASSWORD, anna.app().code())
                        .location())
                .as("from a known browser elsewhere")
                .isEqualTo("/account");
        SERVER.person("bystander");
        assertThat(at("203.0.120.2").signIn("bystander", TestServer.PASSWORD).location())
                .as("someone else")
                .isEqualTo("/account");
    }

    @Test
    void ac_031_twenty_wrong_codes_a_day_are_looked_at_and_then_a_new_password_is_demanded() {
        Enrolled anna = SERVER.enrolled("anna.slowly");
        assertThat(guessAllDay(anna)).isEqualTo(20);
        assertThat(SERVER.activityOf(anna.account()))
                .anyMatch(entry -> entry.kind().equals("guesses-exhausted"));
        assertThat(guess(keptAlive(anna), anna.app().code()).status())
                .as("the right one on the same day")
                .isEqualTo(429);

        SERVER.clock().advance(Duration.ofDays(1));
        TestBrowser owner = at("198.51.105.1");
        assertThat(owner.signIn("anna.slowly", TestServer.PASSWORD, anna.app().code())
                        .location())
                .isEqualTo("/sign-in/new-password");
        assertThat(Pages.isSignedIn(owner)).isFalse();
        String chosen = "a password nobody knows";
        owner.get("/sign-in/new-password");
        owner.post("/sign-in/new-password", "password", chosen, "again", chosen);
        assertThat(Pages.isSignedIn(owner)).isTrue();
    }

    @Test
    void ac_031_in_ninety_days_without_a_right_code_a_hundred_guesses_are_looked_at() {
        Enrolled anna = SERVER.enrolled("anna.away");
        long guesses = 0;
        for (int day = 0; day < 90; day++) {
            guesses += guessAllDay(anna);
            SERVER.clock().advance(Duration.ofDays(day % 4 == 3 ? 4 : 1));
            SERVER.get(Throttle.class).forgetOld(SERVER.clock().instant());
        }
        assertThat(guesses).isEqualTo(100);
    }

    /** Guesses every quarter of an hour until the day's budget is spent; answers how many were looked at. */
    private static long guessAllDay(Enrolled person) {
        TestBrowser browser = keptAlive(person);
        String wrong = person.app().wrongCode();
        long before = evaluated(person.account());
        Instant evening = SERVER.clock().instant().plus(Duration.ofHours(10));
        while (SERVER.clock().instant().isBefore(evening)) {
            String retry = guess(browser, wrong).header("Retry-After").orElse("0");
            if (Long.parseLong(retry) > 900) {
                break;
            }
            SERVER.clock().advance(Duration.ofMinutes(15));
            keepAlive();
        }
        return evaluated(person.account()) - before;
    }

    /** A sign-in that does not expire: what an attacker does who types the password again every ten minutes. */
    private static TestBrowser keptAlive(Enrolled person) {
        TestBrowser browser = pastPassword(person, "198.51.105.2");
        keepAlive();
        return browser;
    }

    private static void keepAlive() {
        Instant end = SERVER.clock().instant().plus(SignInFlow.LIFE);
        SERVER.get(Database.class)
                .write(() -> SERVER.get(Database.class)
                        .sql()
                        .sql("UPDATE pending_sign_in SET expires_at = ?")
                        .param(end.toEpochMilli())
                        .update());
    }

    @Test
    void inv_11_without_the_password_nobody_touches_the_second_factor() {
        Enrolled anna = SERVER.enrolled("anna.untouched");
        String code = anna.app().code();
        TestBrowser stranger = at("198.51.106.1");
        for (int i = 0; i < 3; i++) {
            stranger.signIn("anna.untouched", "wrong password");
            stranger.post("/sign-in/code", "code", code);
            stranger.post("/sign-in/recovery", "code", anna.recoveryCode());
        }
        RestClient client = new RestClient(SERVER);
        RestClient.Reply named = client.post("/api/v1/sign-ins", "", Map.of("username", "anna.untouched"));
        RestClient.Begun begun = new RestClient.Begun(named.text("id"), named.text("token"));
        assertThat(client.code(begun, code).status()).isEqualTo(401);

        assertThat(guessesCounted(anna)).isZero();
        assertThat(guess(pastPassword(anna, "198.51.106.2"), code).location())
                .as("the code is still unused")
                .isEqualTo("/account");
    }

    @Test
    void inv_11_administrators_are_throttled_like_everybody() {
        Enrolled admin = SERVER.enrolled("ada.guessed", Role.ADMINISTRATOR);
        TestBrowser browser = pastPassword(admin, "198.51.106.3");
        for (int i = 0; i < BUDGET_AT_ONCE; i++) {
            guess(browser, admin.app().wrongCode());
        }
        assertThat(guess(browser, admin.app().code()).status()).isEqualTo(429);
        assertThat(SERVER.get(Accounts.class).get(admin.account().id()).isDisabled())
                .isFalse();
    }
}
