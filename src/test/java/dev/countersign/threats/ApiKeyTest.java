package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Rules;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import dev.countersign.web.Access;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Catalogue O: API keys, and what REST demands of whoever calls it. */
class ApiKeyTest {
    private static final TestServer SERVER = TestServer.start();
    private static final String LIST = "/api/v1/api-keys";

    private final RestClient rest = new RestClient(SERVER);

    @BeforeEach
    void ask_everyone_who_has_an_app() {
        SERVER.policy(Rules.Mode.OPTIONAL);
        SERVER.clock().advance(Duration.ofHours(2));
    }

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private static void assertProblem(RestClient.Reply reply, int status, String type) {
        assertThat(reply.status()).as(reply.body().toString()).isEqualTo(status);
        assertThat(reply.text("type")).isEqualTo("https://countersign.dev/problems/" + type);
        assertThat(reply.header("Content-Type")).startsWith("application/problem+json");
        assertThat(reply.text("requestId")).matches("[a-z2-7]{26}");
        assertThat(reply.text("detail")).isNotBlank();
    }

    @Test
    void ac_208_a_key_opens_what_its_scopes_name_and_nothing_else() {
        Account ada = SERVER.person("ada.scopes", Role.ADMINISTRATOR);
        Keys.Key manages = Keys.of(SERVER, ada, "manage-api-keys");
        Keys.Key views = Keys.of(SERVER, ada, "view-people");
        assertThat(rest.get(LIST, manages.bearer()).status()).isEqualTo(200);
        RestClient.Reply refused = rest.get(LIST, views.bearer());
        assertProblem(refused, 403, "permission-missing");
        assertThat(refused.header("WWW-Authenticate"))
                .contains("error=\"insufficient_scope\"", "scope=\"manage-api-keys\"");
    }

    @Test
    void ac_208_outlived_revoked_misspelt_and_of_a_disabled_owner() {
        Account ada = SERVER.person("ada.life", Role.ADMINISTRATOR);
        Keys.Key revoked = Keys.of(SERVER, ada, "manage-api-keys");
        Keys.Key other = Keys.of(SERVER, ada, "manage-api-keys");
        assertThat(rest.delete(LIST + "/" + revoked.key().id(), other.bearer()).status())
                .isEqualTo(204);
        assertProblem(rest.get(LIST, revoked.bearer()), 401, "invalid-token");
        assertThat(rest.get(LIST, revoked.bearer()).header("WWW-Authenticate")).contains("error=\"invalid_token\"");
        assertProblem(rest.get(LIST, other.bearer() + "A"), 401, "invalid-token");
        assertProblem(
                rest.get(LIST, "Bearer " + other.secret().toUpperCase(java.util.Locale.ROOT)), 401, "invalid-token");
        Threats.disable(SERVER, ada);
        assertProblem(rest.get(LIST, other.bearer()), 401, "invalid-token");
        Keys.Key old = Keys.of(SERVER, SERVER.person("ada.old", Role.ADMINISTRATOR), "manage-api-keys");
        assertThat(rest.get(LIST, old.bearer()).status()).isEqualTo(200);
        SERVER.clock().advance(Duration.ofDays(30));
        assertProblem(rest.get(LIST, old.bearer()), 401, "invalid-token");
    }

    @Test
    void ac_208_a_key_does_no_more_than_its_owner_may_do_now() {
        Account ada = SERVER.person("ada.demoted", Role.ADMINISTRATOR);
        Keys.Key key = Keys.of(SERVER, ada, "manage-api-keys", "view-settings");
        assertThat(rest.get("/api/v1/entitlement", key.bearer()).status()).isEqualTo(200);
        SERVER.get(Accounts.class)
                .changeRole(
                        ada,
                        Role.AUDITOR,
                        Threats.ACTOR,
                        Origin.SYSTEM,
                        SERVER.clock().instant());
        assertProblem(rest.get(LIST, key.bearer()), 403, "permission-missing");
        assertThat(rest.get("/api/v1/entitlement", key.bearer()).status()).isEqualTo(200);
    }

