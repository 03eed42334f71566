package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.ActivityEntry;
import dev.countersign.activity.ActivityLog;
import dev.countersign.directory.Account;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.setup.SetupLinks;
import dev.countersign.store.Database;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import dev.countersign.vault.Token;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Catalogue P: set-up, the console, and what helpers and administrators may do to each other. */
class PrivilegeTest {
    private static final TestServer SERVER = TestServer.start();

    @BeforeEach
    void ask_everyone_who_has_an_app() {
        SERVER.policy(Rules.Mode.OPTIONAL);
    }

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private static TestBrowser signedIn(Enrolled person) {
        TestBrowser browser = Pages.signedIn(SERVER, person);
        browser.get("/account");
        return browser;
    }

    private static long apps(Account account) {
        return SERVER.count(
                "SELECT count(*) FROM totp WHERE account_id = ?", account.id().value());
    }

    @Test
    void ac_217_ac_221_changing_what_everyone_must_show_needs_a_fresh_second_factor_and_loses_nothing_typed() {
        Enrolled selma = SERVER.enrolled("selma.stale", Role.SECURITY_ADMINISTRATOR);
        TestBrowser browser = signedIn(selma);
        browser.get("/console/security/edit");
        SERVER.clock().advance(Duration.ofMinutes(6));
        for (String path : List.of("/console/security", "/console/security/confirm")) {
            TestBrowser.Reply reply =
                    browser.post(path, "mode", "REQUIRED", "scope", "EVERYONE", "style", "ONE_PAGE", "version", "1");
            assertThat(URLDecoder.decode(reply.location(), StandardCharsets.UTF_8))
                    .as(path)
                    .startsWith("/sign-in/confirm?to=/console/security/edit?")
                    .contains("mode=REQUIRED", "style=ONE_PAGE");
        }
        assertThat(SERVER.get(Policies.class).rules(SERVER.environment().id()).mode())
                .isEqualTo(Rules.Mode.OPTIONAL);
        assertThat(browser.get("/console/security/edit?mode=REQUIRED&scope=EVERYONE&style=ONE_PAGE")
                        .body())
                .containsPattern("value=\"REQUIRED\"[^>]*checked")
                .containsPattern("value=\"ONE_PAGE\"[^>]*checked");
    }

    @Test
    void ac_214_nobody_resets_someone_with_more_rights_alone_or_among_others() {
        Enrolled help = SERVER.enrolled("help.desk", Role.HELP_DESK);
        Enrolled ada = SERVER.enrolled("ada.target", Role.ADMINISTRATOR);
        Enrolled auditor = SERVER.enrolled("auditor.target", Role.AUDITOR);
        Enrolled anna = SERVER.enrolled("anna.target");
        TestBrowser browser = signedIn(help);
        for (Account above : List.of(ada.account(), auditor.account())) {
            browser.get("/console/people");
            TestBrowser.Reply prepared = browser.post(
                    "/console/people/choose",
                    "action",
                    "reset",
                    "id",
                    anna.account().id().value(),
                    "id",
                    above.id().value());
            assertThat(browser.get(prepared.location()).body())
                    .as("says who is left out")
                    .contains("1 person who may do more than you");
            TestBrowser.Reply done = browser.post(prepared.location() + "/begin");
            assertThat(browser.get(done.location()).body()).contains("someone who may do more than you");
            assertThat(apps(above)).as(above.username()).isEqualTo(1);
            for (String path : List.of("replace-phone", "delete", "password", "role", "edit")) {
                String page = "/console/people/" + above.id().value() + "/" + path;
                assertThat(browser.fork().get(page).status()).as(path).isEqualTo(403);
                assertThat(browser.fork()
                                .post(page, "role", "user", "password", "a long enough one")
                                .status())
                        .as(path)
                        .isEqualTo(403);
            }
        }
        assertThat(apps(anna.account())).isZero();
    }

    @Test
    void ac_215_the_help_desk_changes_neither_policy_nor_itself() {
        Enrolled help = SERVER.enrolled("help.policy", Role.HELP_DESK);
        TestBrowser browser = signedIn(help);
        long version =
                SERVER.get(Policies.class).rules(SERVER.environment().id()).version();
        for (String path : List.of("/console/security", "/console/security/confirm")) {
            TestBrowser.Reply reply = browser.fork()
                    .post(
                            path,
                            "mode",
                            "OFF",
                            "style",
                            "ONE_PAGE",
                            "version",
                            Long.toString(version),
                            "role",
                            "administrator");
            assertThat(reply.status()).as(path).isEqualTo(403);
        }
        assertThat(SERVER.get(Policies.class).rules(SERVER.environment().id()).version())
                .isEqualTo(version);
    }

    @Test
    void ac_218_no_page_of_the_console_holds_a_secret_or_a_session() {
        Enrolled anna = SERVER.enrolled("anna.secret");
        TestBrowser annas = Pages.signedIn(SERVER, anna);
        TestBrowser ada = signedIn(SERVER.enrolled("ada.secrets", Role.ADMINISTRATOR));
        String session = annas.cookie(Pages.SESSION).orElseThrow();
        for (String path : List.of(
                "/console/people?q=anna.secret",
                "/console/people/" + anna.account().id().value(),
                "/console/people/export.csv",
                "/console/people/export.json",
                "/console/security",
                "/console/security/edit")) {
            String page = ada.get(path).body();
            assertThat(page).as(path).doesNotContain(session, anna.recoveryCode(), "$argon2id", "secret=");
        }
    }

