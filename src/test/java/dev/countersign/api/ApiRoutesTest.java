package dev.countersign.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.Actor;
import dev.countersign.apikey.ApiKeys;
import dev.countersign.apikey.Scopes;
import dev.countersign.directory.Account;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.support.TestServer;
import dev.countersign.vault.SecretText;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every route of REST, called by everybody: who is let in, and whether each answer is the one that is described. */
class ApiRoutesTest {
    /** Who is let in. A route that is not in this table fails the test, and so does a row without a route. */
    private static final String TABLE = """
            GET    /api/v1/activity                                           administrator security-administrator auditor
            GET    /api/v1/activity/checkpoints                               administrator security-administrator auditor
            GET    /api/v1/activity/export                                    administrator security-administrator auditor
            GET    /api/v1/activity/retention                                 administrator security-administrator auditor
            PUT    /api/v1/activity/retention                                 administrator security-administrator
            GET    /api/v1/alerts                                             administrator
            POST   /api/v1/alerts/acknowledge                                 administrator
            POST   /api/v1/alerts/{id}/acknowledge                            administrator
            GET    /api/v1/api-keys                                           administrator
            POST   /api/v1/api-keys                                           administrator
            DELETE /api/v1/api-keys/{id}                                      administrator
            GET    /api/v1/api-keys/{id}                                      administrator
            POST   /api/v1/challenges                                         administrator
            POST   /api/v1/challenges/{id}/answers                            administrator
            GET    /api/v1/entitlement                                        administrator security-administrator auditor
            PUT    /api/v1/entitlement/signed                                 administrator security-administrator
            GET    /api/v1/exports/groups.csv                                 administrator security-administrator help-desk auditor
            GET    /api/v1/exports/people.csv                                 administrator security-administrator help-desk auditor
            GET    /api/v1/exports/people.jsonl                               administrator security-administrator help-desk auditor
            GET    /api/v1/groups                                             administrator security-administrator help-desk auditor
            POST   /api/v1/groups                                             administrator
            DELETE /api/v1/groups/{id}                                        administrator
            GET    /api/v1/groups/{id}                                        administrator security-administrator help-desk auditor
            PATCH  /api/v1/groups/{id}                                        administrator
            DELETE /api/v1/groups/{id}/groups/{child}                         administrator
            PUT    /api/v1/groups/{id}/groups/{child}                         administrator
            POST   /api/v1/groups/{id}/members                                administrator
            DELETE /api/v1/groups/{id}/members/{person}                       administrator
            PUT    /api/v1/groups/{id}/members/{person}                       administrator
            PUT    /api/v1/groups/{id}/role                                   administrator
            PUT    /api/v1/imports/{format}                                   administrator
            PUT    /api/v1/imports/groups                                     administrator
            GET    /api/v1/imports/{run}/refusals                             administrator
            GET    /api/v1/jobs                                               administrator security-administrator help-desk auditor
            POST   /api/v1/jobs                                               administrator security-administrator help-desk auditor
            DELETE /api/v1/jobs/{id}                                          administrator security-administrator help-desk auditor
            GET    /api/v1/jobs/{id}                                          administrator security-administrator help-desk auditor
            GET    /api/v1/jobs/{id}/people                                   administrator security-administrator help-desk auditor
            GET    /api/v1/mail/queue                                         administrator security-administrator auditor
            DELETE /api/v1/mail/queue/{id}                                    administrator security-administrator
            POST   /api/v1/mail/queue/{id}/retry                              administrator security-administrator
            DELETE /api/v1/mail/server                                        administrator security-administrator
            GET    /api/v1/mail/server                                        administrator security-administrator auditor
            PUT    /api/v1/mail/server                                        administrator security-administrator
            POST   /api/v1/mail/test                                          administrator security-administrator
            GET    /api/v1/openapi.json                                       everyone
            GET    /api/v1/operator/environments                              operator
            POST   /api/v1/operator/environments                              operator
            DELETE /api/v1/operator/environments/{name}/entitlement           operator
            GET    /api/v1/operator/environments/{name}/entitlement           operator
            PUT    /api/v1/operator/environments/{name}/entitlement           operator
            GET    /api/v1/overview                                           administrator security-administrator auditor
            GET    /api/v1/people                                             administrator security-administrator help-desk auditor
            POST   /api/v1/people                                             administrator
            GET    /api/v1/people/count                                       administrator security-administrator help-desk auditor
            DELETE /api/v1/people/{id}                                        administrator
            GET    /api/v1/people/{id}                                        administrator security-administrator help-desk auditor
            PATCH  /api/v1/people/{id}                                        administrator
            POST   /api/v1/people/{id}/disable                                administrator
            POST   /api/v1/people/{id}/enable                                 administrator
            DELETE /api/v1/people/{id}/exemption                              administrator security-administrator
            PUT    /api/v1/people/{id}/exemption                              administrator security-administrator
            GET    /api/v1/people/{id}/forecast                               administrator security-administrator help-desk auditor
            PUT    /api/v1/people/{id}/password                               administrator
            POST   /api/v1/people/{id}/replace-phone                          administrator help-desk
            POST   /api/v1/people/{id}/reset                                  administrator help-desk
            PUT    /api/v1/people/{id}/role                                   administrator
            DELETE /api/v1/people/{id}/sessions                               administrator help-desk
            GET    /api/v1/people/{id}/sessions                               administrator security-administrator help-desk auditor
            DELETE /api/v1/people/{id}/sessions/{session}                     administrator help-desk
            POST   /api/v1/people/{id}/unlock                                 administrator help-desk
            GET    /api/v1/people/{id}/approvals                              administrator security-administrator auditor
            GET    /api/v1/people/{id}/phones                                 administrator security-administrator help-desk auditor
            DELETE /api/v1/people/{id}/phones/{phone}                         administrator help-desk
            GET    /api/v1/policy/approval                                    administrator security-administrator auditor
            PUT    /api/v1/policy/approval                                    administrator security-administrator
            GET    /api/v1/policy                                             administrator security-administrator auditor
            PUT    /api/v1/policy                                             administrator security-administrator
            DELETE /api/v1/policy/automatic-start                             administrator security-administrator
            GET    /api/v1/policy/automatic-start                             administrator security-administrator auditor
            PUT    /api/v1/policy/automatic-start                             administrator security-administrator
            PUT    /api/v1/policy/automatic-start/date                        administrator security-administrator
            POST   /api/v1/policy/events/{name}                               administrator security-administrator
            POST   /api/v1/policy/preview                                     administrator security-administrator auditor
            GET    /api/v1/policy/readiness                                   administrator security-administrator auditor
            GET    /api/v1/policy/readiness/summary                           administrator security-administrator auditor
            GET    /api/v1/policy/sessions                                    administrator security-administrator auditor
            PUT    /api/v1/policy/sessions                                    administrator security-administrator
            GET    /api/v1/policy/versions                                    administrator security-administrator auditor
            POST   /api/v1/policy/versions/{number}/return                    administrator security-administrator
            DELETE /api/v1/session                                            bearer
            GET    /api/v1/session                                            bearer
            POST   /api/v1/session/sign-ins                                   bearer
            POST   /api/v1/sign-ins                                           everyone
            GET    /api/v1/sign-ins/{id}                                      bearer
            POST   /api/v1/sign-ins/{id}/answers                              bearer
            POST   /api/v1/verifications                                      administrator
            """;