    @Test
    void ac_208_nothing_but_the_bearer_header_carries_a_key() {
        Keys.Key key = Keys.of(SERVER, SERVER.person("ada.header", Role.ADMINISTRATOR), "manage-api-keys");
        for (String name : List.of("access_token", "api_key", "token", "key")) {
            assertProblem(rest.get(LIST + "?" + name + "=" + key.secret(), ""), 401, "not-authenticated");
        }
        String basic = Base64.getEncoder()
                .encodeToString((key.secret() + ":" + key.secret()).getBytes(StandardCharsets.UTF_8));
        assertProblem(rest.get(LIST, "Basic " + basic), 401, "not-authenticated");
        assertProblem(rest.get(LIST, key.secret()), 401, "not-authenticated");
        TestBrowser cookie = SERVER.browser();
        cookie.header("Cookie", "__Host-countersign=" + key.secret());
        assertThat(cookie.get(LIST).status()).isEqualTo(401);
    }

    @Test
    void ac_208_keys_lie_in_the_database_as_hashes_and_no_answer_shows_one_again() {
        Keys.Key key = Keys.of(SERVER, SERVER.person("ada.hash", Role.ADMINISTRATOR), "manage-api-keys");
        String random = key.secret().substring(4);
        assertThat(SERVER.count("SELECT count(*) FROM api_key WHERE token_hash LIKE ?", "%" + random + "%"))
                .isZero();
        assertThat(SERVER.count("SELECT count(*) FROM activity WHERE details LIKE ?", "%" + random + "%"))
                .isZero();
        RestClient.Reply list = rest.get(LIST, key.bearer());
        assertThat(list.body().toString())
                .doesNotContain(random)
                .contains(key.key().prefix());
    }

    @Test
    void ac_208_the_last_use_is_noted_about_once_a_minute() {
        Keys.Key key = Keys.of(SERVER, SERVER.person("ada.used", Role.ADMINISTRATOR), "manage-api-keys");
        String path = LIST + "/" + key.key().id();
        assertThat(rest.get(path, key.bearer()).text("lastUsedAt"))
                .isEqualTo(SERVER.clock().instant().toString());
        String first = SERVER.clock().instant().toString();
        SERVER.clock().advance(Duration.ofSeconds(59));
        assertThat(rest.get(path, key.bearer()).text("lastUsedAt")).isEqualTo(first);
        SERVER.clock().advance(Duration.ofSeconds(1));
        assertThat(rest.get(path, key.bearer()).text("lastUsedAt"))
                .isEqualTo(SERVER.clock().instant().toString());
        assertThat(rest.get(path, key.bearer()).text("lastUsedFrom")).isIn("127.0.0.1", "0:0:0:0:0:0:0:1", "::1");
    }

    @Test
    void ac_211_a_session_without_a_second_factor_administers_nothing() {
        SERVER.person("ada.password", Role.ADMINISTRATOR);
        SERVER.policy(Rules.Mode.OFF);
        String token = rest.begin("ada.password", TestServer.PASSWORD).text("session.token");
        assertThat(token).isNotEmpty();
        RestClient.Reply reply = rest.get(LIST, "Bearer " + token);
        assertProblem(reply, 401, "insufficient-user-authentication");
        assertThat(reply.header("WWW-Authenticate"))
                .contains(
                        "error=\"insufficient_user_authentication\"",
                        "acr_values=\"urn:countersign:acr:second-factor\"");
    }

    /** By the table of routes: a new one is covered on the day it is added. */
    @Test
    void ac_221_a_session_reads_at_rest_and_changes_nothing_without_a_fresh_second_factor() {
        Enrolled ada = SERVER.enrolled("ada.walks", Role.ADMINISTRATOR);
        String token = rest.signIn("ada.walks", ada.app().code());
        SERVER.clock().advance(Duration.ofMinutes(6));
        int walked = 0;
        for (Routes.Route route : Routes.of(SERVER)) {
            if (route.access().value() != Access.Level.API || route.methods().contains("GET")) {
                continue;
            }
            for (String method : route.methods()) {
                RestClient.Reply reply = rest.exchange(method, route.path(), "Bearer " + token, Map.of());
                assertThat(reply.status()).as(method + " " + route.path()).isEqualTo(401);
                assertThat(reply.header("WWW-Authenticate"))
                        .as(method + " " + route.path())
                        .contains("max_age=300");
                walked++;
            }
        }
        assertThat(walked).isGreaterThan(40);
        assertThat(rest.get("/api/v1/people", "Bearer " + token).status()).isEqualTo(200);
    }

