package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.ActivityEntry;
import dev.countersign.configuration.SettingKey;
import dev.countersign.factor.companion.Approval;
import dev.countersign.factor.companion.Pairing;
import dev.countersign.factor.companion.PhoneProofs;
import dev.countersign.policy.Rules;
import dev.countersign.support.FakePhone;
import dev.countersign.support.LocalPushService;
import dev.countersign.support.PairedPerson;
import dev.countersign.support.PushSubscriber;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Catalogue F: approval on the phone. */
class PushTest {
    private static final LocalPushService SERVICE = LocalPushService.start();
    private static final TestServer SERVER =
            TestServer.start(Map.of(SettingKey.PUSH_ALLOWED_ENDPOINTS, SERVICE.origin()));
    private static final Pattern DIGITS = Pattern.compile("<output>(\\d+)</output>");

    @BeforeAll
    static void ask_everyone_who_has_a_phone() {
        SERVER.policy(Rules.Mode.OPTIONAL);
    }

    /** All tests share one address, whose budget begins anew each hour. */
    @BeforeEach
    void let_two_hours_pass() {
        SERVER.clock().advance(Duration.ofHours(2));
    }

    @AfterAll
    static void stop() {
        SERVER.close();
        SERVICE.close();
    }

    /** A browser that waits for a phone, and what it shows. */
    private record Waiting(TestBrowser browser, String digits, JsonNode request) {
        String id() {
            return request.path("id").asString();
        }

        boolean goesOn() {
            browser.get("/sign-in/approval");
            browser.post("/sign-in/approval");
            return Pages.isSignedIn(browser);
        }
    }

    private static Waiting waiting(PairedPerson person) {
        TestBrowser browser = Pages.pastPassword(SERVER, person.account());
        Matcher digits = DIGITS.matcher(browser.get("/sign-in/approval").body());
        assertThat(digits.find()).as("the browser shows digits").isTrue();
        return new Waiting(browser, digits.group(1), person.phone().request());
    }

    private static String otherThan(String digits) {
        return digits.equals("11") ? "22" : "11";
    }

    private static Approval.State state(Waiting waiting) {
        return Approval.State.valueOf(SERVER.get(dev.countersign.store.Database.class)
                .sql()
                .sql("SELECT state FROM approval WHERE id = ?")
                .param(waiting.id())
                .query(String.class)
                .single());
    }

    private static List<ActivityEntry> log(PairedPerson person, String kind) {
        return SERVER.activityOf(person.account()).stream()
                .filter(entry -> entry.kind().equals(kind))
                .toList();
    }

    @Test
    void ac_086_without_the_digits_of_the_screen_nothing_is_approved_and_the_third_wrong_ones_end_it() {
        PairedPerson anna = PairedPerson.of(SERVER, "anna.086");
        PairedPerson carl = PairedPerson.of(SERVER, "carl.086");
        Waiting first = waiting(anna);
        Waiting others = waiting(carl);
        FakePhone phone = anna.phone();

        FakePhone.Reply missing = phone.decide(first.request(), "approve", "");
        assertThat(missing.status()).isEqualTo(422);
        assertThat(missing.json().path("left").asInt()).isEqualTo(2);
        String wrong = others.digits().equals(first.digits()) ? otherThan(first.digits()) : others.digits();
        assertThat(phone.decide(first.request(), "approve", wrong).problem()).isEqualTo("wrong-number");
        assertThat(phone.decide(first.request(), "approve", first.digits() + "0")
                        .json()
                        .path("left")
                        .asInt())
                .isZero();
        assertThat(phone.decide(first.request(), "approve", first.digits()).status())
                .isIn(409, 410);
        assertThat(first.goesOn()).isFalse();
        assertThat(log(anna, "approval-digits-wrong")).isNotEmpty();
        assertThat(SERVER.count(
                        "SELECT count(*) FROM approval WHERE id = ? AND state = 'EXPIRED' AND wrong = 3", first.id()))
                .isEqualTo(1);

        Waiting second = waiting(anna);
        assertThat(second.request().path("confirmation").asString()).isEqualTo("code");
        assertThat(phone.decide(second.request(), "approve", first.digits()).problem())
                .as("the previous number")
                .isEqualTo("wrong-number");
    }