    private static final TestServer SERVER = TestServer.start();
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final String NOBODY = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

    private final Schemas schemas;

    ApiRoutesTest() throws IOException {
        schemas = new Schemas(JSON.readTree(Files.readString(Path.of("src/main/resources/openapi/v1.json"))));
    }

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private record Row(String method, String path, List<String> who) {}

    private static List<Row> rows() {
        return TABLE.lines()
                .map(line -> List.of(line.strip().split("\\s+")))
                .map(words -> new Row(words.get(0), words.get(1), words.subList(2, words.size())))
                .toList();
    }

    private static String secret(Account owner, List<String> scopes) {
        ApiKeys.Creation creation = SERVER.get(ApiKeys.class)
                .create(
                        new ApiKeys.Wish(
                                owner,
                                "walk",
                                Scopes.parse(scopes).orElseThrow(),
                                SERVER.clock().instant().plus(Duration.ofDays(1))),
                        new ApiKeys.Giver.CommandLine(),
                        new Actor(Optional.empty(), "test"),
                        Origin.SYSTEM,
                        SERVER.clock().instant());
        SecretText secret = ((ApiKeys.Creation.Created) creation).secret();
        return secret.reveal();
    }

    private static Map<Role, String> keys() {
        Map<Role, String> keys = new EnumMap<>(Role.class);
        for (Role role : Role.values()) {
            Account person = SERVER.person(role.wireName() + "." + SERVER.count("SELECT count(*) FROM account"), role);
            if (role != Role.USER) {
                keys.put(
                        role,
                        secret(
                                person,
                                role.permissions().stream()
                                        .map(permission -> permission.wireName())
                                        .toList()));
            }
        }
        return keys;
    }