    @Test
    void ac_211_making_a_key_needs_a_fresh_second_factor() {
        Enrolled ada = SERVER.enrolled("ada.fresh", Role.ADMINISTRATOR);
        String token = rest.signIn("ada.fresh", ada.app().code());
        Map<String, Object> wish = Map.of(
                "name",
                "deploy",
                "scopes",
                List.of("view-people"),
                "expiresAt",
                SERVER.clock().instant().plus(Duration.ofDays(90)).toString());
        RestClient.Reply made = rest.post(LIST, "Bearer " + token, wish);
        assertThat(made.status()).as(made.body().toString()).isEqualTo(201);
        assertThat(made.text("secret")).startsWith("csk_");
        SERVER.clock().advance(Duration.ofMinutes(6));
        assertThat(rest.get(LIST, "Bearer " + token).status()).isEqualTo(200);
        RestClient.Reply stale = rest.post(LIST, "Bearer " + token, wish);
        assertProblem(stale, 401, "insufficient-user-authentication");
        assertThat(stale.header("WWW-Authenticate")).contains("max_age=300");
        RestClient.Reply again = rest.post("/api/v1/session/sign-ins", "Bearer " + token, Map.of("place", "console"));
        assertThat(again.text("state")).isEqualTo("asked");
        RestClient.Begun begun = new RestClient.Begun(again.text("id"), again.text("token"));
        rest.answer(
                begun.id(), "Bearer " + begun.token(), Map.of("factor", "password", "password", TestServer.PASSWORD));
        String renewed = rest.code(begun, ada.app().code()).text("session.token");
        assertThat(rest.post(LIST, "Bearer " + renewed, wish).status()).isEqualTo(201);
    }

    @Test
    void ac_208_a_key_is_not_handed_more_than_its_maker_has() {
        Account ada = SERVER.person("ada.maker", Role.ADMINISTRATOR);
        Keys.Key key = Keys.of(SERVER, ada, "manage-api-keys");
        String soon = SERVER.clock().instant().plus(Duration.ofDays(1)).toString();
        String late = SERVER.clock().instant().plus(Duration.ofDays(60)).toString();
        assertProblem(
                rest.post(LIST, key.bearer(), Map.of("name", "x", "scopes", List.of("edit-people"), "expiresAt", soon)),
                422,
                "invalid-value");
        assertProblem(
                rest.post(LIST, key.bearer(), Map.of("name", "x", "scopes", List.of("operator"), "expiresAt", soon)),
                422,
                "invalid-value");
        assertProblem(
                rest.post(
                        LIST,
                        key.bearer(),
                        Map.of("name", "x", "scopes", List.of("manage-api-keys"), "expiresAt", late)),
                422,
                "invalid-value");
    }

    @Test
    void ac_209_a_key_of_another_environment_is_not_there() {
        Account ada = SERVER.person("ada.here", Role.ADMINISTRATOR);
        Keys.Key key = Keys.of(SERVER, ada, "manage-api-keys");
        for (String id : List.of("aaaaaaaaaaaaaaaaaaaaaaaaaa", "..%2f..", "A", "%27%20OR%201=1")) {
            assertThat(rest.get(LIST + "/" + id, key.bearer()).status()).as(id).isIn(400, 404);
            assertThat(rest.delete(LIST + "/" + id, key.bearer()).status())
                    .as(id)
                    .isIn(400, 404);
        }
    }

    @Test
    void only_the_operators_scope_opens_what_is_the_operators() {
        Account ada = SERVER.person("ada.operator", Role.ADMINISTRATOR);
        String path = "/api/v1/operator/environments/default/entitlement";
        String every = Keys.of(SERVER, ada, "manage-api-keys", "view-settings", "edit-system-settings")
                .bearer();
        assertProblem(rest.get(path, every), 403, "permission-missing");
        Keys.Key operator = Keys.of(SERVER, ada, "operator", "view-settings");
        RestClient.Reply set =
                rest.put(path, operator.bearer(), Map.of("features", List.of("required-mode"), "seats", 5));
        assertThat(set.status()).as(set.body().toString()).isEqualTo(200);
        assertThat(rest.get("/api/v1/entitlement", operator.bearer()).text("seats"))
                .isEqualTo("5");
        assertThat(rest.delete(path, operator.bearer()).status()).isEqualTo(204);
    }
}
