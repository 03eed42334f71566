package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.Account;
import dev.countersign.directory.SignInStyle;
import dev.countersign.policy.Rules;
import dev.countersign.session.Sessions;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import dev.countersign.throttle.Throttle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Catalogue H: finding out who has an account, or a second factor, without the password. */
class EnumerationTest {
    private static final TestServer SERVER = TestServer.start();
    private static final int PAIRS = 100;

    @BeforeAll
    static void ask_everyone_who_has_an_app() {
        SERVER.policy(Rules.Mode.OPTIONAL);
    }

    /** The wrong passwords of one test are not to be held against the next. */
    @AfterEach
    void let_time_pass() {
        SERVER.style(SignInStyle.TWO_SCREENS);
        SERVER.clock().advance(Duration.ofDays(4));
        SERVER.get(Throttle.class).forgetOld(SERVER.clock().instant());
    }

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    @Test
    void ac_112_a_wrong_password_takes_as_long_for_an_unknown_name_as_for_a_known_one() {
        SERVER.person("known.name");
        RestClient client = new RestClient(SERVER);
        List<Long> known = new ArrayList<>();
        List<Long> unknown = new ArrayList<>();
        for (int pair = 0; pair < PAIRS; pair++) {
            boolean knownFirst = pair % 2 == 0;
            (knownFirst ? known : unknown).add(nanosOf(client, knownFirst ? "known.name" : "unknown.name"));
            (knownFirst ? unknown : known).add(nanosOf(client, knownFirst ? "unknown.name" : "known.name"));
            SERVER.clock().advance(Duration.ofHours(3));
        }
        double ratio = (double) median(known) / median(unknown);
        assertThat(ratio).as("medians of known and unknown").isBetween(0.7, 1.43);
    }

    private static long nanosOf(RestClient client, String username) {
        long start = System.nanoTime();
        RestClient.Reply reply = client.begin(username, "not the password");
        assertThat(reply.status()).isEqualTo(401);
        return System.nanoTime() - start;
    }

    private static long median(List<Long> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    @Test
    void ac_113_a_wrong_password_gets_the_same_reply_whoever_is_named() {
        Account plain = SERVER.person("plain.one");
        SERVER.enrolled("enrolled.one");
        Account disabled = SERVER.person("disabled.one");
        Threats.disable(SERVER, disabled);
        SERVER.policy(Rules.Mode.OPTIONAL);
        for (SignInStyle style : SignInStyle.values()) {
            SERVER.style(style);
            String expected = reply(plain.username());
            for (String name : List.of("enrolled.one", "disabled.one", "nobody.one", "x".repeat(300), "a\u200bb")) {
                assertThat(reply(name)).as("%s %s", style, name).isEqualTo(expected);
            }
        }
    }

    /** Everything that can be seen of a sign-in with a wrong password, but tokens and the name itself. */
    private static String reply(String username) {
        TestBrowser browser = SERVER.browser();
        browser.get("/sign-in");
        TestBrowser.Reply first =
                browser.post("/sign-in", "username", username, "password", "not the password", "code", "123456");
        String seen = first.status() + first.location() + headers(first);
        if (first.location().equals("/sign-in/password")) {
            browser.get("/sign-in/password");
            TestBrowser.Reply second = browser.post("/sign-in/password", "password", "not the password");
            seen += second.status() + second.location() + headers(second);
        }
        TestBrowser.Reply page = browser.follow(first);
        String shown = username.isBlank() ? "\u0000" : username.substring(0, Math.min(254, username.length()));
        return seen
                + browser.get("/sign-in/code").location()
                + browser.get("/sign-in/enrol").location()
                + Pages.comparable(page)
                        .replace(shown, "")
                        .replaceAll("autofocus=\"[^\"]*\"| value=\"\"", "")
                        .replaceAll("\\s+", " ");
    }

    private static String headers(TestBrowser.Reply reply) {
        return reply.response().headers().map().keySet().stream()
                .filter(name -> !name.equalsIgnoreCase("date"))
                .sorted()
                .toList()
                .toString();
    }

    @Test
    void ac_113_on_one_page_it_does_not_show_which_of_password_and_code_was_wrong() {
        Enrolled anna = SERVER.enrolled("anna.one.page");
        SERVER.style(SignInStyle.ONE_PAGE);
        SERVER.enrolled("bea.one.page");
        String wrong = anna.app().wrongCode();
        for (int i = 0; i < 12; i++) {
            assertThat(onePage("anna.one.page", TestServer.PASSWORD, wrong))
                    .as("attempt %d", i)
                    .isEqualTo(onePage("bea.one.page", "not the password", wrong));
        }
    }

    private static String onePage(String username, String password, String code) {
        TestBrowser browser = SERVER.browser();
        browser.get("/sign-in");
        TestBrowser.Reply reply = browser.post("/sign-in", "username", username, "password", password, "code", code);
        return reply.status() + " " + reply.location();
    }

    @Test
    void ac_113_over_rest_unknown_names_are_asked_for_a_password_like_known_ones() {
        SERVER.enrolled("anna.rest.known");
        RestClient client = new RestClient(SERVER);
        RestClient.Reply known = client.post("/api/v1/sign-ins", "", Map.of("username", "anna.rest.known"));
        RestClient.Reply unknown = client.post("/api/v1/sign-ins", "", Map.of("username", "anna.rest.unknown"));
        assertThat(known.status()).isEqualTo(unknown.status()).isEqualTo(201);
        assertThat(known.text("state")).isEqualTo(unknown.text("state"));
        assertThat(known.body().path("offer")).isEqualTo(unknown.body().path("offer"));
        RestClient.Reply knownWrong = client.begin("anna.rest.known", "wrong");
        RestClient.Reply unknownWrong = client.begin("anna.rest.unknown", "wrong");
        assertThat(withoutRequestId(knownWrong)).isEqualTo(withoutRequestId(unknownWrong));
    }

    private static String withoutRequestId(RestClient.Reply reply) {
        return reply.status() + reply.body().toString().replaceAll("\"requestId\":\"[a-z2-7]+\"", "");
    }

    @Test
    void ac_115_identifiers_are_random_and_foreign_ones_are_not_found() {
        Account first = SERVER.person("first.id");
        Account second = SERVER.person("second.id");
        assertThat(first.id().value()).matches("[a-z2-7]{26}");
        assertThat(first.id().value().substring(0, 8))
                .isNotEqualTo(second.id().value().substring(0, 8));

        SERVER.browser().signIn("first.id", TestServer.PASSWORD);
        String foreign = SERVER.get(Sessions.class)
                .liveOf(first.id(), SERVER.clock().instant())
                .getFirst()
                .id()
                .value();
        TestBrowser browser = SERVER.browser();
        browser.signIn("second.id", TestServer.PASSWORD);
        browser.get("/account");
        TestBrowser.Reply theirs = browser.fork().post("/account/sessions/end", "id", foreign);
        TestBrowser.Reply nobodys = browser.fork().post("/account/sessions/end", "id", "b".repeat(26));
        assertThat(theirs.status()).isEqualTo(404);
        assertThat(Pages.comparable(theirs)).isEqualTo(Pages.comparable(nobodys));
    }
}
