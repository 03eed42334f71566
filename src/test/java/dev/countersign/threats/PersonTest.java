package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.ActivityEntry;
import dev.countersign.directory.Account;
import dev.countersign.directory.SignInStyle;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Rules;
import dev.countersign.signin.AccountActions;
import dev.countersign.signin.Forecasts;
import dev.countersign.support.TestAuthenticator;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import dev.countersign.web.Sentences;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a person is told, and what they have to show before they change something that is theirs. */
class PersonTest {
    private static final TestServer SERVER = TestServer.start();

    @BeforeAll
    static void ask_everyone_who_has_an_app() {
        SERVER.policy(Rules.Mode.OPTIONAL);
    }

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private static String detailsOf(Account account, String kind) {
        return SERVER.activityOf(account).stream()
                .filter(entry -> entry.kind().equals(kind))
                .map(ActivityEntry::details)
                .findFirst()
                .orElseThrow();
    }

    private static String sentence(Account account, String kind) {
        return SERVER.activityOf(account).stream()
                .filter(entry -> entry.kind().equals(kind))
                .map(entry -> SERVER.get(Sentences.class).of(entry, Locale.ENGLISH))
                .findFirst()
                .orElseThrow();
    }

    // G9: a wrong code is explained

    @Test
    void c8_a_stranger_is_told_nothing_of_a_wrong_code_and_the_log_says_what_is_known() {
        Enrolled anna = SERVER.enrolled("anna.stranger");
        TestBrowser stranger = Pages.pastPassword(SERVER, anna.account());
        TestBrowser.Reply reply =
                stranger.post("/sign-in/code", "code", anna.app().code(Duration.ofMinutes(5)));
        assertThat(reply.location()).isEqualTo("/sign-in/code?problem=sign-in-failed");
        String page = stranger.follow(reply).body();
        assertThat(page).contains("Login failed. Please check your login details and try again.");
        assertThat(page).doesNotContain("clock");
        assertThat(stranger.get("/sign-in/code?problem=sign-in-failed&known=fast-250")
                        .body())
                .as("also with an address somebody made up")
                .contains("Login failed.")
                .doesNotContain("clock");
        assertThat(detailsOf(anna.account(), "sign-in-refused")).contains("fast 3");
        assertThat(sentence(anna.account(), "sign-in-refused"))
                .contains("wrong code (the phone’s clock is about 5 min");
    }

    @Test
    void g9_a_signed_in_person_is_told_what_is_wrong_with_a_code() {
        Enrolled anna = SERVER.enrolled("anna.signed.in");
        TestBrowser browser = Pages.signedIn(SERVER, anna);
        SERVER.clock().advance(Duration.ofMinutes(6));
        browser.get("/account");
        browser.follow(browser.post("/account/app"));
        assertThat(browser.post("/sign-in/password", "password", TestServer.PASSWORD)
                        .location())
                .isEqualTo("/sign-in/code");
        TestBrowser.Reply off = browser.post("/sign-in/code", "code", anna.app().code(Duration.ofMinutes(-20)));
        assertThat(off.location()).contains("known=");
        assertThat(browser.follow(off).body()).containsPattern("already, or is older|clock of your phone is about");
        TestBrowser.Reply fast =
                browser.post("/sign-in/code", "code", anna.app().code(Duration.ofMinutes(10)));
        assertThat(browser.follow(fast).body()).contains("The clock of your phone is about 10 min");
    }