    @Test
    void ac_086_wrong_digits_count_against_the_budget_of_all_second_factors() {
        PairedPerson anna = PairedPerson.of(SERVER, "anna.shared");
        Waiting waiting = waiting(anna);
        for (int i = 0; i < 3; i++) {
            anna.phone().decide(waiting.request(), "approve", otherThan(waiting.digits()));
        }
        TestBrowser browser = Pages.pastPassword(SERVER, anna.account());
        for (int i = 0; i < 2; i++) {
            browser.post("/sign-in/code", "code", anna.enrolled().app().wrongCode());
        }
        browser.post("/sign-in/code", "code", anna.enrolled().app().code());
        assertThat(Pages.isSignedIn(browser))
                .as("the sixth guess is not looked at")
                .isFalse();
    }

    @Test
    void ac_088_a_used_approval_is_worth_nothing_again() {
        PairedPerson anna = PairedPerson.of(SERVER, "anna.088");
        Waiting waiting = waiting(anna);
        FakePhone phone = anna.phone();
        String decision = phone.decision(waiting.request(), "approve", waiting.digits());
        String path = "/requests/" + waiting.id() + "/decision";
        String body = "{\"decision\":\"" + decision + "\"}";
        String proof = phone.proof("POST", path, body);
        assertThat(phone.send("POST", path, body, proof).status()).isEqualTo(200);

        assertThat(phone.send("POST", path, body, proof).problem())
                .as("the same call")
                .isEqualTo("phone-proof");
        assertThat(phone.decide(waiting.id(), decision).problem())
                .as("proven anew")
                .isEqualTo("request-decided");
        assertThat(log(anna, "approval-replayed")).isNotEmpty();
        assertThat(waiting.goesOn()).isTrue();
        assertThat(phone.decide(waiting.id(), decision).status()).isEqualTo(409);
        Waiting next = waiting(anna);
        assertThat(phone.decide(next.id(), decision).problem())
                .as("for another request")
                .isEqualTo("phone-decision");
        assertThat(next.goesOn()).isFalse();
    }

