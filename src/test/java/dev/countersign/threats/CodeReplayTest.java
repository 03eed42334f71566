package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.ActivityEntry;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.factor.totp.Apps;
import dev.countersign.factor.totp.Totp;
import dev.countersign.kernel.Origin;
import dev.countersign.policy.Rules;
import dev.countersign.store.Database;
import dev.countersign.support.TestAuthenticator;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import dev.countersign.vault.SecretBytes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Catalogue A: one-time codes used twice, in turn, at once, at another door, or out of order. */
class CodeReplayTest {
    private static final TestServer SERVER = TestServer.start();

    @BeforeAll
    static void ask_everyone_who_has_an_app() {
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
    }

    @Test
    void ac_001_a_code_used_before_is_refused_like_a_wrong_one_and_the_log_says_why() {
        Enrolled anna = SERVER.enrolled("anna.replay");
        String code = anna.app().code();
        assertThat(Pages.isSignedIn(Pages.signedIn(SERVER, anna))).isTrue();

        TestBrowser second = SERVER.browser();
        TestBrowser.Reply replayed = second.signIn("anna.replay", TestServer.PASSWORD, code);
        TestBrowser third = SERVER.browser();
        TestBrowser.Reply wrong =
                third.signIn("anna.replay", TestServer.PASSWORD, anna.app().wrongCode());

        assertThat(replayed.location()).isEqualTo(wrong.location());
        assertThat(Pages.comparable(second.follow(replayed))).isEqualTo(Pages.comparable(third.follow(wrong)));
        assertThat(Pages.isSignedIn(second)).isFalse();
        assertThat(detailsOf(anna, "sign-in-refused")).anyMatch(details -> details.contains("REPLAYED_CODE"));
    }

    @Test
    void ac_002_one_code_submitted_fifty_times_at_once_succeeds_once() {
        Enrolled anna = SERVER.enrolled("anna.barrier");
        List<TestBrowser> browsers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            browsers.add(Pages.pastPassword(SERVER, anna.account()));
        }
        String code = anna.app().code();

        List<Callable<String>> posts = new ArrayList<>();
        browsers.forEach(browser ->
                posts.add(() -> browser.post("/sign-in/code", "code", code).location()));
        List<String> locations = Together.run(posts);

