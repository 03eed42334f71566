package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.Actor;
import dev.countersign.apikey.ApiKeys;
import dev.countersign.configuration.SettingKey;
import dev.countersign.directory.Account;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.kernel.StartFailure;
import dev.countersign.policy.Rules;
import dev.countersign.session.Session;
import dev.countersign.session.Sessions;
import dev.countersign.setup.SetupLinks;
import dev.countersign.signin.AccountActions;
import dev.countersign.support.Crowd;
import dev.countersign.support.TcpLink;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestInstallation;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import dev.countersign.vault.KeyFile;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Three servers on one PostgreSQL: what is used at one is used at all, and what is taken back at one is gone at all.
 * {@code -Dcountersign.long=true} does each race 200 times.
 */
class NodesTest {
    private static final int ROUNDS = Boolean.getBoolean("countersign.long") ? 200 : 8;
    private static final String GATE = "/api/authz/forward-auth";
    private static final Duration TWO_SECONDS = Duration.ofSeconds(2);
    private static final Actor ACTOR = new Actor(Optional.empty(), "test");

    private static final Map<SettingKey, String> SETTINGS = Map.of(
            SettingKey.DATABASE_URL,
            TestInstallation.newPostgresqlDatabase(),
            SettingKey.DATABASE_USER,
            "postgres",
            SettingKey.TRUSTED_PROXIES,
            "127.0.0.1");

    private static final TestServer FIRST = TestServer.start(SETTINGS);
    private static final TestServer SECOND = FIRST.node();
    private static final TestServer THIRD = FIRST.node();
    private static final List<TestServer> ALL = List.of(FIRST, SECOND, THIRD);

    private static int people;

    @AfterAll
    static void stop() {
        ALL.reversed().forEach(TestServer::close);
    }

    @BeforeEach
    void ask_everyone_who_has_an_app() {
        FIRST.policy(Rules.Mode.OPTIONAL);
        FIRST.clock().advance(Duration.ofHours(2));
    }

    private static Enrolled someone() {
        people++;
        return FIRST.enrolled("node." + people);
    }

    private static long sessions(Account account) {
        return FIRST.count(
                "SELECT count(*) FROM session WHERE account_id = ?",
                account.id().value());
    }

    private static long logged(Account account, String kind) {
        return FIRST.activityOf(account).stream()
                .filter(entry -> entry.kind().equals(kind))
                .count();
    }

    // ---- what works once

    /** Two sign-ins at each server send the same answer at the same moment. */
    private static void sendEverywhere(Enrolled person, String path, String code) throws Exception {
        ConcurrentLinkedQueue<TestBrowser> browsers = new ConcurrentLinkedQueue<>();
        for (TestServer node : ALL) {
            browsers.add(Pages.pastPassword(node, person.account()));
            browsers.add(Pages.pastPassword(node, person.account()));
        }
        Crowd.together(browsers.size(), () -> browsers.remove().post(path, "code", code));
    }

