package dev.countersign.companion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.Rules;
import dev.countersign.support.Crowd;
import dev.countersign.support.EventTab;
import dev.countersign.support.FakePhone;
import dev.countersign.support.PairedPerson;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Two servers on one PostgreSQL: the browser waits at one, the phone answers at the other. */
class TwoNodesTest {
    private static final String PAGE = "/sign-in/approval";
    private static final Pattern DIGITS = Pattern.compile("<output>(\\d+)</output>");
    private static final TestServer FIRST = TestServer.onPostgresql();
    private static final TestServer SECOND = FIRST.node();

    @AfterAll
    static void stop() {
        SECOND.close();
        FIRST.close();
    }

    private record Waiting(TestBrowser browser, String digits, FakePhone elsewhere, JsonNode request) {
        static Waiting of(String name) {
            FIRST.policy(Rules.Mode.OPTIONAL);
            PairedPerson person = PairedPerson.of(FIRST, name);
            TestBrowser browser = FIRST.browser();
            Matcher digits = DIGITS.matcher(
                    browser.follow(browser.signIn(name, TestServer.PASSWORD)).body());
            assertThat(digits.find()).isTrue();
            FakePhone elsewhere = person.phone().calling(SECOND.url());
            return new Waiting(browser, digits.group(1), elsewhere, elsewhere.request());
        }
    }

    @Test
    void b1_the_browser_at_one_node_goes_on_when_the_phone_says_ok_at_the_other() {
        Waiting waiting = Waiting.of("b1");
        try (EventTab tab = waiting.browser().listen(PAGE + "/events")) {
            long start = System.nanoTime();
            assertThat(waiting.elsewhere()
                            .decide(waiting.request(), "approve", waiting.digits())
                            .status())
                    .isEqualTo(200);
            assertThat(tab.next()).isEqualTo("approved");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
        }
        waiting.browser().get(PAGE);
        assertThat(waiting.browser().post(PAGE).location()).isEqualTo("/account");
    }

    @Test
    void ac_088_inv_2_of_many_answers_at_both_nodes_one_counts_and_one_browser_goes_on() throws Exception {
        Waiting waiting = Waiting.of("once");
        FakePhone here = waiting.elsewhere().calling(FIRST.url());
        ConcurrentLinkedQueue<FakePhone> phones = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < 10; i++) {
            phones.add(here);
            phones.add(waiting.elsewhere());
        }
        List<Integer> answers = Crowd.together(
                20,
                () -> phones.remove()
                        .decide(waiting.request(), "approve", waiting.digits())
                        .status());
        assertThat(answers).filteredOn(status -> status == 200).hasSize(1);
        assertThat(answers).allMatch(status -> List.of(200, 409, 429).contains(status));

        waiting.browser().get(PAGE);
        ConcurrentLinkedQueue<TestBrowser> copies = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < 5; i++) {
            copies.add(waiting.browser().fork());
            copies.add(waiting.browser().fork().at(SECOND.url()));
        }
        List<String> went = Crowd.together(10, () -> copies.remove().post(PAGE).location());
        assertThat(went).filteredOn("/account"::equals).hasSize(1);
        assertThat(FIRST.count("SELECT count(*) FROM session WHERE account_id = ?", here.account()))
                .isEqualTo(1);
    }

    @Test
    void a_node_that_stops_does_not_wait_for_those_who_wait() {
        TestServer third = FIRST.node();
        Waiting waiting = Waiting.of("stop");
        TestBrowser browser = waiting.browser().fork().at(third.url());
        try (EventTab tab = browser.listen(PAGE + "/events")) {
            assertThat(tab.status()).isEqualTo(200);
            long start = System.nanoTime();
            third.close();
            assertThat(tab.next()).isEqualTo(EventTab.END);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
        }
    }
}
