package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.Actor;
import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.directory.Username;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Permission;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Rules;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Which role may use which route of the console, written down once more, by hand: a route of the console without a row here,
 * or whose row says something else than the server does, fails.
 */
class ConsoleRolesTest {
    /** A administrator, S security administrator, H help desk, U auditor; a user never. */
    private static final String TABLE = """
            GET  /console                             ASHU
            GET  /console/people                      ASHU
            POST /console/people/choose               ASHU
            GET  /console/people/import               A
            POST /console/people/import               A
            GET  /console/people/import/{id}          A
            POST /console/people/import/{id}          A
            POST /console/people/import/{id}/discard  A
            GET  /console/people/export.csv           ASHU
            GET  /console/people/export.json          ASHU
            GET  /console/people/new                  A
            POST /console/people/new                  A
            GET  /console/people/{id}                 ASHU
            GET  /console/people/{id}/edit            A
            POST /console/people/{id}/edit            A
            GET  /console/people/{id}/role            A
            POST /console/people/{id}/role            A
            GET  /console/people/{id}/password        A
            POST /console/people/{id}/password        A
            GET  /console/people/{id}/replace-phone   AH
            POST /console/people/{id}/replace-phone   AH
            GET  /console/people/{id}/delete          A
            POST /console/people/{id}/delete          A
            POST /console/people/{id}/phone           AH
            POST /console/people/{id}/session         AH
            GET  /console/find/people                 ASHU
            GET  /console/find/groups                 ASHU
            GET  /console/jobs                        ASHU
            GET  /console/jobs/{id}                   ASHU
            POST /console/jobs/{id}/begin             ASHU
            POST /console/jobs/{id}/cancel            ASHU
            GET  /console/groups                      ASHU
            POST /console/groups                      A
            GET  /console/groups/export.csv           ASHU
            GET  /console/groups/import               A
            POST /console/groups/import               A
            GET  /console/groups/import/{id}          A
            POST /console/groups/import/{id}          A
            POST /console/groups/import/{id}/discard  A
            GET  /console/groups/{id}                 ASHU
            POST /console/groups/{id}/name            A
            POST /console/groups/{id}/role            A
            POST /console/groups/{id}/nest            A
            POST /console/groups/{id}/unnest          A
            GET  /console/groups/{id}/delete          A
            POST /console/groups/{id}/delete          A
            GET  /console/groups/{id}/add             A
            POST /console/groups/{id}/add             A
            POST /console/groups/{id}/remove          A
            GET  /console/activity                    ASU
            GET  /console/activity/export             ASU
            GET  /console/activity/live               ASU
            POST /console/activity/retention          AS
            POST /console/alerts/acknowledge          A
            GET  /console/api-keys                    A
            POST /console/api-keys                    A
            GET  /console/api-keys/new                A
            GET  /console/api-keys/revoke             A
            POST /console/api-keys/revoke             A
            GET  /console/mail                        ASU
            POST /console/mail                        AS
            GET  /console/mail/edit                   AS
            POST /console/mail/remove                 AS
            POST /console/mail/test                   AS
            POST /console/mail/retry                  AS
            POST /console/mail/delete                 AS
            GET  /console/readiness                   ASU
            POST /console/readiness                   AS
            GET  /console/readiness.csv               ASU
            GET  /console/readiness.json              ASU
            GET  /console/security                    ASU
            POST /console/security                    AS
            GET  /console/security/edit               AS
            POST /console/security/find               AS
            POST /console/security/confirm            AS
            GET  /console/security/history            ASU
            POST /console/security/history/{id}       AS
            GET  /console/security/approval           AS
            POST /console/security/approval           AS
            POST /console/security/approval/confirm   AS
            GET  /console/security/sessions           AS
            POST /console/security/sessions           AS
            GET  /console/security/start              ASU
            POST /console/security/start              AS
            POST /console/security/start/event        AS
            POST /console/security/start/move         AS
            POST /console/security/start/remove       AS
            """;

    private static final TestServer SERVER = TestServer.start();
    private static final Map<Role, TestBrowser> BROWSERS = new EnumMap<>(Role.class);

    @BeforeAll
    static void everyone_is_signed_in() {
        SERVER.policy(Rules.Mode.OPTIONAL);
        for (Role role : Role.values()) {
            TestBrowser browser = Pages.signedIn(SERVER, SERVER.enrolled("as-" + role.wireName(), role));
            browser.get("/account");
            BROWSERS.put(role, browser);
        }
    }

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private static final String NOBODY = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

    private record Row(String method, String path, String letters) {
        static Row of(String line) {
            String[] words = line.strip().split("\\s+", 3);
            return new Row(words[0], words[1], words[2]);
        }

        String route() {
            return method + " " + path;
        }

        Row with(String id) {
            return new Row(method, path.replace("{id}", id), letters);
        }
    }

    private static Stream<Row> rows() {
        return TABLE.lines().map(Row::of);
    }

    private static List<Routes.Route> routes() {
        return Routes.of(SERVER).stream()
                .filter(route -> route.path().equals("/console") || route.path().startsWith("/console/"))
                .toList();
    }