    @Test
    void ac_220_a_new_installation_has_no_account_and_no_open_set_up() {
        try (TestServer fresh = TestServer.start()) {
            assertThat(fresh.count("SELECT count(*) FROM account")).isZero();
            assertThat(fresh.count("SELECT count(*) FROM session")).isZero();
            for (String token : List.of("", "?token=", "?token=" + "A".repeat(43), "?token=%00", "?token=admin")) {
                assertThat(fresh.browser().get("/setup" + token).status())
                        .as(token)
                        .isIn(400, 404);
            }
            Token token = fresh.get(SetupLinks.class)
                    .issue(fresh.environment(), fresh.clock().instant())
                    .orElseThrow();
            assertThat(administratorsOfARace(fresh, token)).isEqualTo(1);
            assertThat(fresh.browser().get("/setup?token=" + token.reveal()).status())
                    .isEqualTo(404);
            assertThat(fresh.get(SetupLinks.class)
                            .issue(fresh.environment(), fresh.clock().instant()))
                    .isEmpty();
        }
    }

    /** Six people use the link at once; answers how many administrators there are then. */
    private static long administratorsOfARace(TestServer fresh, Token token) {
        List<Callable<Integer>> attempts = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            TestBrowser browser = fresh.browser();
            browser.get("/setup?token=" + token.reveal());
            String name = "admin" + i;
            attempts.add(() -> browser.post(
                            "/setup",
                            "token",
                            token.reveal(),
                            "username",
                            name,
                            "displayName",
                            name,
                            "email",
                            name + "@northwind.example",
                            "password",
                            "an administrators password",
                            "again",
                            "an administrators password")
                    .status());
        }
        assertThat(Together.run(attempts)).filteredOn(status -> status == 303).hasSize(1);
        return fresh.count("SELECT count(*) FROM account WHERE role = 'ADMINISTRATOR'");
    }

    @Test
    void ac_220_a_set_up_link_ends_after_an_hour() {
        try (TestServer fresh = TestServer.start()) {
            Token token = fresh.get(SetupLinks.class)
                    .issue(fresh.environment(), fresh.clock().instant())
                    .orElseThrow();
            assertThat(fresh.browser().get("/setup?token=" + token.reveal()).status())
                    .isEqualTo(200);
            fresh.clock().advance(Duration.ofHours(1));
            assertThat(fresh.browser().get("/setup?token=" + token.reveal()).status())
                    .isEqualTo(404);
        }
    }

    @Test
    void ac_221_the_console_wants_a_second_factor_whatever_the_policy() {
        SERVER.policy(Rules.Mode.OFF);
        SERVER.person("ada.fresh", Role.ADMINISTRATOR);
        TestBrowser browser = SERVER.browser();
        browser.signIn("ada.fresh", TestServer.PASSWORD);
        assertThat(Pages.isSignedIn(browser)).isTrue();
        assertThat(browser.get("/console/people").location()).isEqualTo("/sign-in/confirm?to=/console/people");
        assertThat(browser.visit("/console/people").body()).contains("secret=");
        browser.get("/account");
        assertThat(browser.post("/console/people/choose", "action", "reset", "id", "x")
                        .location())
                .startsWith("/sign-in/confirm");
        String token =
                new RestClient(SERVER).begin("ada.fresh", TestServer.PASSWORD).text("session.token");
        TestBrowser bearer = SERVER.browser().header("Authorization", "Bearer " + token);
        assertThat(bearer.get("/console/people").status()).isEqualTo(303);
    }

    @Test
    void ac_223_every_session_has_its_line_in_the_log() {
        Enrolled anna = SERVER.enrolled("anna.traced");
        signedIn(anna);
        SERVER.clock().advance(Duration.ofMinutes(1));
        RestClient.Begun begun = Pages.pastPasswordOverRest(SERVER, anna.account());
        new RestClient(SERVER).code(begun, anna.app().code());
        SERVER.person("bea.traced");
        SERVER.browser().signIn("bea.traced", TestServer.PASSWORD);

        List<ActivityEntry> completed = SERVER
                .get(ActivityLog.class)
                .newest(SERVER.environment().id(), 10_000)
                .stream()
                .filter(entry -> entry.kind().equals("sign-in-completed"))
                .toList();
        List<String> sessions = SERVER.get(Database.class)
                .sql()
                .sql("SELECT id FROM session")
                .query(String.class)
                .list();
        assertThat(sessions)
                .hasSizeGreaterThanOrEqualTo(3)
                .allSatisfy(id -> assertThat(completed)
                        .filteredOn(entry -> entry.details().contains("\"" + id + "\""))
                        .hasSize(1));
        assertThat(completed).allSatisfy(entry -> {
            assertThat(entry.account()).isPresent();
            assertThat(entry.actorName()).isNotBlank();
            assertThat(entry.origin().address()).isNotBlank();
            assertThat(entry.origin().requestId()).matches("[a-z2-7]{26}");
            assertThat(entry.origin().door()).isIn("portal", "api", "console", "setup");
        });
    }

    @Test
    void ac_223_resets_and_policy_changes_name_their_actor() {
        Enrolled ada = SERVER.enrolled("ada.acts", Role.ADMINISTRATOR);
        Enrolled anna = SERVER.enrolled("anna.reset");
        TestBrowser browser = signedIn(ada);
        String job = browser.post(
                        "/console/people/choose",
                        "action",
                        "reset",
                        "id",
                        anna.account().id().value())
                .location();
        browser.get(job);
        browser.post(job + "/begin");
        assertThat(SERVER.activityOf(anna.account()))
                .filteredOn(entry -> entry.kind().equals("two-factor-reset"))
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.actorName()).isEqualTo("ada.acts");
                    assertThat(entry.origin().door()).isEqualTo("console");
                    assertThat(entry.origin().requestId()).matches("[a-z2-7]{26}");
                });
    }
}