        assertThat(locations).filteredOn("/account"::equals).hasSize(1);
        assertThat(browsers.stream().filter(Pages::isSignedIn)).hasSize(1);
        assertThat(SERVER.count(
                        "SELECT count(*) FROM session WHERE account_id = ?",
                        anna.account().id().value()))
                .isEqualTo(1);
        assertThat(detailsOf(anna, "sign-in-completed")).hasSize(1);
    }

    @Test
    void ac_002_one_sign_in_answered_fifty_times_at_once_yields_one_session() {
        Enrolled anna = SERVER.enrolled("anna.double");
        TestBrowser browser = Pages.halfSignedIn(SERVER, "anna.double");
        String code = anna.app().code();

        List<Callable<String>> posts = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            TestBrowser copy = browser.fork();
            posts.add(() -> copy.post("/sign-in/code", "code", code).location());
        }

        assertThat(Together.run(posts)).filteredOn("/account"::equals).hasSize(1);
        assertThat(SERVER.count(
                        "SELECT count(*) FROM session WHERE account_id = ?",
                        anna.account().id().value()))
                .isEqualTo(1);
    }

    /** The doors that take a code of a registered app. */
    private enum Door {
        PORTAL {
            @Override
            Callable<Boolean> prepare(Enrolled person) {
                TestBrowser browser = Pages.pastPassword(SERVER, person.account());
                return () -> browser.post("/sign-in/code", "code", person.app().code())
                        .location()
                        .equals("/account");
            }
        },
        REST {
            @Override
            Callable<Boolean> prepare(Enrolled person) {
                RestClient client = new RestClient(SERVER);
                RestClient.Begun begun = Pages.pastPasswordOverRest(SERVER, person.account());
                return () -> client.code(begun, person.app().code()).status() == 200;
            }
        },
        STEP_UP {
            @Override
            Callable<Boolean> prepare(Enrolled person) {
                TestBrowser browser = Pages.signedIn(SERVER, person);
                SERVER.clock().advance(Duration.ofMinutes(6));
                browser.visit("/sign-in/confirm?to=/account");
                browser.post("/sign-in/password", "password", TestServer.PASSWORD);
                return () -> browser.post("/sign-in/code", "code", person.app().code())
                        .location()
                        .equals("/account");
            }
        };

        /** Goes up to where the code is asked for; the result types the code of the moment, and answers whether it was taken. */
        abstract Callable<Boolean> prepare(Enrolled person);
    }

    @Test
    void ac_004_a_code_taken_at_one_door_is_refused_at_every_other() throws Exception {
        Enrolled anna = SERVER.enrolled("anna.doors");
        for (Door first : Door.values()) {
            for (Door second : Door.values()) {
                SERVER.clock().advance(Duration.ofMinutes(1));
                Callable<Boolean> one = first.prepare(anna);
                SERVER.clock().advance(Duration.ofMinutes(1));
                Callable<Boolean> other = second.prepare(anna);
                SERVER.clock().advance(Duration.ofMinutes(1));
                assertThat(one.call()).as("%s takes a fresh code", first).isTrue();
                assertThat(other.call()).as("%s after %s", second, first).isFalse();
            }
        }
    }

    @Test
    void ac_005_an_older_code_is_refused_after_a_newer_one() {
        Enrolled anna = SERVER.enrolled("anna.older");
        String older = anna.app().code(Duration.ofSeconds(-30));
        Pages.signedIn(SERVER, anna);

        TestBrowser second = SERVER.browser();
        second.signIn("anna.older", TestServer.PASSWORD, older);
        assertThat(Pages.isSignedIn(second)).isFalse();
        assertThat(detailsOf(anna, "sign-in-refused")).anyMatch(details -> details.contains("REPLAYED_CODE"));
    }

    @Test
    void ac_007_the_code_that_confirmed_an_app_does_not_sign_in() {
        SERVER.person("anna.enrols");
        TestBrowser browser = SERVER.browser();
        browser.signIn("anna.enrols", TestServer.PASSWORD);
        browser.get("/account");
        TestAuthenticator app = Pages.enrol(SERVER, browser, browser.follow(browser.post("/account/app")));
        String used = app.code();
        browser.get("/account");
        browser.post("/sign-out");

        TestBrowser again = SERVER.browser();
        again.signIn("anna.enrols", TestServer.PASSWORD, used);
        assertThat(Pages.isSignedIn(again)).isFalse();
        again.post("/sign-in/code", "code", app.code(Duration.ofSeconds(30)));
        assertThat(Pages.isSignedIn(again)).as("the next code works").isTrue();
    }

    @Test
    void ac_008_a_secret_that_is_another_accounts_is_refused_and_takes_nothing_away() {
        Enrolled anna = SERVER.enrolled("anna.seed");
        SecretBytes secret = newApp(anna.account());
        Enrolled bea = SERVER.enrolled("bea.seed");

        assertThat(register(bea.account(), secret)).isFalse();
        assertThat(Pages.isSignedIn(Pages.signedIn(SERVER, bea)))
                .as("her own app still works")
                .isTrue();
    }

    @Test
    void ac_008_registering_the_same_secret_again_does_not_bring_its_used_codes_back() {
        Account anna = SERVER.enrolled("anna.again").account();
        SecretBytes secret = newApp(anna);
        TestAuthenticator app = new TestAuthenticator(secret.reveal(), SERVER.clock());
        SERVER.clock().advance(Duration.ofMinutes(1));
        String code = app.code();
        Pages.signedIn(SERVER, new Enrolled(anna, app, ""));

        SERVER.clock().advance(Duration.ofSeconds(-30));
        register(anna, secret);
        SERVER.clock().advance(Duration.ofSeconds(30));
        TestBrowser replay = Pages.pastPassword(SERVER, anna);
        replay.post("/sign-in/code", "code", code);
        assertThat(Pages.isSignedIn(replay)).isFalse();
    }

    private static SecretBytes newApp(Account account) {
        SecretBytes secret = SERVER.get(Apps.class).newSecret();
        assertThat(register(account, secret)).isTrue();
        return secret;
    }

    private static boolean register(Account account, SecretBytes secret) {
        Instant now = SERVER.clock().instant();
        Actor actor = Actor.person(account.id(), account.username());
        return SERVER.get(Database.class)
                .write(() -> SERVER.get(Apps.class)
                        .register(account, secret, Totp.DEFAULT.step(now), actor, Origin.SYSTEM, now));
    }

    @Test
    void ac_010_only_the_codes_of_one_step_around_now_are_taken() {
        Enrolled anna = SERVER.enrolled("anna.window");
        SERVER.clock().advance(Duration.ofMinutes(5));
        for (int steps : List.of(-3, -2, 2, 3)) {
            assertThat(isTaken(anna, steps)).as("%d steps away", steps).isFalse();
        }
        for (int steps : List.of(-1, 0, 1)) {
            assertThat(isTaken(anna, steps)).as("%d steps away", steps).isTrue();
        }
    }

    private static boolean isTaken(Enrolled person, int steps) {
        TestBrowser browser = Pages.pastPassword(SERVER, person.account());
        browser.post("/sign-in/code", "code", person.app().code(Duration.ofSeconds(30L * steps)));
        return Pages.isSignedIn(browser);
    }

    @Test
    void ac_013_turning_the_clock_back_brings_no_used_code_back() {
        Enrolled anna = SERVER.enrolled("anna.clock");
        SERVER.clock().advance(Duration.ofDays(2));
        Instant present = SERVER.clock().instant();
        String code = anna.app().code();
        Pages.signedIn(SERVER, anna);

        for (Duration back : List.of(Duration.ofSeconds(30), Duration.ofMinutes(5), Duration.ofHours(24))) {
            SERVER.clock().set(present.minus(back));
            TestBrowser past = Pages.pastPassword(SERVER, anna.account());
            past.post("/sign-in/code", "code", anna.app().code());
            assertThat(Pages.isSignedIn(past)).as("%s earlier", back).isFalse();
        }
        SERVER.clock().set(present);
        TestBrowser replay = Pages.pastPassword(SERVER, anna.account());
        replay.post("/sign-in/code", "code", code);
        assertThat(Pages.isSignedIn(replay)).as("the used code").isFalse();
        SERVER.clock().advance(Duration.ofSeconds(30));
        assertThat(Pages.isSignedIn(Pages.signedIn(SERVER, anna)))
                .as("the next code")
                .isTrue();
    }

    @Test
    void ac_013_turning_the_clock_back_lifts_no_lock() {
        Enrolled anna = SERVER.enrolled("anna.locked");
        TestBrowser browser = Pages.pastPassword(SERVER, anna.account());
        String wrong = anna.app().wrongCode();
        for (int i = 0; i < 5; i++) {
            browser.post("/sign-in/code", "code", wrong);
        }
        SERVER.clock().advance(Duration.ofMinutes(-5));
        assertThat(browser.post("/sign-in/code", "code", anna.app().code()).status())
                .isEqualTo(429);
        SERVER.clock().advance(Duration.ofMinutes(6));
        browser.post("/sign-in/code", "code", anna.app().code());
        assertThat(Pages.isSignedIn(browser)).as("the lock ended in its time").isTrue();
    }

    private static List<String> detailsOf(Enrolled person, String kind) {
        return SERVER.activityOf(person.account()).stream()
                .filter(entry -> entry.kind().equals(kind))
                .map(ActivityEntry::details)
                .toList();
    }

    @Test
    void inv_2_a_recovery_code_submitted_ten_times_at_once_works_once() {
        Enrolled anna = SERVER.enrolled("anna.recovery");
        List<Callable<String>> posts = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            TestBrowser browser = Pages.pastPassword(SERVER, anna.account());
            posts.add(() -> browser.post("/sign-in/recovery", "code", anna.recoveryCode())
                    .location());
        }
        List<String> locations = Together.run(posts);
        assertThat(locations).filteredOn("/sign-in/recovery-code"::equals).hasSize(1);
        assertThat(detailsOf(anna, "recovery-code-used")).hasSize(1);
    }
}