    @Test
    void inv_1_a_code_is_accepted_by_one_server_once() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Enrolled person = someone();
            sendEverywhere(person, "/sign-in/code", person.app().code());
            assertThat(sessions(person.account())).isEqualTo(1);
        }
    }

    @Test
    void a_recovery_code_is_accepted_by_one_server_once() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Enrolled person = someone();
            sendEverywhere(person, "/sign-in/recovery", person.recoveryCode());
            assertThat(logged(person.account(), "recovery-code-used")).isEqualTo(1);
        }
    }

    @Test
    void inv_2_a_sign_in_ends_in_one_session_whichever_server_is_asked() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Enrolled person = someone();
            TestBrowser one = Pages.pastPassword(FIRST, person.account());
            ConcurrentLinkedQueue<TestBrowser> copies = new ConcurrentLinkedQueue<>();
            for (TestServer node : ALL) {
                copies.add(one.fork().at(node.url()));
                copies.add(one.fork().at(node.url()));
            }
            Crowd.together(
                    copies.size(),
                    () -> copies.remove()
                            .post("/sign-in/code", "code", person.app().code()));
            assertThat(sessions(person.account())).isEqualTo(1);
        }
    }

    // ---- guesses

    @Test
    void ac_020_of_many_guesses_at_all_servers_at_once_five_are_looked_at() throws Exception {
        Enrolled person = someone();
        List<Callable<Integer>> guesses = new ArrayList<>();
        CountDownLatch spent = new CountDownLatch(5);
        for (int i = 0; i < 60; i++) {
            TestServer node = ALL.get(i % ALL.size());
            TestBrowser browser = Pages.pastPassword(node, person.account());
            boolean right = i == 45;
            guesses.add(() -> {
                if (right) {
                    spent.await();
                }
                String code = right ? person.app().code() : person.app().wrongCode();
                int status = browser.post("/sign-in/code", "code", code).status();
                spent.countDown();
                return status;
            });
        }
        List<Integer> statuses = Together.run(guesses);
        assertThat(statuses.get(45)).as("the right code").isEqualTo(429);
        assertThat(statuses).filteredOn(status -> status != 429).hasSizeLessThanOrEqualTo(5);
        assertThat(sessions(person.account())).isZero();
    }

    @Test
    void ac_026_what_was_guessed_at_one_server_counts_at_the_next() {
        Enrolled person = someone();
        TestServer fourth = FIRST.node();
        TestBrowser browser = Pages.pastPassword(fourth, person.account());
        for (int i = 0; i < 4; i++) {
            browser.post("/sign-in/code", "code", person.app().wrongCode());
        }
        fourth.close();
        TestBrowser again = Pages.pastPassword(SECOND, person.account());
        assertThat(again.post("/sign-in/code", "code", person.app().wrongCode()).status())
                .isEqualTo(303);
        assertThat(again.post("/sign-in/code", "code", person.app().code()).status())
                .isEqualTo(429);
    }

    // ---- what is taken back

    /** Signed in, and known at every gate. */
    private static TestBrowser knownEverywhere(Enrolled person) {
        TestBrowser browser = Pages.signedIn(FIRST, person);
        for (TestServer node : ALL) {
            assertThat(gate(browser, node)).isEqualTo(200);
        }
        return browser;
    }

    private static int gate(TestBrowser browser, TestServer node) {
        return browser.fork().at(node.url()).get(GATE).status();
    }

    /** How long it takes until no gate lets the browser through; the clock of the sessions stands still meanwhile. */
    private static Duration untilRefused(TestBrowser browser) {
        long start = System.nanoTime();
        for (TestServer node : ALL) {
            while (gate(browser, node) == 200) {
                assertThat(Duration.ofNanos(System.nanoTime() - start))
                        .as("refused at every server")
                        .isLessThan(TWO_SECONDS);
            }
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @Test
    void ac_061_whatever_takes_a_session_back_at_one_server_is_effective_at_all_within_two_seconds() {
        AccountActions actions = SECOND.get(AccountActions.class);
        List<java.util.function.BiConsumer<Account, Session>> changes = List.of(
                (account, session) -> SECOND.get(Sessions.class)
                        .end(
                                account.environment(),
                                account.id(),
                                session.id(),
                                ActivityEvent.EndReason.ENDED_BY_OWNER,
                                ACTOR,
                                Origin.SYSTEM,
                                SECOND.clock().instant()),
                (account, session) -> actions.endSessions(
                        account, ACTOR, Origin.SYSTEM, SECOND.clock().instant()),
                (account, session) -> actions.disable(
                        account, ACTOR, Origin.SYSTEM, SECOND.clock().instant()),
                (account, session) -> actions.resetSecondFactor(
                        account, ACTOR, Origin.SYSTEM, SECOND.clock().instant()),
                (account, session) -> actions.delete(
                        account, ACTOR, Origin.SYSTEM, SECOND.clock().instant()));
        for (var change : changes) {
            Enrolled person = someone();
            TestBrowser browser = knownEverywhere(person);
            Session session = FIRST.get(Sessions.class)
                    .liveOf(person.account().id(), FIRST.clock().instant())
                    .getFirst();
            change.accept(person.account(), session);
            assertThat(untilRefused(browser)).isLessThan(TWO_SECONDS);
        }
    }

    @Test
    void ac_050_a_rule_that_is_switched_on_at_one_server_holds_at_all_within_two_seconds() {
        FIRST.policy(Rules.Mode.OFF);
        people++;
        Account account = FIRST.person("node." + people);
        TestBrowser browser = FIRST.browser();
        assertThat(browser.signIn(account.username(), TestServer.PASSWORD).location())
                .isEqualTo("/account");
        for (TestServer node : ALL) {
            assertThat(gate(browser, node)).isEqualTo(200);
        }
        SECOND.policy(Rules.Mode.REQUIRED);
        assertThat(untilRefused(browser)).isLessThan(TWO_SECONDS);
    }

    @Test
    void ac_208_a_key_that_is_revoked_or_loses_its_owner_at_one_server_opens_nothing_at_the_others_after_two_seconds() {
        Account owner = FIRST.person("node.keys", Role.ADMINISTRATOR);
        Keys.Key revoked = Keys.of(FIRST, owner, "view-people");
        Keys.Key orphan = Keys.of(FIRST, owner, "view-people");
        assertThat(untilKeyRefused(
                        revoked,
                        () -> SECOND.get(ApiKeys.class)
                                .revoke(
                                        owner.environment(),
                                        revoked.key().id(),
                                        ACTOR,
                                        Origin.SYSTEM,
                                        SECOND.clock().instant())))
                .isLessThan(TWO_SECONDS);
        assertThat(untilKeyRefused(
                        orphan,
                        () -> SECOND.get(AccountActions.class)
                                .disable(
                                        owner,
                                        ACTOR,
                                        Origin.SYSTEM,
                                        SECOND.clock().instant())))
                .isLessThan(TWO_SECONDS);
    }

    /** How long after the change no server answers this key any more; all have used it just before. */
    private static Duration untilKeyRefused(Keys.Key key, Runnable change) {
        for (TestServer node : ALL) {
            assertThat(people(node, key)).isEqualTo(200);
        }
        change.run();
        long start = System.nanoTime();
        for (TestServer node : ALL) {
            while (people(node, key) != 401) {
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(TWO_SECONDS);
            }
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static int people(TestServer node, Keys.Key key) {
        return new RestClient(node).get("/api/v1/people", key.bearer()).status();
    }

    @Test
    void ac_232_ac_233_a_server_that_is_cut_off_from_the_database_lets_nobody_through_and_recovers() {
        URI database = URI.create(SETTINGS.get(SettingKey.DATABASE_URL).substring("jdbc:".length()));
        try (TcpLink link = new TcpLink(database.getPort());
                TestServer cut = FIRST.node(Map.of(
                        SettingKey.DATABASE_URL,
                        SETTINGS.get(SettingKey.DATABASE_URL).replace(":" + database.getPort(), ":" + link.port())))) {
            Enrolled person = someone();
            Enrolled other = someone();
            TestBrowser ended = Pages.signedIn(FIRST, person);
            TestBrowser stays = Pages.signedIn(FIRST, other);
            assertThat(gate(ended, cut)).isEqualTo(200);
            assertThat(gate(stays, cut)).isEqualTo(200);

            TestBrowser administers = Pages.signedIn(FIRST, FIRST.enrolled("node.cut.admin", Role.ADMINISTRATOR));
            assertThat(administers.fork().at(cut.url()).get("/console").status())
                    .isEqualTo(200);
            TestBrowser types = cut.browser();
            types.get("/sign-in");

            link.freeze();
            FIRST.get(AccountActions.class)
                    .endSessions(
                            person.account(),
                            ACTOR,
                            Origin.SYSTEM,
                            FIRST.clock().instant());
            // Two seconds and no more: nothing that the server keeps ages so far.
            FIRST.clock().advance(Duration.ofMillis(2_001));
            for (TestBrowser browser : List.of(ended, stays)) {
                TestBrowser.Reply reply = browser.fork().at(cut.url()).get(GATE);
                assertThat(reply.status()).isEqualTo(503);
                assertThat(reply.headers("Remote-User")).containsExactly("");
            }

            List<Callable<Integer>> others = List.of(
                    () -> types.post(
                                    "/sign-in", "username", other.account().username(), "password", TestServer.PASSWORD)
                            .status(),
                    () -> stays.fork().at(cut.url()).get("/account").status(),
                    () -> administers.fork().at(cut.url()).get("/console").status(),
                    () -> new RestClient(cut)
                            .begin(other.account().username(), TestServer.PASSWORD)
                            .status());
            assertThat(Together.run(others))
                    .as("sign-in, account, console, REST")
                    .containsOnly(503);

            link.thaw();
            long start = System.nanoTime();
            while (gate(stays, cut) != 200) {
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
            }
            assertThat(gate(ended, cut)).isIn(302, 401);
        }
    }

    // ---- starting

    @Test
    void two_servers_that_start_at_the_same_moment_on_an_empty_database_both_serve_and_one_makes_the_administrator()
            throws Exception {
        Path keys = TestInstallation.newDirectory().resolve("countersign.keys");
        KeyFile.create(keys, TestInstallation.NOW);
        Map<SettingKey, String> settings = Map.of(
                SettingKey.DATABASE_URL,
                TestInstallation.newPostgresqlDatabase(),
                SettingKey.DATABASE_USER,
                "postgres",
                SettingKey.KEY_FILE,
                keys.toString());
        List<TestServer> both = Crowd.together(2, () -> TestServer.start(settings));
        try {
            ConcurrentLinkedQueue<TestServer> nodes = new ConcurrentLinkedQueue<>(both);
            List<TestBrowser.Reply> made = Crowd.together(2, () -> makeAdministrator(nodes.remove()));
            assertThat(made).hasSize(2);
            assertThat(both.getFirst().count("SELECT count(*) FROM account WHERE role = 'ADMINISTRATOR'"))
                    .isEqualTo(1);
            for (TestServer node : both) {
                assertThat(node.browser().get("/sign-in").status()).isEqualTo(200);
            }
        } finally {
            both.forEach(TestServer::close);
        }
        Path others = TestInstallation.newDirectory().resolve("countersign.keys");
        KeyFile.create(others, TestInstallation.NOW);
        java.util.EnumMap<SettingKey, String> wrong = new java.util.EnumMap<>(settings);
        wrong.put(SettingKey.KEY_FILE, others.toString());
        assertThatThrownBy(() -> TestServer.start(wrong))
                .isInstanceOfSatisfying(
                        StartFailure.class,
                        failure -> assertThat(failure.kind()).isEqualTo(StartFailure.Kind.KEY_FILE))
                .hasMessageContaining("does not belong to this database");
    }

    private static TestBrowser.Reply makeAdministrator(TestServer node) {
        var link = node.get(SetupLinks.class)
                .issue(node.environment(), node.clock().instant());
        TestBrowser browser = node.browser();
        String token = link.map(one -> one.reveal()).orElse("");
        browser.get("/setup?token=" + token);
        return browser.post(
                "/setup",
                "token",
                token,
                "username",
                "ada." + node.port(),
                "displayName",
                "Ada",
                "email",
                "ada@northwind.example",
                "password",
                TestServer.PASSWORD,
                "again",
                TestServer.PASSWORD);
    }
}