    @Test
    void the_table_is_that_of_the_server() {
        TreeSet<String> served = new TreeSet<>();
        SERVER.get(RequestMappingHandlerMapping.class)
                .getHandlerMethods()
                .forEach((info, _) -> info.getPatternValues().stream()
                        .filter(path -> path.startsWith("/api/v1/"))
                        .forEach(path -> info.getMethodsCondition()
                                .getMethods()
                                .forEach(method -> served.add(method + " " + path))));
        assertThat(rows().stream().map(row -> row.method() + " " + row.path()))
                .containsExactlyInAnyOrderElementsOf(served);
    }

    @Test
    void each_role_is_let_in_where_the_table_says_and_every_answer_is_described() {
        Map<Role, String> keys = keys();
        String operator = secret(SERVER.person("the.operator", Role.ADMINISTRATOR), List.of("operator"));
        List<String> wrong = new ArrayList<>();
        for (Row row : rows()) {
            if (row.who().contains("everyone") || row.who().contains("bearer")) {
                continue;
            }
            expect(row, "", 401, wrong);
            keys.forEach((role, key) -> {
                boolean allowed = row.who().contains(role.wireName());
                expect(row, key, allowed ? 0 : 403, wrong);
            });
            expect(row, operator, row.who().contains("operator") ? 0 : 403, wrong);
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void ac_241_what_is_no_text_is_refused_in_every_field_that_is_shown() {
        String administrator = keys().get(Role.ADMINISTRATOR);
        String operator = secret(SERVER.person("the.other.operator", Role.ADMINISTRATOR), List.of("operator"));
        for (String text : List.of("a\\u0000b", "\\ud800", "x\\udc00y", "a\\nb", "x".repeat(300))) {
            refused(operator, "/api/v1/operator/environments", """
                    {"name": "odd", "host": "odd.example.org", "displayName": "%s"}""".formatted(text));
            refused(administrator, "/api/v1/people", """
                    {"username": "odd", "displayName": "%s", "email": "odd@example.org"}""".formatted(text));
            refused(administrator, "/api/v1/people", """
                    {"username": "odd", "displayName": "Odd", "email": "%s@example.org"}""".formatted(text));
            refused(administrator, "/api/v1/people", """
                    {"username": "%s", "displayName": "Odd", "email": "odd@example.org"}""".formatted(text));
            refused(administrator, "/api/v1/groups", """
                    {"name": "%s"}""".formatted(text));
            refused(administrator, "/api/v1/api-keys", """
                    {"name": "%s", "scopes": ["view-people"], "expiresAt": "%s"}""".formatted(
                            text, SERVER.clock().instant().plus(Duration.ofDays(1))));
        }
    }

    private static void refused(String key, String path, String body) {
        HttpResponse<String> reply = send("POST", path, key, body);
        assertThat(reply.statusCode())
                .as(path + " " + body + " " + reply.body())
                .isBetween(400, 422);
    }

    @Test
    void no_route_takes_another_credential_for_its_own() {
        List<String> wrong = new ArrayList<>();
        for (Row row : rows()) {
            if (row.who().contains("bearer")) {
                expect(row, "", 401, wrong);
                expect(row, keys().get(Role.ADMINISTRATOR), 401, wrong);
            }
        }
        assertThat(wrong).isEmpty();
    }

    /** Calls a route; {@code status} 0 is anything but 401, 403 and 5xx. Each answer is compared with its description. */
    private void expect(Row row, String key, int status, List<String> wrong) {
        HttpResponse<String> reply = send(row.method(), row.path().replaceAll("\\{[^}]+}", number(row)), key, "{}");
        boolean right = status == 0
                ? reply.statusCode() != 401 && reply.statusCode() != 403 && reply.statusCode() < 500
                : reply.statusCode() == status || isUnreadFirst(row, status, reply);
        String what = row.method() + " " + row.path() + " " + reply.statusCode();
        if (!right) {
            wrong.add(what + " instead of " + status);
        }
        if (isFile(reply)) {
            return;
        }
        schemas.problems(row.method(), row.path(), reply.statusCode(), json(reply))
                .forEach(problem -> wrong.add(what + ": " + problem));
    }

    private static boolean isFile(HttpResponse<String> reply) {
        return reply.headers().firstValue("Content-Disposition").isPresent();
    }

    /** A body that cannot be read is refused before a bearer token that the handler itself looks at. */
    private static boolean isUnreadFirst(Row row, int status, HttpResponse<String> reply) {
        return status == 401 && row.who().contains("bearer") && reply.statusCode() == 400;
    }

    private static String number(Row row) {
        return row.path().contains("{number}") ? "999" : NOBODY;
    }

    private static HttpResponse<String> send(String method, String path, String key, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(SERVER.url() + path));
        if (!key.isEmpty()) {
            request.header("Authorization", "Bearer " + key);
        }
        if (method.equals("POST") || method.equals("PUT") || method.equals("PATCH")) {
            request.header("Content-Type", "application/json")
                    .method(method, HttpRequest.BodyPublishers.ofString(body));
        } else {
            request.method(method, HttpRequest.BodyPublishers.noBody());
        }
        try {
            return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode json(HttpResponse<String> reply) {
        return reply.body().isEmpty() ? JSON.createObjectNode() : JSON.readTree(reply.body());
    }

    /** What the administration does, step by step, each answer compared with its description. */
    @Test
    void a_walk_through_the_administration() {
        String key = keys().get(Role.ADMINISTRATOR);
        Map<String, String> ids = new TreeMap<>();
        ids.put(
                "id",
                walk(key, "POST", "/api/v1/people", ids, 201, """
                {"username": "walter", "displayName": "Walter", "email": "walter@northwind.example",
                 "password": "a long password of his"}""").path("id").asString());
        walk(key, "PATCH", "/api/v1/people/{id}", ids, 200, "{\"displayName\": \"Walter Wood\"}");
        walk(key, "GET", "/api/v1/people", ids, 200, "");
        walk(key, "GET", "/api/v1/people/count", ids, 200, "");
        walk(key, "PUT", "/api/v1/people/{id}/role", ids, 200, "{\"role\": \"help-desk\"}");
        walk(key, "PUT", "/api/v1/people/{id}/password", ids, 204, "{\"password\": \"another long password\"}");
        walk(key, "POST", "/api/v1/people/{id}/disable", ids, 200, "");
        walk(key, "POST", "/api/v1/people/{id}/enable", ids, 200, "");
        walk(key, "POST", "/api/v1/people/{id}/reset", ids, 204, "");
        walk(key, "POST", "/api/v1/people/{id}/unlock", ids, 204, "");
        String until = SERVER.clock().instant().plus(Duration.ofDays(3)).toString();
        walk(
                key,
                "PUT",
                "/api/v1/people/{id}/exemption",
                ids,
                204,
                "{\"reason\": \"phone lost\", \"until\": \"" + until + "\"}");
        walk(key, "DELETE", "/api/v1/people/{id}/exemption", ids, 204, "");
        walk(key, "GET", "/api/v1/people/{id}/sessions", ids, 200, "");
        walk(key, "DELETE", "/api/v1/people/{id}/sessions", ids, 204, "");
        String person = ids.get("id");
        walk(key, "POST", "/api/v1/people/{id}/replace-phone", ids, 200, "");
        String job = walk(
                        key,
                        "POST",
                        "/api/v1/jobs",
                        ids,
                        202,
                        "{\"action\": \"reset\", \"people\": [\"" + person + "\"]}")
                .path("id")
                .asString();
        Map<String, String> ofJob = Map.of("id", job);
        assertThat(walk(key, "GET", "/api/v1/jobs/{id}", ofJob, 200, "")
                        .path("done")
                        .asLong())
                .isEqualTo(1);
        walk(key, "GET", "/api/v1/jobs/{id}/people", ofJob, 200, "");
        walk(key, "GET", "/api/v1/jobs", ofJob, 200, "");
        walk(key, "POST", "/api/v1/jobs", ids, 422, "{\"action\": \"promote\", \"filter\": {}}");
        walk(key, "POST", "/api/v1/jobs", ids, 400, "{\"action\": \"reset\"}");
        String child = walk(key, "POST", "/api/v1/groups", ids, 201, "{\"name\": \"Inner\"}")
                .path("id")
                .asString();
        String group = walk(key, "POST", "/api/v1/groups", ids, 201, "{\"name\": \"Outer\"}")
                .path("id")
                .asString();
        Map<String, String> inGroup = Map.of("id", group, "child", child, "person", person);
        walk(key, "PUT", "/api/v1/groups/{id}/groups/{child}", inGroup, 200, "{}");
        walk(key, "POST", "/api/v1/groups/{id}/members", inGroup, 200, "{\"people\": [\"" + person + "\"]}");
        walk(key, "PUT", "/api/v1/groups/{id}/role", inGroup, 200, "{\"role\": \"auditor\"}");
        walk(key, "PATCH", "/api/v1/groups/{id}", inGroup, 200, "{\"name\": \"Outermost\"}");
        walk(key, "GET", "/api/v1/groups", inGroup, 200, "");
        walk(key, "DELETE", "/api/v1/groups/{id}/members/{person}", inGroup, 204, "");
        walk(key, "DELETE", "/api/v1/groups/{id}", Map.of("id", child), 204, "");
        walk(
                key,
                "POST",
                "/api/v1/policy/preview",
                ids,
                200,
                "{\"mode\": \"required\", \"scope\": {\"everyone\": true}}");
        walk(key, "PUT", "/api/v1/policy", ids, 428, "{\"mode\": \"optional\"}");
        walk(key, "GET", "/api/v1/policy", ids, 200, "");
        walk(key, "GET", "/api/v1/policy/versions", ids, 200, "");
        walk(key, "GET", "/api/v1/policy/readiness", ids, 200, "");
        walk(key, "GET", "/api/v1/policy/readiness/summary", ids, 200, "");
        walk(key, "GET", "/api/v1/policy/sessions", ids, 200, "");
        walk(key, "PUT", "/api/v1/policy/sessions", ids, 200, "{\"idleMinutes\": 30, \"longestMinutes\": 600}");
        walk(key, "PUT", "/api/v1/policy/sessions", ids, 422, "{\"idleMinutes\": 30, \"longestMinutes\": 20}");
        walk(key, "GET", "/api/v1/overview", ids, 200, "");
        walk(key, "GET", "/api/v1/alerts", ids, 200, "");
        walk(key, "POST", "/api/v1/alerts/acknowledge", ids, 204, "");
        walk(key, "GET", "/api/v1/people/{id}/forecast", ids, 200, "");
        walk(
                key,
                "PUT",
                "/api/v1/policy/automatic-start",
                ids,
                200,
                "{\"event\": \"go-live\", \"scope\": {\"everyone\": true}}");
        walk(key, "POST", "/api/v1/policy/events/{name}", Map.of("name", "go-live"), 200, "");
        walk(key, "DELETE", "/api/v1/policy/automatic-start", ids, 204, "");
        walk(key, "PUT", "/api/v1/mail/server", ids, 200, """
                {"host": "localhost", "port": 2, "security": "none", "fromAddress": "c@northwind.example", "fromName": "C"}""");
        String run = walk(key, "PUT", "/api/v1/imports/{format}", Map.of("format", "jsonl"), 200, "{}")
                .path("run")
                .asString();
        walk(key, "GET", "/api/v1/imports/{run}/refusals", Map.of("run", run), 200, "");
        walk(key, "PUT", "/api/v1/imports/groups", ids, 200, "{}");
        walk(key, "GET", "/api/v1/activity", ids, 200, "");
        walk(key, "PUT", "/api/v1/activity/retention", ids, 200, "{\"days\": 90}");
        walk(key, "POST", "/api/v1/mail/test", ids, 200, "");
        walk(key, "GET", "/api/v1/mail/queue", ids, 200, "");
        walk(key, "DELETE", "/api/v1/people/{id}", ids, 204, "");
        walk(key, "GET", "/api/v1/people/{id}", ids, 404, "");
    }

    private JsonNode walk(String key, String method, String path, Map<String, String> ids, int status, String body) {
        String filled = path;
        for (Map.Entry<String, String> id : ids.entrySet()) {
            filled = filled.replace("{" + id.getKey() + "}", id.getValue());
        }
        HttpResponse<String> reply = send(method, filled, key, body.isEmpty() ? "{}" : body);
        assertThat(reply.statusCode())
                .as("%s %s: %s", method, filled, reply.body())
                .isEqualTo(status);
        JsonNode answer = json(reply);
        assertThat(schemas.problems(method, path, status, answer))
                .as("%s %s", method, path)
                .isEmpty();
        return answer;
    }
}