    @Test
    void g9_whoever_sets_up_an_app_is_told_that_the_phone_is_off_or_the_entry_is_older() {
        Enrolled anna = SERVER.enrolled("anna.sets.up");
        SERVER.get(AccountActions.class)
                .resetSecondFactor(
                        anna.account(),
                        Threats.ACTOR,
                        Origin.SYSTEM,
                        SERVER.clock().instant());
        TestBrowser browser = SERVER.browser();
        browser.signIn("anna.sets.up", TestServer.PASSWORD);
        browser.get("/account");
        TestBrowser.Reply page = browser.follow(browser.post("/account/app"));
        TestAuthenticator app = TestAuthenticator.ofText(Pages.secretOn(page), SERVER.clock());
        TestBrowser.Reply older =
                browser.post("/sign-in/enrol", "code", anna.app().code());
        assertThat(browser.follow(older).body()).contains("This code comes from an older QR code.");
        TestBrowser.Reply slow = browser.post("/sign-in/enrol", "code", app.code(Duration.ofMinutes(-30)));
        assertThat(browser.follow(slow).body()).contains("The clock of your phone is about 29 min");
        assertThat(browser.follow(browser.post("/sign-in/enrol", "code", "000")).body())
                .contains("That code isn’t right.");
        assertThat(detailsOf(anna.account(), "new-app-code-refused")).contains("explanation");
        browser.post("/sign-in/enrol", "code", app.code(Duration.ofMinutes(1)));
        String code = Pages.recoveryCodeOn(browser.get("/sign-in/recovery-code"));
        browser.post("/sign-in/recovery-code", "lastGroup", code.substring(20));
        assertThat(browser.get("/account").body()).contains("The clock of your phone was about 1 min 0 s fast");
    }

    // G19: replace phone

    @Test
    void g19_the_code_that_was_read_out_is_asked_for_after_the_password_and_leads_to_the_new_phone() {
        for (SignInStyle style : SignInStyle.values()) {
            SERVER.style(style);
            Enrolled anna = SERVER.enrolled("anna.replaced." + style.name().toLowerCase(Locale.ROOT));
            String code = SERVER.get(AccountActions.class)
                    .replacePhone(
                            anna.account(),
                            Threats.ACTOR,
                            Origin.SYSTEM,
                            SERVER.clock().instant())
                    .code()
                    .reveal();
            TestBrowser browser = SERVER.browser();
            browser.get("/sign-in");
            String name = anna.account().username();
            TestBrowser.Reply reply = switch (style) {
                case ONE_PAGE ->
                    browser.post("/sign-in", "username", name, "password", TestServer.PASSWORD, "code", code);
                case TWO_SCREENS -> browser.signIn(name, TestServer.PASSWORD);
                case IDENTIFIER_FIRST -> {
                    browser.post("/sign-in", "username", name);
                    yield browser.post("/sign-in/password", "password", TestServer.PASSWORD);
                }
            };
            if (style != SignInStyle.ONE_PAGE) {
                assertThat(reply.location()).as("%s", style).isEqualTo("/sign-in/replacement");
                assertThat(browser.follow(reply).body()).contains("Type the code you were told");
                assertThat(browser.get("/sign-in/enrol").location()).isEqualTo("/sign-in/replacement");
                reply = browser.post("/sign-in/replacement", "code", code.toLowerCase(Locale.ROOT));
            }
            assertThat(reply.location()).as("%s", style).isEqualTo("/sign-in/enrol");
            Pages.enrol(SERVER, browser, browser.follow(reply));
            assertThat(Pages.isSignedIn(browser)).as("%s", style).isTrue();
            assertThat(sentence(anna.account(), "sign-in-completed")).contains("code for the new phone");
        }
        SERVER.style(SignInStyle.TWO_SCREENS);
    }

    // AC-064: sessions