    @Test
    void ac_088_a_hundred_decisions_at_once_are_one() {
        PairedPerson anna = PairedPerson.of(SERVER, "anna.hundred");
        Waiting waiting = waiting(anna);
        List<Callable<Integer>> calls = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            calls.add(() -> anna.phone().decide(waiting.request(), "refuse", "").status());
        }
        List<Integer> answers = Together.run(calls);
        assertThat(answers).filteredOn(status -> status == 200).hasSize(1);
        assertThat(answers).containsOnly(200, 409);
        assertThat(log(anna, "approval-refused")).hasSize(1);
        assertThat(log(anna, "approval-replayed").stream()
                        .mapToLong(ActivityEntry::repeats)
                        .sum())
                .isGreaterThanOrEqualTo(1);
    }

    @Test
    void ac_088_a_hundred_approvals_at_once_let_one_browser_in_once() {
        PairedPerson anna = PairedPerson.of(SERVER, "anna.ok100");
        Waiting waiting = waiting(anna);
        List<Callable<Integer>> calls = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            calls.add(() -> anna.phone()
                    .decide(waiting.request(), "approve", waiting.digits())
                    .status());
        }
        List<Integer> answers = Together.run(calls);
        assertThat(answers).filteredOn(status -> status == 200).hasSize(1);
        assertThat(answers).allMatch(status -> List.of(200, 409, 429).contains(status));
        assertThat(log(anna, "approval-given")).hasSize(1);

        List<Callable<String>> goingOn = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            TestBrowser copy = waiting.browser().fork();
            goingOn.add(() -> copy.post("/sign-in/approval").location());
        }
        assertThat(Together.run(goingOn)).filteredOn("/account"::equals).hasSize(1);
        assertThat(SERVER.count(
                        "SELECT count(*) FROM session WHERE account_id = ?",
                        anna.account().id().value()))
                .isEqualTo(1);
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static Map<String, Object> proofClaims(String path, String body) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("htm", "POST");
        claims.put("htu", SERVER.url() + "/api/companion/v1" + path);
        claims.put("iat", SERVER.clock().instant().getEpochSecond());
        claims.put("jti", java.util.UUID.randomUUID().toString());
        claims.put(
                "bod", dev.countersign.vault.PhoneKey.digest(body.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        return claims;
    }

    private static Map<String, Object> header(String algorithm, String type, String kid) {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("alg", algorithm);
        header.put("typ", type);
        header.put("kid", kid);
        return header;
    }

    @Test
    void ac_089_no_proof_but_the_phones_own_opens_the_door() {
        PairedPerson anna = PairedPerson.of(SERVER, "anna.089");
        FakePhone second = PairedPerson.pair(SERVER, anna.account(), "Tablet");
        FakePhone unknown = new FakePhone(SERVER.url(), SERVER.clock());
        Waiting waiting = waiting(anna);
        FakePhone phone = anna.phone();
        String path = "/requests/" + waiting.id() + "/decision";
        String body = "{\"decision\":\"" + phone.decision(waiting.request(), "approve", waiting.digits()) + "\"}";
        String right = "phone-proof+jwt";
        Map<String, Object> es256 = header("ES256", right, phone.thumbprint());
        String[] parts = phone.sign(es256, proofClaims(path, body)).split("\\.");

        Map<String, String> forged = new LinkedHashMap<>();
        forged.put("nothing", "");
        forged.put("no signature", parts[0] + "." + parts[1] + ".");
        forged.put("r = s = 0", parts[0] + "." + parts[1] + "." + base64("\0".repeat(64)));
        forged.put(
                "alg none",
                base64("{\"alg\":\"none\",\"typ\":\"" + right + "\",\"kid\":\"" + phone.thumbprint() + "\"}") + "."
                        + parts[1] + ".");
        forged.put("alg HS256", phone.sign(header("HS256", right, phone.thumbprint()), proofClaims(path, body)));
        forged.put("alg ES384", phone.sign(header("ES384", right, phone.thumbprint()), proofClaims(path, body)));
        forged.put("the decision's type", phone.sign("phone-decision+jwt", proofClaims(path, body)));
        forged.put("no type", phone.sign("JWT", proofClaims(path, body)));
        forged.put("unknown key", unknown.sign(right, proofClaims(path, body)));
        forged.put("unknown key under this name", unknown.sign(es256, proofClaims(path, body)));
        forged.put("the other phone under this name", second.sign(es256, proofClaims(path, body)));
        for (String claim : List.of("htm", "htu", "bod", "jti", "iat")) {
            Map<String, Object> without = proofClaims(path, body);
            without.remove(claim);
            forged.put("without " + claim, phone.sign(right, without));
        }
        Map.of("htm", "GET", "htu", SERVER.url() + path, "bod", "x").forEach((claim, value) -> {
            Map<String, Object> changed = proofClaims(path, body);
            changed.put(claim, value);
            forged.put("another " + claim, phone.sign(right, changed));
        });
        Map<String, Object> elsewhere = proofClaims(path, body);
        elsewhere.put("htu", "https://evil.example/api/companion/v1" + path);
        forged.put("another origin", phone.sign(right, elsewhere));

        forged.forEach((what, proof) -> {
            FakePhone.Reply reply = phone.send("POST", path, body, proof);
            assertThat(reply.status()).as(what).isEqualTo(401);
            assertThat(reply.problem()).as(what).isEqualTo("phone-proof");
        });
        assertThat(state(waiting)).isEqualTo(Approval.State.OPEN);
        assertThat(waiting.goesOn()).isFalse();
    }

    @Test
    void ac_089_what_another_phone_or_another_text_says_is_no_decision() {
        PairedPerson anna = PairedPerson.of(SERVER, "anna.text");
        PairedPerson carl = PairedPerson.of(SERVER, "carl.text");
        FakePhone second = PairedPerson.pair(SERVER, anna.account(), "Tablet");
        Waiting waiting = waiting(anna);
        FakePhone phone = anna.phone();
        String right = "phone-decision+jwt";

        Map<String, String> forged = new LinkedHashMap<>();
        Map<String, Object> whole = phone.claims(waiting.request(), "approve", waiting.digits());
        for (String claim : List.of("request", "phone", "account", "origin", "decision", "shown")) {
            Map<String, Object> changed = new LinkedHashMap<>(whole);
            changed.put(claim, "x");
            forged.put("another " + claim, phone.sign(right, changed));
            Map<String, Object> without = new LinkedHashMap<>(whole);
            without.remove(claim);
            forged.put("without " + claim, phone.sign(right, without));
        }
        forged.put("a proof", phone.sign("phone-proof+jwt", whole));
        forged.put("the other phone", second.sign(right, whole));
        forged.put("the other phone under this name", second.sign(header("ES256", right, phone.thumbprint()), whole));
        forged.put("somebody else's phone", carl.phone().sign(right, whole));
        forged.put("nothing", "");
        forged.forEach((what, decision) -> assertThat(
                        phone.decide(waiting.id(), decision).status())
                .as(what)
                .isIn(400, 403));
        assertThat(carl.phone()
                        .decide(waiting.request(), "approve", waiting.digits())
                        .status())
                .isEqualTo(403);
        assertThat(second.decide(waiting.id(), phone.sign(right, whole)).status())
                .isEqualTo(403);
        assertThat(state(waiting)).isEqualTo(Approval.State.OPEN);
        assertThat(SERVER.count("SELECT wrong FROM approval WHERE id = ?", waiting.id()))
                .as("none of it was a guess")
                .isZero();
    }

    @Test
    void ac_089_a_clock_that_is_off_learns_the_time_and_a_removed_phone_nothing() {
        PairedPerson anna = PairedPerson.of(SERVER, "anna.clock");
        long now = SERVER.clock().instant().getEpochSecond();
        String path = "/requests";
        for (long off : List.of(-121L, 121L, -9_999_999_999L, Long.MIN_VALUE / 2, Long.MAX_VALUE)) {
            Map<String, Object> claims = proofClaims(path, "");
            claims.put("htm", "GET");
            claims.put("iat", off == Long.MAX_VALUE ? off : now + off);
            FakePhone.Reply reply =
                    anna.phone().send("GET", path, "", anna.phone().sign("phone-proof+jwt", claims));
            assertThat(reply.status()).as("%d", off).isEqualTo(401);
            assertThat(reply.problem()).as("%d", off).isEqualTo("phone-clock");
            assertThat(reply.json().path("serverTime").asLong()).isEqualTo(now);
        }
        for (long off : List.of(-PhoneProofs.TOLERANCE.toSeconds(), PhoneProofs.TOLERANCE.toSeconds() - 1)) {
            Map<String, Object> claims = proofClaims(path, "");
            claims.put("htm", "GET");
            claims.put("iat", now + off);
            assertThat(anna.phone()
                            .send("GET", path, "", anna.phone().sign("phone-proof+jwt", claims))
                            .status())
                    .isEqualTo(200);
        }
        FakePhone second = PairedPerson.pair(SERVER, anna.account(), "Tablet");
        Waiting waiting = waiting(anna);
        assertThat(anna.phone()
                        .decide(waiting.request(), "approve", waiting.digits())
                        .status())
                .isEqualTo(200);
        assertThat(second.delete("/me/phones/" + anna.phone().id()).status()).isEqualTo(204);
        assertThat(anna.phone().requests().problem()).isEqualTo("phone-proof");
        assertThat(waiting.goesOn()).as("what the removed phone approved").isFalse();
    }

    @Test
    void ac_089_inv_1_every_route_of_the_companion_refuses_who_signs_nothing() {
        PairedPerson anna = PairedPerson.of(SERVER, "anna.routes");
        TestBrowser signedIn = Pages.signedIn(SERVER, anna.enrolled());
        String cookie = signedIn.cookie(Pages.SESSION).orElseThrow();
        List<Routes.Route> routes = Routes.of(SERVER).stream()
                .filter(route -> route.path().startsWith("/api/companion/v1"))
                .toList();
        assertThat(routes).hasSizeGreaterThan(10);
        long before = everything();
        for (Routes.Route route : routes) {
            for (String method : Routes.METHODS) {
                if (!route.takes(method) || method.equals("OPTIONS")) {
                    continue;
                }
                for (String authorization : List.of("", "Phone ", "Phone x.y.z", "Bearer " + cookie, "Basic YTpi")) {
                    TestBrowser browser = signedIn.fork();
                    if (!authorization.isEmpty()) {
                        browser.header("Authorization", authorization);
                    }
                    TestBrowser.Reply reply = browser.request(method, route.path());
                    assertThat(reply.status())
                            .as("%s %s with '%s'", method, route.path(), authorization)
                            .isEqualTo(401);
                }
            }
        }
        assertThat(everything()).isEqualTo(before);
    }

    private static long everything() {
        long all = 0;
        for (String table :
                List.of("phone", "phone_pairing", "phone_proof", "approval", "approval_restraint", "activity")) {
            all += SERVER.count("SELECT count(*) FROM " + table);
        }
        return all;
    }

    @Test
    void ac_091_what_was_refused_stays_refused() {
        PairedPerson anna = PairedPerson.of(SERVER, "anna.091");
        Waiting waiting = waiting(anna);
        assertThat(anna.phone().decide(waiting.request(), "refuse", "").status())
                .isEqualTo(200);
        assertThat(anna.phone()
                        .decide(waiting.request(), "approve", waiting.digits())
                        .status())
                .isEqualTo(409);
        assertThat(waiting.goesOn()).isFalse();
    }

    @Test
    void ac_091_of_two_answers_at_once_the_refusal_wins() {
        for (int round = 0; round < 10; round++) {
            PairedPerson anna = PairedPerson.of(SERVER, "anna.race" + round);
            Waiting waiting = waiting(anna);
            List<Integer> answers = Together.run(List.<Callable<Integer>>of(
                    () -> anna.phone()
                            .decide(waiting.request(), "approve", waiting.digits())
                            .status(),
                    () -> anna.phone().decide(waiting.request(), "refuse", "").status()));
            assertThat(answers.get(1)).isEqualTo(200);
            assertThat(state(waiting)).isEqualTo(Approval.State.REFUSED);
            assertThat(waiting.goesOn()).isFalse();
        }
    }

    @Test
    void ac_091_a_report_ends_the_other_sign_ins_and_what_they_ask() {
        PairedPerson anna = PairedPerson.of(SERVER, "anna.report");
        Waiting other = waiting(anna);
        Waiting waiting = waiting(anna);
        assertThat(anna.phone().decide(waiting.request(), "report", "").status())
                .isEqualTo(200);
        assertThat(anna.phone().requests().json().path("requests")).isEmpty();
        assertThat(anna.phone()
                        .decide(other.request(), "approve", other.digits())
                        .status())
                .isEqualTo(409);
        assertThat(other.goesOn()).isFalse();
        assertThat(log(anna, "approval-reported")).hasSize(1);
        assertThat(log(anna, "password-blocked")).hasSize(1);
    }

    @Test
    void ac_092_too_late_does_nothing() {
        PairedPerson anna = PairedPerson.of(SERVER, "anna.092");
        Waiting waiting = waiting(anna);
        SERVER.clock().advance(Approval.LIFE);
        for (String choice : List.of("approve", "refuse", "report")) {
            assertThat(anna.phone()
                            .decide(waiting.request(), choice, waiting.digits())
                            .problem())
                    .isEqualTo("request-expired");
        }
        assertThat(waiting.goesOn()).isFalse();
        assertThat(log(anna, "password-blocked")).isEmpty();
    }

    @Test
    void ac_092_an_approval_waits_for_the_browser_two_minutes_and_no_longer() {
        PairedPerson anna = PairedPerson.of(SERVER, "anna.slow");
        Waiting waiting = waiting(anna);
        anna.phone().decide(waiting.request(), "approve", waiting.digits());
        SERVER.clock().advance(Approval.GOES_ON);
        assertThat(waiting.goesOn()).isFalse();
    }

    @Test
    void ac_094_only_the_browser_that_started_goes_on_and_once() {
        PairedPerson anna = PairedPerson.of(SERVER, "anna.094");
        Waiting first = waiting(anna);
        Waiting second = waiting(anna);
        assertThat(first.digits()).isNotEqualTo(second.digits());
        assertThat(anna.phone()
                        .decide(first.request(), "approve", first.digits())
                        .status())
                .isEqualTo(200);
        TestBrowser stranger = SERVER.browser();
        stranger.get("/sign-in");

        assertThat(second.goesOn()).as("another sign-in of the same person").isFalse();
        assertThat(stranger.post("/sign-in/approval", "request", first.id()).location())
                .startsWith("/sign-in?problem=");
        assertThat(stranger.get("/sign-in/approval/events?request=" + first.id())
                        .status())
                .isEqualTo(204);
        TestBrowser copy = first.browser().fork();
        assertThat(first.goesOn()).isTrue();
        copy.post("/sign-in/approval");
        assertThat(Pages.isSignedIn(copy)).isFalse();
    }

    @Test
    void ac_095_one_pairing_takes_one_phone_within_five_minutes() {
        TestServer.Enrolled anna = SERVER.enrolled("anna.095");
        Pairing pairing = PairedPerson.begin(SERVER, anna.account()).pairing();
        assertThat(PairedPerson.confirm(SERVER, anna.account(), pairing.id()))
                .as("before a phone has called")
                .isFalse();
        FakePhone phone = new FakePhone(SERVER.url(), SERVER.clock());
        FakePhone second = new FakePhone(SERVER.url(), SERVER.clock());
        assertThat(phone.claim(pairing.id().value(), "Pixel").status()).isEqualTo(200);
        FakePhone.Reply used = second.claim(pairing.id().value(), "Pixel");
        assertThat(used.problem()).isEqualTo("pairing-not-found");
        assertThat(second.look(pairing.id().value()).status()).isEqualTo(401);
        assertThat(phone.requests().problem()).as("not yet confirmed").isEqualTo("phone-proof");

        SERVER.clock().advance(Pairing.LIFE);
        assertThat(PairedPerson.confirm(SERVER, anna.account(), pairing.id())).isFalse();
        assertThat(phone.requests().problem()).isEqualTo("phone-proof");
        Pairing late = PairedPerson.begin(SERVER, anna.account()).pairing();
        SERVER.clock().advance(Pairing.LIFE);
        assertThat(phone.claim(late.id().value(), "Pixel").body().replaceAll("[a-z2-7]{26}", ""))
                .isEqualTo(used.body().replaceAll("[a-z2-7]{26}", ""));
    }

    @Test
    void ac_095_a_key_becomes_one_phone_whatever_it_offers_itself_for() {
        TestServer.Enrolled anna = SERVER.enrolled("anna.key");
        TestServer.Enrolled carl = SERVER.enrolled("carl.key");
        Pairing first = PairedPerson.begin(SERVER, anna.account()).pairing();
        Pairing second = PairedPerson.begin(SERVER, carl.account()).pairing();
        FakePhone phone = new FakePhone(SERVER.url(), SERVER.clock());
        assertThat(phone.claim(first.id().value(), "Pixel").status()).isEqualTo(200);
        assertThat(phone.claim(second.id().value(), "Pixel").status()).isEqualTo(200);
        assertThat(PairedPerson.confirm(SERVER, anna.account(), first.id())).isTrue();
        assertThat(PairedPerson.confirm(SERVER, anna.account(), first.id()))
                .as("twice")
                .isFalse();
        assertThat(PairedPerson.confirm(SERVER, carl.account(), second.id())).isFalse();
        Pairing third = PairedPerson.begin(SERVER, carl.account()).pairing();
        assertThat(phone.claim(third.id().value(), "Pixel").status())
                .as("paired already")
                .isEqualTo(404);
        assertThat(PairedPerson.confirm(
                        SERVER,
                        anna.account(),
                        PairedPerson.begin(SERVER, anna.account()).pairing().id()))
                .isFalse();
    }

    @Test
    void ac_095_a_key_that_is_none_is_refused_and_guessed_codes_are_counted() {
        FakePhone phone = new FakePhone(SERVER.url(), SERVER.clock());
        Map<String, Object> notOnTheCurve = new LinkedHashMap<>(phone.jwk());
        notOnTheCurve.put("y", phone.jwk().get("x"));
        Map<String, Object> zero = new LinkedHashMap<>(phone.jwk());
        zero.put("x", base64("\0".repeat(32)));
        zero.put("y", base64("\0".repeat(32)));
        for (Object key : List.of(notOnTheCurve, zero, Map.of(), Map.of("kty", "EC", "crv", "P-384"))) {
            assertThat(phone.post("/pairings/claim", Map.of("pairing", "aaaa", "key", key, "name", "Pixel"))
                            .status())
                    .as("%s", key)
                    .isEqualTo(400);
        }
        long proofs = SERVER.count("SELECT count(*) FROM phone_proof");
        int tries = 0;
        while (phone.claimByCode("AAAAAAAAAA", "Pixel").status() == 404 && tries < 200) {
            tries++;
        }
        assertThat(tries).isBetween(20, 120);
        assertThat(phone.claimByCode("AAAAAAAAAA", "Pixel").status()).isEqualTo(429);
        assertThat(SERVER.count("SELECT count(*) FROM phone_proof"))
                .as("keys that anybody can make leave nothing behind")
                .isEqualTo(proofs);
    }

    @Test
    void ac_095_right_codes_are_no_guesses_and_use_up_nothing_of_the_addresses_budget() {
        TestServer.Enrolled anna = SERVER.enrolled("anna.school");
        FakePhone stranger = new FakePhone(SERVER.url(), SERVER.clock());
        for (int i = 0; i < 130; i++) {
            String code = PairedPerson.begin(SERVER, anna.account()).code().reveal();
            assertThat(new FakePhone(SERVER.url(), SERVER.clock())
                            .claimByCode(code, "Pixel")
                            .status())
                    .as("%d", i)
                    .isEqualTo(200);
        }
        assertThat(stranger.claimByCode("AAAAAAAAAA", "Pixel").status()).isEqualTo(404);
    }

    @Test
    void ac_095_a_pairing_that_was_refused_looks_like_one_that_is_over() {
        TestServer.Enrolled anna = SERVER.enrolled("anna.refused");
        FakePhone phone = new FakePhone(SERVER.url(), SERVER.clock());
        Pairing refused = PairedPerson.begin(SERVER, anna.account()).pairing();
        phone.claim(refused.id().value(), "Pixel");
        assertThat(phone.look(refused.id().value()).json().path("state").asString())
                .isEqualTo("claimed");
        SERVER.get(dev.countersign.factor.companion.Pairings.class)
                .refuse(refused, SERVER.clock().instant());
        FakePhone other = new FakePhone(SERVER.url(), SERVER.clock());
        Pairing late = PairedPerson.begin(SERVER, anna.account()).pairing();
        other.claim(late.id().value(), "Pixel");
        SERVER.clock().advance(Pairing.LIFE);
        FakePhone.Reply first = phone.look(refused.id().value());
        FakePhone.Reply second = other.look(late.id().value());
        assertThat(first.problem()).isEqualTo("pairing-not-found");
        assertThat(second.status()).isEqualTo(first.status());
        assertThat(second.body().replaceAll("[a-z2-7]{26}", ""))
                .isEqualTo(first.body().replaceAll("[a-z2-7]{26}", ""));
        assertThat(new FakePhone(SERVER.url(), SERVER.clock())
                        .look("a".repeat(26))
                        .problem())
                .isEqualTo("pairing-not-found");
    }

    @Test
    void ac_095_pairing_needs_a_fresh_proof() {
        TestServer.Enrolled anna = SERVER.enrolled("anna.fresh");
        TestBrowser thief = Pages.signedIn(SERVER, anna);
        SERVER.clock().advance(Duration.ofMinutes(6));
        thief.get("/account");
        TestBrowser.Reply page = thief.follow(thief.post("/account/phones/pair"));
        assertThat(page.body()).doesNotContain("#pair=");
        assertThat(thief.get("/sign-in/enrol/phone").status()).isEqualTo(303);
        assertThat(SERVER.count(
                        "SELECT count(*) FROM phone_pairing WHERE account_id = ?",
                        anna.account().id().value()))
                .isZero();
    }

    private static int subscribe(FakePhone phone, String endpoint, PushSubscriber keys) {
        Object body = Map.of("endpoint", endpoint, "keys", Map.of("p256dh", keys.p256dh(), "auth", keys.auth()));
        FakePhone.Reply reply = phone.put("/me/subscription", body);
        assertThat(reply.body()).as("an endpoint is a secret").doesNotContain(endpoint);
        return reply.status();
    }

    @Test
    void ac_097_messages_go_to_public_addresses_and_those_that_are_allowed() {
        PairedPerson anna = PairedPerson.of(SERVER, "anna.097");
        PushSubscriber browser = SERVICE.subscriber();
        assertThat(subscribe(anna.phone(), browser.endpoint(), browser)).isEqualTo(204);
        for (String endpoint : List.of(
                SERVER.url() + "/",
                "http://push.example/x",
                "https://127.0.0.1/x",
                "https://[::1]/x",
                "https://169.254.169.254/latest",
                "https://10.0.0.1/x",
                "https://localhost/x",
                "https://push.example:8443/x",
                "https://user@push.example/x",
                "file:///etc/passwd")) {
            assertThat(subscribe(anna.phone(), endpoint, browser)).as(endpoint).isEqualTo(400);
        }
        SERVICE.answerNext(LocalPushService.Answer.status(307, "Location: " + SERVER.url() + "/sign-in"));
        waiting(anna);
        SERVICE.next();
        assertThat(anna.phone()
                        .get("/me")
                        .json()
                        .path("push")
                        .path("subscribed")
                        .asBoolean())
                .as("a redirect is not followed, and what was there before stays")
                .isTrue();
        assertThat(SERVICE.waiting()).isZero();
    }

    @Test
    void ac_098_a_message_holds_the_id_of_the_request_and_nothing_else() {
        PairedPerson anna = PairedPerson.of(SERVER, "anna.098");
        PushSubscriber browser = SERVICE.subscriber();
        assertThat(subscribe(anna.phone(), browser.endpoint(), browser)).isEqualTo(204);
        Waiting waiting = waiting(anna);
        LocalPushService.Posted message = SERVICE.next();
        assertThat(browser.read(message.body())).isEqualTo("{\"request\":\"" + waiting.id() + "\"}");
        assertThat(message.headers())
                .containsEntry("urgency", "high")
                .containsEntry("content-encoding", "aes128gcm")
                .containsEntry("topic", waiting.id());
        assertThat(Integer.parseInt(message.headers().get("ttl"))).isBetween(1, (int) Approval.LIFE.toSeconds());
        long now = SERVER.clock().instant().getEpochSecond();
        assertThat(message.claims().path("aud").asString()).isEqualTo(SERVICE.origin());
        assertThat(message.claims().path("exp").asLong()).isBetween(now, now + 86_400);
        assertThat(message.headers().toString() + message.claims()).doesNotContain("anna", SERVER.url());
    }

    /** What lies in the storage of a phone is looked at by CompanionInBrowserTest. */
    @Test
    void ac_131_what_browsers_may_keep_is_the_same_for_everybody() {
        PairedPerson anna = PairedPerson.of(SERVER, "anna.131");
        TestBrowser mine = Pages.signedIn(SERVER, anna.enrolled());
        TestBrowser anyone = SERVER.browser();
        String worker = anyone.get("/companion/sw.js").body();
        List<String> kept = java.util.Arrays.stream(
                        worker.lines().findFirst().orElseThrow().split("\""))
                .filter(part -> part.startsWith("/"))
                .toList();
        assertThat(kept).isNotEmpty().noneMatch(path -> path.startsWith("/api/"));
        for (String path : kept) {
            assertThat(mine.get(path).body())
                    .as(path)
                    .isEqualTo(anyone.get(path).body());
        }
        assertThat(anyone.get("/js/countersign.js").body())
                .doesNotContain("localStorage", "sessionStorage", "indexedDB", "caches", "document.cookie");
        for (String path : List.of("/account", "/sign-in", "/api/companion/v1/me")) {
            assertThat(mine.get(path).header("Cache-Control").orElse(""))
                    .as(path)
                    .contains("no-store");
        }
    }

    @Test
    void ac_100_names_are_text_and_the_address_is_the_real_one() {
        PairedPerson anna = PairedPerson.of(SERVER, "anna.100");
        TestBrowser browser = SERVER.browser()
                .header("User-Agent", "<script>alert(1)</script>" + "x".repeat(1_024))
                .header("X-Forwarded-For", "203.0.113.99");
        browser.follow(browser.signIn("anna.100", TestServer.PASSWORD));
        JsonNode request = anna.phone().request();
        assertThat(request.toString()).doesNotContain("203.0.113.99", "x".repeat(61));
        assertThat(request.path("address").asString()).isIn("127.0.0.1", "0:0:0:0:0:0:0:1", "::1");
        assertThat(request.path("browser").asString().length()).isLessThanOrEqualTo(60);

        FakePhone phone = anna.phone();
        String self = "/me/phones/" + phone.id();
        assertThat(phone.put(self, Map.of("name", "x".repeat(1_024))).status()).isEqualTo(422);
        assertThat(phone.put(self, Map.of("name", "\u202e\u2066")).status()).isEqualTo(422);
        assertThat(phone.put(self, Map.of("name", "<b>\u202eevil\u2028</b>")).status())
                .isEqualTo(204);
        assertThat(phone.get("/me").body()).doesNotContain("\u202e", "\u2028");
        SERVER.clock().advance(Duration.ofHours(1));
        TestBrowser mine = Pages.signedIn(SERVER, anna.enrolled());
        assertThat(mine.get("/account").body()).doesNotContain("<b>evil");
    }

    @Test
    void ac_028_a_disabled_account_neither_goes_on_nor_calls() {
        PairedPerson anna = PairedPerson.of(SERVER, "anna.028");
        Waiting approved = waiting(anna);
        Waiting open = waiting(anna);
        anna.phone().decide(approved.request(), "approve", approved.digits());
        Threats.disable(SERVER, anna.account());
        assertThat(approved.goesOn()).isFalse();
        assertThat(anna.phone().decide(open.request(), "approve", open.digits()).status())
                .isEqualTo(403);
        assertThat(anna.phone()
                        .post("/me/password", Map.of("password", "a new one nobody knows"))
                        .status())
                .isEqualTo(403);
        assertThat(SERVER.count(
                        "SELECT count(*) FROM approval WHERE account_id = ? AND state IN ('OPEN', 'APPROVED')",
                        anna.account().id().value()))
                .isZero();
    }
}