    private static String name(Routes.Route route) {
        return route.methods().iterator().next() + " " + route.path();
    }

    @Test
    void every_route_has_its_row_and_every_row_its_route() {
        Set<String> routes =
                new TreeSet<>(routes().stream().map(ConsoleRolesTest::name).toList());
        assertThat(routes)
                .isEqualTo(rows().map(row -> row.with(NOBODY).route()).collect(Collectors.toCollection(TreeSet::new)));
    }

    @Test
    void each_role_may_use_exactly_the_routes_of_its_rows() {
        rows().map(row -> row.with(NOBODY)).forEach(row -> {
            for (Role role : Role.values()) {
                TestBrowser browser = BROWSERS.get(role).fork();
                boolean allowed = row.letters().contains(letter(role));
                if (row.path().endsWith("/live") && allowed) {
                    continue; // an answer that does not end
                }
                int status = row.method().equals("GET")
                        ? browser.get(row.path()).status()
                        : browser.post(row.path(), "action", "nothing").status();
                assertThat(status == 403)
                        .as("%s as %s: %d", row.route(), role, status)
                        .isEqualTo(!allowed);
                assertThat(status).as("%s as %s", row.route(), role).isLessThan(500);
            }
        });
    }

    /** What takes no fresh second factor, and why; everything else that is sent does. */
    private static final String HARMLESS = """
            POST /console/people/choose              prepares: its page asks
            POST /console/people/import              prepares: its page asks
            POST /console/people/import/{id}         no such file here: ConsoleImportTest
            POST /console/people/import/{id}/discard takes nothing from anybody
            POST /console/groups/import              prepares: its page asks
            POST /console/groups/import/{id}         no such file here: ConsoleImportTest
            POST /console/groups/import/{id}/discard takes nothing from anybody
            POST /console/jobs/{id}/begin            no such work here: ConsolePeopleTest
            POST /console/jobs/{id}/cancel           does less
            POST /console/people/{id}/phone          prepares: its page asks
            POST /console/people/{id}/session        takes only a session away
            POST /console/groups                     an empty group gives nobody anything
            POST /console/groups/{id}/name           a name
            POST /console/groups/{id}/remove         prepares: its page asks
            POST /console/alerts/acknowledge         seen
            POST /console/mail/test                  goes to oneself
            POST /console/mail/retry                 sends what was to be sent
            POST /console/mail/delete                does less
            POST /console/readiness                  prepares: its page asks
            POST /console/security/find              looks
            POST /console/security/history/{id}      prepares: its page asks
            POST /console/api-keys/revoke            does less
            """;

    @Test
    void ac_221_what_changes_something_asks_for_a_fresh_second_factor() {
        Set<String> harmless =
                HARMLESS.lines().map(Row::of).map(Row::route).collect(Collectors.toCollection(TreeSet::new));
        TestServer.Enrolled old = SERVER.enrolled("stale", Role.ADMINISTRATOR);
        TestServer.Enrolled other = SERVER.enrolled("other", Role.USER);
        TestBrowser browser = Pages.signedIn(SERVER, old);
        String group = group(other);
        SERVER.clock().advance(Duration.ofMinutes(6));
        assertThat(browser.get("/console").status()).isEqualTo(200);
        Set<String> without = new TreeSet<>();
        rows().filter(row -> row.method().equals("POST")).forEach(row -> {
            String id = row.path().contains("/groups/")
                    ? group
                    : other.account().id().value();
            Row called = row.with(row.path().contains("/history/") ? "1" : id);
            TestBrowser.Reply reply = browser.fork().post(called.path(), typed(other));
            if (!reply.location().startsWith("/sign-in/confirm?to=")) {
                without.add(row.route());
            }
        });
        assertThat(without).isEqualTo(harmless);
    }

    /** One that gives a role. */
    private static String group(TestServer.Enrolled member) {
        Username name = ((Username.Parsed.Accepted) Username.parseGroupName("Deputies")).username();
        Groups groups = SERVER.get(Groups.class);
        Group group = groups.create(
                        SERVER.environment().id(),
                        name,
                        Actor.SYSTEM,
                        Origin.SYSTEM,
                        SERVER.clock().instant())
                .orElseThrow();
        groups.changeRole(
                SERVER.environment().id(),
                group,
                Optional.of(Role.AUDITOR),
                Actor.SYSTEM,
                Origin.SYSTEM,
                SERVER.clock().instant());
        assertThat(member.account().role()).isEqualTo(Role.USER);
        return group.id().value();
    }

    private static String[] typed(TestServer.Enrolled person) {
        return new String[] {
            "role",
            "auditor",
            "username",
            "someone.new",
            "displayName",
            "Someone",
            "email",
            "elsewhere@example.org",
            "password",
            "a long enough one",
            "do",
            "add",
            "id",
            person.account().id().value(),
            "child",
            "x",
            "name",
            "x",
            "days",
            "30",
            "idle",
            "60",
            "longest",
            "24",
            "host",
            "smtp.example.org",
            "event",
            "x"
        };
    }

