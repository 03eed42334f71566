package dev.countersign.companion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.Account;
import dev.countersign.factor.companion.Approval;
import dev.countersign.policy.Rules;
import dev.countersign.support.FakePhone;
import dev.countersign.support.TestAuthenticator;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Signing in with a phone: pairing, the request, the decision, and what follows from it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ApprovalTest {
    private static final Pattern PAIRING = Pattern.compile("#pair=([a-z0-9]+)");
    private static final Pattern DIGITS = Pattern.compile("<output>(\\d+)</output>");

    private TestServer server;

    @BeforeAll
    void start() {
        server = TestServer.start();
        server.policy(Rules.Mode.OPTIONAL);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private record Owner(Account account, FakePhone phone, TestAuthenticator app) {}

    /** Someone with an app who has paired a phone on My account. */
    private Owner owner(String name) {
        TestServer.Enrolled person = server.enrolled(name);
        TestBrowser browser = server.browser();
        browser.follow(browser.signIn(name, TestServer.PASSWORD, person.app().code()));
        browser.get("/account");
        String page = browser.follow(browser.post("/account/phones/pair")).body();
        FakePhone phone = new FakePhone(server.url(), server.clock());
        assertThat(phone.claim(find(PAIRING, page), "Pixel").status()).isEqualTo(200);
        browser.get("/sign-in/enrol/phone");
        assertThat(browser.post("/sign-in/enrol/phone").location()).isEqualTo("/account?notice=phone-paired");
        assertThat(phone.look(find(PAIRING, page)).status()).isEqualTo(200);
        server.clock().advance(Duration.ofMinutes(1));
        return new Owner(person.account(), phone, new TestAuthenticator(phone.codes(), server.clock()));
    }

    private static String find(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        assertThat(matcher.find()).as("%s in %s", pattern, text).isTrue();
        return matcher.group(1);
    }

    @Test
    void b1_the_browser_goes_on_when_the_phone_says_ok() {
        Owner owner = owner("b1");
        TestBrowser browser = server.browser();
        String page = browser.follow(browser.signIn("b1", TestServer.PASSWORD)).body();
        JsonNode request = owner.phone().request();

        assertThat(request.path("confirmation").asString()).isEqualTo("number");
        assertThat(request.propertyNames())
                .isSubsetOf(
                        "id",
                        "application",
                        "browser",
                        "system",
                        "address",
                        "network",
                        "place",
                        "createdAt",
                        "expiresAt",
                        "confirmation",
                        "state",
                        "decidedAt");
        FakePhone.Reply reply = owner.phone().decide(request, "approve", find(DIGITS, page));

        assertThat(reply.body()).isEqualTo("{\"state\":\"approved\"}");
        browser.get("/sign-in/approval");
        assertThat(browser.post("/sign-in/approval").location()).isEqualTo("/account");
        assertThat(browser.get("/account").status()).isEqualTo(200);
    }

    @Test
    void e5_the_phones_code_works_without_a_network_once() {
        Owner owner = owner("e5");
        TestBrowser browser = server.browser();
        browser.follow(browser.signIn("e5", TestServer.PASSWORD));
        browser.get("/sign-in/code");
        String code = owner.app().code();
        assertThat(browser.post("/sign-in/code", "code", code).location()).isEqualTo("/account");

        TestBrowser other = server.browser();
        other.follow(other.signIn("e5", TestServer.PASSWORD));
        other.get("/sign-in/code");
        assertThat(other.post("/sign-in/code", "code", code).location()).contains("problem=");
    }

    @Test
    void b6_refused_ends_the_sign_in() {
        Owner owner = owner("b6");
        TestBrowser browser = server.browser();
        browser.follow(browser.signIn("b6", TestServer.PASSWORD));
        assertThat(owner.phone().decide(owner.phone().request(), "refuse", "").status())
                .isEqualTo(200);
        assertThat(browser.post("/sign-in/code", "code", owner.app().code()).location())
                .isEqualTo("/sign-in?problem=sign-in-expired");
    }

    @Test
    void g4_it_was_not_me_runs_to_the_end() {
        Owner owner = owner("g4");
        TestBrowser mine = server.browser();
        mine.follow(mine.signIn("g4", TestServer.PASSWORD));
        mine.get("/sign-in/code");
        assertThat(mine.post("/sign-in/code", "code", owner.app().code()).location())
                .isEqualTo("/account");
        TestBrowser thief = server.browser();
        thief.follow(thief.signIn("g4", TestServer.PASSWORD));

        assertThat(owner.phone().decide(owner.phone().request(), "report", "").body())
                .isEqualTo("{\"state\":\"reported\"}");

        assertThat(mine.get("/account").status()).isEqualTo(303);
        TestBrowser again = server.browser();
        assertThat(again.signIn("g4", TestServer.PASSWORD).location()).contains("problem=sign-in-failed");
        assertThat(owner.phone().get("/me").json().path("passwordBlocked").asBoolean())
                .isTrue();
        String password = "a new one nobody knows yet";
        assertThat(owner.phone()
                        .post("/me/password", java.util.Map.of("password", password))
                        .status())
                .isEqualTo(204);
        server.clock().advance(Duration.ofMinutes(20));
        TestBrowser fresh = server.browser();
        assertThat(fresh.signIn("g4", password).location()).isEqualTo("/sign-in/approval");
    }

    @Test
    void b7_too_late_is_said_and_does_nothing() {
        Owner owner = owner("b7");
        TestBrowser browser = server.browser();
        String page = browser.follow(browser.signIn("b7", TestServer.PASSWORD)).body();
        JsonNode request = owner.phone().request();
        server.clock().advance(Approval.LIFE.plusSeconds(1));
        assertThat(owner.phone().decide(request, "approve", find(DIGITS, page)).problem())
                .isEqualTo("request-expired");
        assertThat(browser.get("/sign-in/approval").body()).contains("Nobody confirmed in time");
        browser.post("/sign-in/approval/again");
        assertThat(owner.phone().request().path("confirmation").asString()).isEqualTo("code");
    }
}
