package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.kernel.Permission;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Rules;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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

    private static Map<String, String> table() {
        Map<String, String> rows = new LinkedHashMap<>();
        TABLE.lines().forEach(line -> {
            String[] words = line.strip().split("\\s+", -1);
            rows.put(words[0] + " " + words[1].replace("{id}", "aaaaaaaaaaaaaaaaaaaaaaaaaa"), words[2]);
        });
        return rows;
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
        assertThat(routes).isEqualTo(new TreeSet<>(table().keySet()));
    }

    @Test
    void each_role_may_use_exactly_the_routes_of_its_rows() {
        table().forEach((route, letters) -> {
            for (Role role : Role.values()) {
                String[] words = route.split(" ", -1);
                TestBrowser browser = BROWSERS.get(role).fork();
                if (route.endsWith("/live") && letters.contains(letter(role))) {
                    continue; // an answer that does not end
                }
                int status = words[0].equals("GET")
                        ? browser.get(words[1]).status()
                        : browser.post(words[1], "action", "nothing").status();
                boolean allowed = letters.contains(letter(role));
                assertThat(status == 403)
                        .as("%s as %s: %d", route, role, status)
                        .isEqualTo(!allowed);
                assertThat(status).as("%s as %s", route, role).isLessThan(500);
            }
        });
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
