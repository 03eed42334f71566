package dev.countersign.companion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.ActivityEntry;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.factor.companion.Approval;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.policy.ApprovalRule;
import dev.countersign.policy.ApprovalRules;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.support.FakePhone;
import dev.countersign.support.TestAuthenticator;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
    void g4_the_case_is_read_in_the_log_from_first_to_last_line() {
        server.person("g4.chief", Role.ADMINISTRATOR);
        Owner owner = owner("g4.case");
        TestBrowser mine = server.browser();
        mine.follow(mine.signIn("g4.case", TestServer.PASSWORD));
        mine.get("/sign-in/code");
        mine.post("/sign-in/code", "code", owner.app().code());
        TestBrowser thief = server.browser();
        thief.follow(thief.signIn("g4.case", TestServer.PASSWORD));
        JsonNode request = owner.phone().request();
        owner.phone().decide(request, "report", "");
        owner.phone().post("/me/password", Map.of("password", "a new one nobody knows yet"));

        List<ActivityEntry> log = server.activityOf(owner.account()).reversed();
        String id = request.path("id").asString();
        assertThat(log.stream().filter(entry -> entry.details().contains(id)).map(ActivityEntry::kind))
                .containsExactly(
                        "approval-requested",
                        "approval-reported",
                        "password-blocked",
                        "address-slowed",
                        "administrators-told",
                        "new-password-by-phone");
        assertThat(log.stream().map(ActivityEntry::kind))
                .containsSubsequence(
                        "approval-requested",
                        "approval-reported",
                        "session-ended",
                        "password-blocked",
                        "address-slowed",
                        "administrators-told",
                        "new-password-by-phone",
                        "password-changed");
        assertThat(log.stream()
                        .filter(entry -> entry.kind().equals("administrators-told"))
                        .findFirst()
                        .orElseThrow()
                        .details())
                .doesNotContain("\"administrators\":0");
        server.clock().advance(Duration.ofDays(2));
    }

    @Test
    void g4_the_reported_address_is_slowed_and_others_sign_in_from_there_later() {
        Owner owner = owner("g4.slow");
        server.person("g4.neighbour");
        TestBrowser thief = server.browser();
        thief.follow(thief.signIn("g4.slow", TestServer.PASSWORD));
        owner.phone().decide(owner.phone().request(), "report", "");
        assertThat(java.util.stream.Stream.generate(() ->
                                server.browser().signIn("g4.neighbour", "wrong").status())
                        .limit(2))
                .as("one from there is looked at, the next within the minute is not")
                .contains(429);
        server.clock().advance(Duration.ofMinutes(16));
        assertThat(server.browser().signIn("g4.neighbour", TestServer.PASSWORD).location())
                .isEqualTo("/account");
        server.clock().advance(Duration.ofDays(2));
    }

    private void approval(ApprovalRule.Mode mode, int share) {
        ApprovalRules rules = server.get(ApprovalRules.class);
        long version = rules.of(server.environment().id()).version();
        rules.change(
                server.environment().id(),
                new ApprovalRules.All(new ApprovalRule(mode, share, Duration.ofDays(90)), Map.of(), "NUMBER", version),
                Actor.SYSTEM,
                Origin.SYSTEM,
                server.clock().instant());
    }

    private void approve(Owner owner, TestBrowser browser) {
        String page = browser.get("/sign-in/approval").body();
        owner.phone().decide(owner.phone().request(), "approve", find(DIGITS, page));
        browser.get("/sign-in/approval");
        assertThat(browser.post("/sign-in/approval").location()).isEqualTo("/account");
    }

    @Test
    void g5_the_draw_stands_in_the_log_whether_it_asks_or_not_and_the_person_reads_why() {
        Owner owner = owner("g5");
        server.policy(Rules.Mode.OFF);
        approval(ApprovalRule.Mode.RANDOM, 100);
        try {
            TestBrowser browser = server.browser();
            assertThat(browser.signIn("g5", TestServer.PASSWORD).location()).isEqualTo("/sign-in/approval");
            approve(owner, browser);
            assertThat(kinds(owner)).as("a new browser is no matter of the lot").doesNotContain("approval-drawn");

            browser.post("/sign-out");
            server.clock().advance(Duration.ofDays(2));
            assertThat(browser.signIn("g5", TestServer.PASSWORD).location()).isEqualTo("/sign-in/approval");
            assertThat(drawn(owner)).containsExactly("\"asked\":true,\"share\":100");
            approve(owner, browser);
            assertThat(browser.get("/account").body())
                    .contains("The phone is asked on days that are drawn, and today is one.")
                    .contains("Draw of the day: the phone is asked");

            approval(ApprovalRule.Mode.RANDOM, 1);
            String location = "";
            for (int day = 0; day < 5 && !location.equals("/account"); day++) {
                browser.post("/sign-out");
                server.clock().advance(Duration.ofDays(1));
                location = browser.signIn("g5", TestServer.PASSWORD).location();
            }
            assertThat(location).isEqualTo("/account");
            assertThat(drawn(owner)).contains("\"asked\":false,\"share\":1");
            assertThat(browser.get("/account").body()).contains("the phone is not asked (the phone is asked on 1 of");
        } finally {
            approval(ApprovalRule.Mode.OFF, 20);
            server.policy(Rules.Mode.OPTIONAL);
        }
    }

    private List<String> kinds(Owner owner) {
        return server.activityOf(owner.account()).stream()
                .map(ActivityEntry::kind)
                .toList();
    }

    private List<String> drawn(Owner owner) {
        return server.activityOf(owner.account()).stream()
                .filter(entry -> entry.kind().equals("approval-drawn"))
                .map(ActivityEntry::details)
                .map(details -> details.substring(1, details.indexOf(",\"node\"")))
                .toList();
    }

    @Test
    void g5_running_sessions_survive_random_and_end_when_every_sign_in_needs_the_phone() {
        server.policy(Rules.Mode.OFF);
        Account plain = server.person("g5.session");
        TestBrowser browser = server.browser();
        browser.signIn("g5.session", TestServer.PASSWORD);
        assertThat(browser.get("/account").status()).isEqualTo(200);
        try {
            approval(ApprovalRule.Mode.RANDOM, 100);
            assertThat(browser.get("/account").status())
                    .as("a lot ends no session")
                    .isEqualTo(200);
            approval(ApprovalRule.Mode.ALWAYS, 20);
            assertThat(browser.get("/account").location()).contains("problem=session-ended-policy");
            TestBrowser again = server.browser();
            assertThat(again.signIn("g5.session", TestServer.PASSWORD).location())
                    .as("without a phone one is led through adding it")
                    .isEqualTo("/sign-in/enrol/phone");
            server.policy(Rules.Mode.REQUIRED);
            server.get(Policies.class)
                    .exempt(
                            plain,
                            "on a journey",
                            server.clock().instant().plus(Duration.ofDays(1)),
                            Actor.SYSTEM,
                            Origin.SYSTEM,
                            server.clock().instant());
            TestBrowser exempt = server.browser();
            assertThat(exempt.signIn("g5.session", TestServer.PASSWORD).location())
                    .as("an exemption spares whoever has nothing to answer with")
                    .isEqualTo("/account");
            assertThat(exempt.get("/account").status()).isEqualTo(200);
        } finally {
            approval(ApprovalRule.Mode.OFF, 20);
            server.policy(Rules.Mode.OPTIONAL);
        }
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