    @Test
    void a_form_comes_back_as_it_was_typed_after_the_second_factor() {
        TestServer.Enrolled late = SERVER.enrolled("late", Role.ADMINISTRATOR);
        TestBrowser browser = Pages.signedIn(SERVER, late);
        SERVER.clock().advance(Duration.ofMinutes(6));
        browser.get("/console/people/new");
        String asked = browser.post(
                        "/console/people/new",
                        "username",
                        "anna.new",
                        "displayName",
                        "Anna & Co + 1",
                        "email",
                        "anna@example.org",
                        "role",
                        "help-desk")
                .location();
        String back = URLDecoder.decode(asked.replaceFirst("^/sign-in/confirm\\?to=", ""), StandardCharsets.UTF_8);
        assertThat(browser.get(back).body()).contains("anna.new", "Anna &amp; Co + 1", "anna@example.org");
        String page = "/console/people/" + late.account().id().value() + "/edit";
        assertThat(browser.get(page).body()).contains("late@");
        assertThat(browser.post(page, "username", "late", "displayName", "L.", "email", "other@example.org")
                        .location())
                .startsWith("/sign-in/confirm?to=")
                .contains("other%2540example.org");
        browser.get("/console/security/start");
        String start = browser.post(
                        "/console/security/start",
                        "event",
                        "contract signed",
                        "delayHours",
                        "48",
                        "scope",
                        "SELECTED",
                        "groups",
                        "")
                .location();
        String form = URLDecoder.decode(start.replaceFirst("^/sign-in/confirm\\?to=", ""), StandardCharsets.UTF_8);
        assertThat(browser.get(form).body()).contains("contract signed", "48");
        String tooLong = browser.fork()
                .post("/console/security/start", "event", "e".repeat(600), "delayHours", "48")
                .location();
        assertThat(tooLong)
                .as("the form without what was typed, not the start page")
                .endsWith("?to=/console/security/start");
    }

    @Test
    void a_change_of_a_group_comes_back_to_it_after_the_second_factor() {
        TestServer.Enrolled late = SERVER.enrolled("late-for-a-group", Role.ADMINISTRATOR);
        TestBrowser browser = Pages.signedIn(SERVER, late);
        SERVER.clock().advance(Duration.ofMinutes(6));
        browser.get("/console/groups");
        String id = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
        for (String change : List.of("/role", "/nest", "/unnest", "/delete")) {
            String page = "/console/groups/" + id + (change.equals("/delete") ? change : "");
            assertThat(browser.fork().post("/console/groups/" + id + change).location())
                    .isEqualTo("/sign-in/confirm?to=" + page);
        }
    }

    @Test
    void bulk_actions_are_prepared_only_by_whom_they_are_for() {
        Map<String, String> actions = Map.of(
                "reset", "AH",
                "unlock", "AH",
                "end-sessions", "AH",
                "require", "AS",
                "exempt", "AS",
                "end-exemption", "AS",
                "remind", "ASH",
                "invite", "ASH",
                "disable", "A",
                "add-to-group", "A");
        actions.forEach((action, letters) -> {
            for (Role role : Role.values()) {
                int status = BROWSERS.get(role)
                        .fork()
                        .post("/console/people/choose", "action", action, "id", "aaaa")
                        .status();
                assertThat(status == 403)
                        .as("%s as %s: %d", action, role, status)
                        .isEqualTo(!letters.contains(letter(role)));
            }
        });
    }

    @Test
    void nobody_sees_a_button_they_may_not_press() {
        String anna = SERVER.person("anna").id().value();
        Map<Role, List<String>> hidden = Map.of(
                Role.HELP_DESK, List.of("/delete", "/password", "/role", "value=\"disable\"", "value=\"exempt\""),
                Role.SECURITY_ADMINISTRATOR, List.of("/delete", "value=\"reset\"", "/replace-phone"),
                Role.AUDITOR, List.of("/delete", "value=\"reset\"", "/replace-phone", "name=\"action\""));
        hidden.forEach((role, buttons) -> assertThat(
                        BROWSERS.get(role).fork().get("/console/people/" + anna).body())
                .as("%s", role)
                .doesNotContain(buttons));
        assertThat(BROWSERS.get(Role.ADMINISTRATOR)
                        .fork()
                        .get("/console/people/" + anna)
                        .body())
                .contains("/delete", "/password", "value=\"reset\"", "/replace-phone", "value=\"exempt\"");
    }

    private static String letter(Role role) {
        return switch (role) {
            case ADMINISTRATOR -> "A";
            case SECURITY_ADMINISTRATOR -> "S";
            case HELP_DESK -> "H";
            case AUDITOR -> "U";
            case USER -> "-";
        };
    }

    @Test
    void roles_hold_the_permissions_the_rows_are_made_from() {
        assertThat(Role.HELP_DESK.permissions())
                .containsExactlyInAnyOrder(Permission.VIEW_PEOPLE, Permission.RESET_FACTORS);
    }
}
