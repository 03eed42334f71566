package dev.countersign.portal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.SignInStyle;
import dev.countersign.factor.companion.Approval;
import dev.countersign.factor.companion.Watch;
import dev.countersign.policy.Rules;
import dev.countersign.support.EventTab;
import dev.countersign.support.FakePhone;
import dev.countersign.support.PairedPerson;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Browsers that wait for a phone: what they are told, when it breaks off, and that they leave nothing behind. */
class WaitingTest {
    private static final TestServer SERVER = TestServer.start();
    private static final String PAGE = "/sign-in/approval";
    private static final String EVENTS = PAGE + "/events";
    private static final Pattern DIGITS = Pattern.compile("<output>(\\d+)</output>");
    private static final Pattern PAIRING = Pattern.compile("#pair=([a-z0-9]+)");

    @BeforeAll
    static void ask_everyone_who_has_a_phone() {
        SERVER.policy(Rules.Mode.OPTIONAL);
    }

    @AfterEach
    void nobody_is_left_behind() {
        until(() -> events().size() == 0 && SERVER.get(Watch.class).size() == 0);
    }

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private static Events events() {
        return SERVER.get(Events.class);
    }

    private static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("it did not come about").isLessThan(end);
            LockSupport.parkNanos(2_000_000);
        }
    }

    /** A browser that waits for the phone of its owner. */
    private record Waiting(PairedPerson person, TestBrowser browser) {
        static Waiting of(String name) {
            PairedPerson person = PairedPerson.of(SERVER, name);
            TestBrowser browser = SERVER.browser();
            assertThat(browser.signIn(name, TestServer.PASSWORD).location()).isEqualTo(PAGE);
            return new Waiting(person, browser);
        }

        String digits() {
            Matcher digits = DIGITS.matcher(browser.get(PAGE).body());
            assertThat(digits.find()).as("the browser shows digits").isTrue();
            return digits.group(1);
        }

        void approve() {
            FakePhone phone = person.phone();
            assertThat(phone.decide(phone.request(), "approve", digits()).status())
                    .isEqualTo(200);
        }
    }

    @ParameterizedTest
    @EnumSource(SignInStyle.class)
    void b1_in_every_style_the_browser_is_told_and_goes_on(SignInStyle style) {
        String name = "b1." + style.ordinal();
        PairedPerson person = PairedPerson.of(SERVER, name);
        TestBrowser browser = SERVER.browser();
        SERVER.style(style);
        try {
            browser.get("/sign-in");
            String next = switch (style) {
                case TWO_SCREENS, ONE_PAGE ->
                    browser.post("/sign-in", "username", name, "password", TestServer.PASSWORD, "code", "")
                            .location();
                case IDENTIFIER_FIRST -> {
                    browser.follow(browser.post("/sign-in", "username", name));
                    yield browser.post("/sign-in/password", "password", TestServer.PASSWORD)
                            .location();
                }
            };
            assertThat(next).isEqualTo(PAGE);
            Waiting waiting = new Waiting(person, browser);
            try (EventTab tab = browser.listen(EVENTS)) {
                assertThat(tab.response().headers().firstValue("Content-Type").orElse(""))
                        .startsWith("text/event-stream");
                assertThat(tab.response().headers().firstValue("Cache-Control").orElse(""))
                        .contains("no-store");
                waiting.approve();
                assertThat(tab.next()).isEqualTo("approved");
                assertThat(tab.next()).isEqualTo(EventTab.END);
            }
            browser.get(PAGE);
            assertThat(browser.post(PAGE).location()).isEqualTo("/account");
            assertThat(browser.get("/account").status()).isEqualTo(200);
        } finally {
            SERVER.style(SignInStyle.TWO_SCREENS);
        }
    }

    @Test
    void whoever_goes_away_is_forgotten() {
        Waiting waiting = Waiting.of("gone");
        EventTab first = waiting.browser().listen(EVENTS);
        EventTab second = waiting.browser().listen(EVENTS);
        until(() -> events().size() == 2);
        first.close();
        until(() -> events().size() == 1);
        second.close();
        until(() -> events().size() == 0);
        assertThat(SERVER.get(Watch.class).size()).isZero();
    }

    @Test
    void b7_after_sleep_or_a_broken_connection_the_browser_hears_what_it_missed() {
        Waiting waiting = Waiting.of("asleep");
        EventTab tab = waiting.browser().listen(EVENTS);
        until(() -> events().size() == 1);
        tab.close();
        waiting.approve();
        waiting.browser().header("Last-Event-ID", "17");
        try (EventTab again = waiting.browser().listen(EVENTS)) {
            assertThat(again.next()).isEqualTo("approved");
        }
        assertThat(waiting.browser().get(PAGE).body()).contains("data-submit-now");
    }

    @Test
    void b7_who_wakes_too_late_is_told_so_at_once() {
        Waiting waiting = Waiting.of("late");
        SERVER.clock().advance(Approval.LIFE);
        try (EventTab tab = waiting.browser().listen(EVENTS)) {
            assertThat(tab.next()).isEqualTo("expired");
        }
        assertThat(waiting.browser().get(PAGE).body()).contains("Nobody confirmed in time");
    }

    @Test
    void b7_two_tabs_of_one_sign_in_are_both_told_and_end_on_the_account() {
        Waiting waiting = Waiting.of("tabs");
        TestBrowser one = waiting.browser();
        TestBrowser other = one.fork();
        try (EventTab first = one.listen(EVENTS);
                EventTab second = other.listen(EVENTS)) {
            waiting.approve();
            assertThat(first.next()).isEqualTo("approved");
            assertThat(second.next()).isEqualTo("approved");
        }
        one.get(PAGE);
        other.get(PAGE);
        assertThat(one.post(PAGE).location()).isEqualTo("/account");
        TestBrowser.Reply late = other.post(PAGE);
        // A browser has one jar for all its tabs.
        other.cookies().clear();
        other.cookies().putAll(one.cookies());
        TestBrowser.Reply end = other.follow(late);
        assertThat(end.status()).isEqualTo(200);
        assertThat(end.body()).contains("action=\"/account/phones/pair\"");
        assertThat(other.get(PAGE).location()).as("the button Back").isEqualTo("/account");
        assertThat(SERVER.count(
                        "SELECT count(*) FROM session WHERE account_id = ?",
                        waiting.person().account().id().value()))
                .isEqualTo(1);
    }

    @Test
    void b7_a_tab_hears_that_another_has_asked_anew() {
        Waiting waiting = Waiting.of("anew");
        try (EventTab tab = waiting.browser().listen(EVENTS)) {
            until(() -> events().size() == 1);
            waiting.browser().get(PAGE);
            waiting.browser().post(PAGE + "/again");
            assertThat(tab.next()).isEqualTo("withdrawn");
        }
    }

    @Test
    void more_tabs_than_anybody_has_get_no_stream_and_look_again_by_themselves() {
        Waiting waiting = Waiting.of("many");
        List<EventTab> tabs = new ArrayList<>();
        for (int i = 1; i <= Events.MOST_OF_ONE; i++) {
            tabs.add(waiting.browser().listen(EVENTS));
            int open = i;
            until(() -> events().size() == open);
        }
        try (EventTab tooMany = waiting.browser().listen(EVENTS)) {
            assertThat(tooMany.status()).isEqualTo(204);
        }
        assertThat(waiting.browser().request("HEAD", EVENTS).status()).isEqualTo(204);
        waiting.approve();
        assertThat(tabs).allMatch(tab -> tab.next().equals("approved"));
        tabs.forEach(EventTab::close);
    }

    @Test
    void a_hundred_who_wait_hear_an_orderly_end_when_the_server_stops_and_do_not_hold_it_up() {
        TestServer server = TestServer.start();
        List<EventTab> tabs = new ArrayList<>();
        long begun;
        try {
            server.policy(Rules.Mode.OPTIONAL);
            for (int person = 0; person < 17; person++) {
                PairedPerson.of(server, "waits" + person);
            }
            for (int person = 0; person < 17; person++) {
                TestBrowser browser = server.browser();
                assertThat(browser.signIn("waits" + person, TestServer.PASSWORD).location())
                        .isEqualTo(PAGE);
                for (int tab = 0; tab < Events.MOST_OF_ONE; tab++) {
                    tabs.add(browser.listen(EVENTS));
                }
            }
            until(() -> server.get(Events.class).size() == 102);
        } finally {
            begun = System.nanoTime();
            server.close();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(15));
        assertThat(tabs).allMatch(tab -> tab.next().equals(EventTab.END)).allMatch(EventTab::endedInOrder);
    }

    @Test
    void a_silent_stream_says_now_and_then_that_it_is_alive() {
        Waiting waiting = Waiting.of("silent");
        try (EventTab tab = waiting.browser().listen(EVENTS)) {
            until(() -> events().size() == 1);
            int before = tab.comments();
            for (int turn = 0; turn < Events.SILENCE_SECONDS; turn++) {
                events().beat(turn, SERVER.clock().instant());
            }
            until(() -> tab.comments() > before);
            SERVER.clock().advance(Approval.LIFE.plus(ApprovalPages.AFTER).plusSeconds(1));
            assertThat(tab.next()).as("it was not told in time").isEqualTo(EventTab.END);
        }
    }

    @Test
    void b7_without_javascript_the_page_looks_again_and_has_a_button() {
        Waiting waiting = Waiting.of("plain");
        TestBrowser browser = waiting.browser();
        String page = browser.get(PAGE).body();
        assertThat(page)
                .contains("<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>")
                .containsPattern("<noscript><button[^>]+type=\"submit\"");
        assertThat(browser.post(PAGE).location()).isEqualTo(PAGE + "?problem=approval-not-yet");
        waiting.approve();
        assertThat(browser.get(PAGE).body()).contains("Your phone has said yes");
        assertThat(browser.post(PAGE).location()).isEqualTo("/account");
    }

    @Test
    void refused_on_the_phone_the_browser_is_told_so() {
        Waiting waiting = Waiting.of("refused");
        FakePhone phone = waiting.person().phone();
        try (EventTab tab = waiting.browser().listen(EVENTS)) {
            phone.decide(phone.request(), "refuse", "");
            assertThat(tab.next()).isEqualTo("refused");
        }
        assertThat(waiting.browser().listen(EVENTS).status()).isEqualTo(204);
    }

    @Test
    void a_phone_that_offered_itself_before_the_page_listened_is_not_missed() {
        TestServer.Enrolled person = SERVER.enrolled("pairs");
        TestBrowser browser = SERVER.browser();
        browser.follow(browser.signIn("pairs", TestServer.PASSWORD, person.app().code()));
        browser.get("/account");
        String page = browser.follow(browser.post("/account/phones/pair")).body();
        assertThat(page).contains("/sign-in/enrol/phone/events");
        Matcher pairing = PAIRING.matcher(page);
        assertThat(pairing.find()).isTrue();
        assertThat(new FakePhone(SERVER.url(), SERVER.clock())
                        .claim(pairing.group(1), "Pixel")
                        .status())
                .isEqualTo(200);
        try (EventTab tab = browser.listen("/sign-in/enrol/phone/events")) {
            assertThat(tab.next()).isEqualTo("claimed");
        }
        assertThat(browser.get("/sign-in/enrol/phone").body()).contains("Compare four words");
        SERVER.clock().advance(Duration.ofMinutes(1));
    }
}