    @Test
    void ac_064_ending_sessions_asks_for_a_recent_proof_and_keeps_what_was_chosen() {
        Enrolled anna = SERVER.enrolled("anna.sessions");
        TestBrowser other = Pages.signedIn(SERVER, anna);
        SERVER.clock().advance(Duration.ofMinutes(1));
        TestBrowser browser = Pages.signedIn(SERVER, anna);
        SERVER.clock().advance(Duration.ofMinutes(11));
        String page = browser.get("/account").body();
        String id = page.replaceAll("(?s).*?name=\"id\" value=\"([a-z2-7]+)\".*", "$1");

        TestBrowser.Reply asked = browser.post("/account/sessions/end", "id", id);
        assertThat(asked.location()).isEqualTo("/sign-in/confirm?to=/account/sessions/end?id=" + id);
        assertThat(Pages.isSignedIn(other)).isTrue();
        browser.follow(asked);
        browser.post("/sign-in/password", "password", TestServer.PASSWORD);
        browser.get("/sign-in/code");
        TestBrowser.Reply back =
                browser.post("/sign-in/code", "code", anna.app().code());
        assertThat(back.location()).isEqualTo("/account/sessions/end?id=" + id);
        assertThat(browser.follow(back).body()).contains("Sign out there?").contains(id);
        assertThat(Pages.isSignedIn(other)).as("nothing happens by a link").isTrue();
        assertThat(browser.post("/account/sessions/end", "id", id).location())
                .isEqualTo("/account?notice=sessions-ended");
        assertThat(Pages.isSignedIn(other)).isFalse();
        assertThat(SERVER.activityOf(anna.account()))
                .anyMatch(entry ->
                        entry.kind().equals("session-ended") && entry.details().contains(id));
    }

    @Test
    void ac_064_all_sessions_likewise_and_nobody_elses() {
        Enrolled anna = SERVER.enrolled("anna.all");
        Enrolled bea = SERVER.enrolled("bea.all");
        TestBrowser beas = Pages.signedIn(SERVER, bea);
        TestBrowser browser = Pages.signedIn(SERVER, anna);
        String beasSession = SERVER.activityOf(bea.account()).stream()
                .filter(entry -> entry.kind().equals("sign-in-completed"))
                .map(entry -> entry.details().replaceAll(".*\"session\":\"([a-z2-7]+)\".*", "$1"))
                .findFirst()
                .orElseThrow();
        browser.get("/account");
        assertThat(browser.post("/account/sessions/end", "id", beasSession).status())
                .isEqualTo(404);
        assertThat(Pages.isSignedIn(beas)).isTrue();
        SERVER.clock().advance(Duration.ofMinutes(11));
        assertThat(browser.post("/account/sessions/end-others").location())
                .isEqualTo("/sign-in/confirm?to=/account/sessions/end");
        assertThat(browser.get("/account/sessions/end").location()).startsWith("/sign-in/confirm");
    }

    // G10: why was I asked

    @Test
    void g10_each_sign_in_says_why_it_asked_and_the_forecast_is_the_policy_itself() {
        Enrolled anna = SERVER.enrolled("anna.why", Role.ADMINISTRATOR);
        TestBrowser browser = SERVER.browser();
        browser.signIn("anna.why", TestServer.PASSWORD, anna.app().code());
        String page = browser.get("/account").body();
        assertThat(page)
                .contains("Why was I asked?")
                .contains("A code is optional and a code app is set up, so its code is asked for.")
                .contains("On the way to My account")
                .contains("Sign-in page: Two screens")
                .contains("Network address: 127.0.0.1")
                .contains("The browser was new; it is recognised until");
        List<String> keys = SERVER
                .get(Forecasts.class)
                .of(anna.account(), SERVER.clock().instant())
                .stream()
                .map(forecast -> forecast.place() + " " + forecast.outcomeKey() + " "
                        + forecast.why().rule())
                .toList();
        assertThat(keys).containsExactly("ACCOUNT forecast.code OPTIONAL_SET_UP", "CONSOLE forecast.code CONSOLE");
    }

    // C4: the notice

    @Test
    void c4_whoever_has_not_set_it_up_sees_it_on_every_page_until_they_have() {
        SERVER.person("anna.reminded", Role.AUDITOR);
        TestBrowser browser = SERVER.browser();
        TestBrowser.Reply first = browser.follow(browser.signIn("anna.reminded", TestServer.PASSWORD));
        String words = "Protect your account with a code from your phone.";
        assertThat(first.body()).as("right after signing in").contains(words);
        assertThat(browser.get("/account/sessions/end").body()).contains(words).contains("href=\"/account\"");
        Pages.enrol(SERVER, browser, browser.follow(browser.post("/account/app")));
        assertThat(browser.get("/account").body()).doesNotContain(words);
        assertThat(browser.visit("/console/people").body()).doesNotContain(words);
    }
}
