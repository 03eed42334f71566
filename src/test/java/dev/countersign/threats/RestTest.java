package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.configuration.SettingKey;
import dev.countersign.directory.Account;
import dev.countersign.directory.Environments;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Rules;
import dev.countersign.support.Crowd;
import dev.countersign.support.TestAuthenticator;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Catalogue O: what REST reads, what it does once, how it counts, and the second factor alone. */
class RestTest {
    private static final TestServer SERVER = TestServer.start();
    private static final String PEOPLE = "/api/v1/people";

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
    }

    private static Keys.Key key(String owner, String... scopes) {
        return Keys.of(SERVER, SERVER.person(owner, Role.ADMINISTRATOR), scopes);
    }

    private static Map<String, Object> person(String username) {
        return Map.of("username", username, "displayName", "Somebody", "email", username + "@northwind.example");
    }

    // AC-200

    @Test
    void ac_200_what_looks_like_sql_is_text_or_refused() {
        String bearer =
                key("ada.sql", "view-people", "edit-people", "manage-api-keys").bearer();
        List<String> payloads = List.of(
                "'", "%22", ";--", "%5C", "%27%20OR%20%271%27=%271", "1);DROP%20TABLE%20account;--", "%25", "_");
        for (String payload : payloads) {
            for (String name : List.of("search", "role", "group", "source", "status", "sort", "limit", "cursor")) {
                RestClient.Reply reply = rest.get(PEOPLE + "?" + name + "=" + payload, bearer);
                assertThat(reply.status()).as(name + payload).isIn(200, 400);
                assertThat(reply.body().path("items").size()).as(name + payload).isZero();
            }
        }
        assertThat(rest.get(PEOPLE + "?search=a%00b", bearer).status()).isEqualTo(400);
        assertThat(rest.post(PEOPLE, bearer, person("o'brien--")).status()).isIn(201, 422);
        assertThat(SERVER.count("SELECT count(*) FROM account")).isPositive();
    }

    // AC-203

    @Test
    void ac_203_fields_nobody_may_set_are_refused_by_name_and_nothing_changes() {
        String bearer = key("ada.fields", "view-people", "edit-people").bearer();
        for (String field : List.of(
                "id",
                "meta",
                "admin",
                "mfa",
                "secret",
                "verified",
                "passwordHash",
                "active",
                "groups",
                "ROLE",
                "Role",
                "isAdmin",
                "urn:ietf:params:scim:schemas:core:2.0:User",
                "__proto__",
                "totp",
                "disabled")) {
            Map<String, Object> body = new java.util.HashMap<>(person("mass.assigned"));
            body.put(field, "administrator");
            RestClient.Reply reply = rest.post(PEOPLE, bearer, body);
            assertThat(reply.status()).as(field).isEqualTo(400);
            assertThat(reply.text("type")).as(field).matches(".*/(unknown-field|read-only-field)");
            assertThat(reply.text("field")).as(field).isEqualTo(field);
        }
        assertThat(SERVER.count("SELECT count(*) FROM account WHERE username = 'mass.assigned'"))
                .isZero();
        String id = rest.post(PEOPLE, bearer, person("mass.patched")).text("id");
        for (String field : List.of("role", "password", "status", "twoFactor", "lastSignInAt", "source")) {
            RestClient.Reply reply = rest.exchange("PATCH", PEOPLE + "/" + id, bearer, Map.of(field, "administrator"));
            assertProblem(reply, 400, "read-only-field");
            assertThat(reply.text("detail")).as(field).contains("cannot be set here: ");
        }
        assertThat(rest.get(PEOPLE + "/" + id, bearer).text("role")).isEqualTo("user");
    }

    @Test
    void a_body_that_cannot_be_read_says_where_it_is_wrong() {
        String bearer = key("ada.json", "edit-people").bearer();
        assertProblem(rest.postRaw(PEOPLE, bearer, "application/json", "{\"username\": "), 400, "invalid-json");
        assertProblem(rest.postRaw(PEOPLE, bearer, "application/json", "[]"), 400, "invalid-json");
        assertProblem(
                rest.postRaw(PEOPLE, bearer, "application/json", "{\"username\":\"a\",\"username\":\"b\"}"),
                400,
                "invalid-json");
        RestClient.Reply kind = rest.post(PEOPLE, bearer, Map.of("username", List.of("a")));
        assertProblem(kind, 400, "invalid-json");
        assertThat(kind.text("field")).isEqualTo("username");
        assertProblem(rest.post(PEOPLE, bearer, Map.of("username", "a")), 400, "invalid-request");
        assertProblem(rest.postRaw(PEOPLE, bearer, "text/plain", "username=a"), 415, "unsupported-media-type");
        assertProblem(rest.delete(PEOPLE, bearer), 405, "method-not-allowed");
        assertProblem(rest.get("/api/v1/nothing", bearer), 404, "not-found");
        assertProblem(
                rest.exchange("POST", PEOPLE, bearer, person("x.y"), "Accept", "text/csv"), 406, "not-acceptable");
    }

    // AC-209, AC-212

    @Test
    void ac_209_what_is_another_environments_is_not_there() {
        var other = SERVER.get(Environments.class)
                .create(
                        "elsewhere",
                        Optional.of("elsewhere.example"),
                        "Elsewhere",
                        Threats.ACTOR,
                        Origin.SYSTEM,
                        SERVER.clock().instant())
                .orElseThrow();
        var made = (dev.countersign.directory.Accounts.Creation.Created) SERVER.get(
                        dev.countersign.directory.Accounts.class)
                .create(
                        other.id(),
                        new dev.countersign.directory.NewAccount("zoe", "Zoe", "zoe@elsewhere.example", Role.USER),
                        Threats.ACTOR,
                        Origin.SYSTEM,
                        SERVER.clock().instant());
        String id = made.account().id().value();
        String bearer = key("ada.other", "view-people", "edit-people", "reset-factors", "edit-system-settings")
                .bearer();
        String before = SERVER.count("SELECT count(*) FROM activity WHERE account_id = ?", id) + "";
        for (String path : List.of("", "/sessions")) {
            assertProblem(rest.get(PEOPLE + "/" + id + path, bearer), 404, "not-found");
        }
        for (String path : List.of("/reset", "/unlock", "/disable", "/enable")) {
            assertProblem(rest.post(PEOPLE + "/" + id + path, bearer, Map.of()), 404, "not-found");
        }
        assertProblem(rest.delete(PEOPLE + "/" + id, bearer), 404, "not-found");
        assertProblem(rest.delete(PEOPLE + "/" + id + "/sessions", bearer), 404, "not-found");
        assertProblem(
                rest.exchange("PATCH", PEOPLE + "/" + id, bearer, Map.of("displayName", "Mallory")), 404, "not-found");
        assertProblem(rest.put(PEOPLE + "/" + id + "/role", bearer, Map.of("role", "user")), 404, "not-found");
        assertThat(SERVER.count("SELECT count(*) FROM activity WHERE account_id = ?", id) + "")
                .isEqualTo(before);
    }

    @Test
    void ac_212_paths_lead_nowhere_else() {
        String bearer = key("ada.paths", "view-people", "view-settings").bearer();
        for (String path :
                List.of("..", "%2e%2e", "..%2f..%2fetc%2fpasswd", "....//", "%00", "a%0d%0aX-Injected:%201")) {
            assertThat(rest.get(PEOPLE + "/" + path, bearer).status()).as(path).isIn(400, 404);
            assertThat(rest.get("/api/v1/groups/" + path, bearer).status())
                    .as(path)
                    .isIn(400, 404);
        }
    }

    // AC-218

    @Test
    void ac_218_nothing_that_is_read_holds_a_secret() {
        Enrolled anna = SERVER.enrolled("anna.218");
        String session = rest.signIn("anna.218", anna.app().code());
        Keys.Key all = key(
                "ada.218", "view-people", "view-settings", "view-activity", "manage-api-keys", "edit-system-settings");
        rest.put(
                "/api/v1/mail/server",
                all.bearer(),
                Map.of(
                        "host",
                        "mail.northwind.example",
                        "port",
                        587,
                        "security",
                        "starttls",
                        "username",
                        "u",
                        "password",
                        "smtp-secret-218",
                        "fromAddress",
                        "c@northwind.example",
                        "fromName",
                        "C"));
        List<String> secrets = List.of(
                session, anna.recoveryCode(), all.secret().substring(4), "smtp-secret-218", "$argon2id", "otpauth");
        int read = 0;
        for (Routes.Route route : Routes.of(SERVER)) {
            if (route.path().startsWith("/api/v1/")
                    && route.takes("GET")
                    && !route.path().endsWith("openapi.json")) {
                String path = route.path()
                        .replace(
                                "aaaaaaaaaaaaaaaaaaaaaaaaaa",
                                anna.account().id().value());
                String body = rest.get(path, all.bearer()).response().body();
                assertThat(body).as(path).doesNotContain(secrets);
                read++;
            }
        }
        assertThat(read).isGreaterThan(10);
    }

    // Idempotency

    @Test
    void what_is_sent_twice_is_done_once() {
        String bearer = key("ada.twice", "view-people", "edit-people").bearer();
        RestClient.Reply first = rest.exchange("POST", PEOPLE, bearer, person("only.once"), "Idempotency-Key", "key-1");
        RestClient.Reply second =
                rest.exchange("POST", PEOPLE, bearer, person("only.once"), "Idempotency-Key", "key-1");
        assertThat(first.status()).isEqualTo(201);
        assertThat(second.status()).isEqualTo(201);
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(second.header("Idempotency-Replayed")).isEqualTo("true");
        assertProblem(
                rest.exchange("POST", PEOPLE, bearer, person("another"), "Idempotency-Key", "key-1"),
                422,
                "idempotency-key-reused");
        String others = key("ada.others", "edit-people").bearer();
        assertThat(rest.exchange("POST", PEOPLE, others, person("by.another"), "Idempotency-Key", "key-1")
                        .status())
                .as("keys are the caller's own")
                .isEqualTo(201);
        SERVER.clock().advance(Duration.ofHours(25));
        assertProblem(
                rest.exchange("POST", PEOPLE, bearer, person("only.once"), "Idempotency-Key", "key-1"), 409, "taken");
    }

    @Test
    void fifty_at_once_do_it_once() throws Exception {
        String bearer = key("ada.crowd", "edit-people").bearer();
        List<RestClient.Reply> replies = Crowd.together(
                20, () -> rest.exchange("POST", PEOPLE, bearer, person("in.a.crowd"), "Idempotency-Key", "crowd"));
        assertThat(replies).allSatisfy(reply -> assertThat(reply.status()).isIn(201, 409));
        assertThat(replies)
                .filteredOn(reply -> reply.status() == 409)
                .allSatisfy(reply -> assertProblem(reply, 409, "request-in-progress"));
        assertThat(SERVER.count(
                        "SELECT count(*) FROM activity WHERE kind = 'account-created' AND details LIKE ?",
                        "%in.a.crowd%"))
                .isEqualTo(1);
    }

    @Test
    void a_kept_answer_is_sealed_survives_a_restart_and_is_not_shown_to_a_revoked_key() {
        TestServer first = TestServer.start();
        Account ada = first.person("ada", Role.ADMINISTRATOR);
        Keys.Key key = Keys.of(first, ada, "edit-people", "manage-api-keys");
        RestClient.Reply made =
                new RestClient(first).exchange("POST", PEOPLE, key.bearer(), person("kept"), "Idempotency-Key", "k");
        assertThat(made.status()).isEqualTo(201);
        assertThat(first.count("SELECT count(*) FROM idempotent_request WHERE sealed_answer IS NOT NULL"))
                .isEqualTo(1);
        try (TestServer second = first.restart()) {
            RestClient again = new RestClient(second);
            RestClient.Reply replayed =
                    again.exchange("POST", PEOPLE, key.bearer(), person("kept"), "Idempotency-Key", "k");
            assertThat(replayed.body()).isEqualTo(made.body());
            again.delete("/api/v1/api-keys/" + key.key().id(), key.bearer());
            assertThat(again.exchange("POST", PEOPLE, key.bearer(), person("kept"), "Idempotency-Key", "k")
                            .status())
                    .isEqualTo(401);
        }
    }

    // Limits

    @Test
    void each_answer_says_what_is_left_and_too_many_are_429() {
        try (TestServer small = TestServer.start(Map.of(SettingKey.REQUESTS_PER_MINUTE, "10"))) {
            RestClient client = new RestClient(small);
            for (int i = 1; i <= 10; i++) {
                RestClient.Reply reply = client.get("/api/v1/session", "");
                assertThat(reply.status()).isEqualTo(401);
                assertThat(reply.header("RateLimit")).isEqualTo("\"address\";r=" + (10 - i) + ";t=60");
                assertThat(reply.header("RateLimit-Policy")).isEqualTo("\"address\";q=10;w=60");
            }
            RestClient.Reply refused = client.get("/api/v1/session", "");
            assertProblem(refused, 429, "too-many-requests");
            assertThat(refused.header("Retry-After")).isEqualTo("60");
            small.clock().advance(Duration.ofSeconds(60));
            assertThat(client.get("/api/v1/session", "").status()).isEqualTo(401);
        }
    }

    // Lists

    @Test
    void a_list_is_read_part_by_part_and_a_cursor_is_good_for_its_list_alone() {
        String bearer = key("ada.list", "view-people", "manage-api-keys").bearer();
        for (int i = 0; i < 7; i++) {
            SERVER.person("listed-" + i);
        }
        Set<String> seen = new HashSet<>();
        List<Integer> sizes = new ArrayList<>();
        RestClient.Reply part = rest.get(PEOPLE + "?search=listed&limit=3", bearer);
        String cursor = part.text("next");
        while (true) {
            sizes.add(part.body().path("items").size());
            part.body()
                    .path("items")
                    .forEach(item -> seen.add(item.path("username").asString()));
            if (part.text("next").isEmpty()) {
                break;
            }
            assertThat(part.header("Link")).endsWith(">; rel=\"next\"").contains("search=listed", "limit=3");
            part = rest.get(part.header("Link").replaceAll("^<|>.*$", ""), bearer);
        }
        assertThat(seen).hasSize(7);
        assertThat(sizes).containsExactly(3, 3, 1);
        assertProblem(rest.get(PEOPLE + "?cursor=" + cursor, bearer), 400, "invalid-cursor");
        assertProblem(rest.get("/api/v1/api-keys?cursor=" + cursor, bearer), 400, "invalid-cursor");
        for (String broken : List.of("A", "AAAA", cursor.substring(1), cursor + "A", "%00", "*")) {
            assertThat(rest.get(PEOPLE + "?search=listed&cursor=" + broken, bearer)
                            .status())
                    .as(broken)
                    .isEqualTo(400);
        }
        for (String limit : List.of("0", "-1", "201", "x", "1e3")) {
            assertProblem(rest.get(PEOPLE + "?limit=" + limit, bearer), 400, "invalid-request");
        }
    }

    // A sign-in in one call

    private RestClient.Reply together(String username, String password, String code) {
        return rest.post("/api/v1/sign-ins", "", Map.of("username", username, "password", password, "code", code));
    }

    @Test
    void password_and_code_in_one_call_open_a_session_once() {
        Enrolled anna = SERVER.enrolled("anna.together");
        String code = anna.app().code();
        RestClient.Reply done = together("anna.together", TestServer.PASSWORD, code);
        assertThat(done.status()).as(done.body().toString()).isEqualTo(201);
        assertThat(done.text("state")).isEqualTo("complete");
        assertThat(done.text("token")).isEmpty();
        RestClient.Reply session = rest.session("Bearer " + done.text("session.token"));
        assertThat(session.status()).isEqualTo(200);
        assertThat(session.body().toString()).contains("totp", "password");
        assertProblem(together("anna.together", TestServer.PASSWORD, code), 401, "sign-in-failed");
        RestClient.Reply recovered = rest.post(
                "/api/v1/sign-ins",
                "",
                Map.of(
                        "username",
                        "anna.together",
                        "password",
                        TestServer.PASSWORD,
                        "factor",
                        "recovery",
                        "code",
                        anna.recoveryCode()));
        assertThat(recovered.text("state")).isEqualTo("must-enrol");
    }

    @Test
    void in_one_call_a_wrong_code_looks_like_a_wrong_password_and_leaves_nothing() {
        Enrolled anna = SERVER.enrolled("anna.alike");
        RestClient.Reply password =
                together("anna.alike", "not the password", anna.app().code());
        RestClient.Reply code =
                together("anna.alike", TestServer.PASSWORD, anna.app().wrongCode());
        RestClient.Reply nobody = together("nobody.alike", TestServer.PASSWORD, "123456");
        for (RestClient.Reply refused : List.of(password, code, nobody)) {
            assertProblem(refused, 401, "sign-in-failed");
            assertThat(refused.text("detail")).isEqualTo(password.text("detail"));
            assertThat(refused.response().headers().map().keySet())
                    .isEqualTo(password.response().headers().map().keySet());
        }
        assertThat(SERVER.count(
                        "SELECT count(*) FROM pending_sign_in WHERE expires_at > ?",
                        SERVER.clock().instant().toEpochMilli()))
                .isZero();
        assertThat(together("anna.alike", TestServer.PASSWORD, anna.app().code())
                        .status())
                .as("a code beside a wrong password was not used up")
                .isEqualTo(201);
    }

    @Test
    void in_one_call_guesses_count_with_all_others_and_a_code_nobody_asks_for_is_not_looked_at() {
        Enrolled anna = SERVER.enrolled("anna.budget");
        for (int i = 0; i < 5; i++) {
            assertProblem(
                    together("anna.budget", TestServer.PASSWORD, anna.app().wrongCode()), 401, "sign-in-failed");
        }
        assertProblem(together("anna.budget", TestServer.PASSWORD, anna.app().code()), 401, "sign-in-failed");
        assertThat(rest.code(rest.begun("anna.budget"), anna.app().code()).status())
                .isEqualTo(429);
        SERVER.person("bob.unasked");
        assertThat(together("bob.unasked", TestServer.PASSWORD, "123456").text("state"))
                .isEqualTo("complete");
    }

    @Test
    void in_one_call_what_makes_no_sense_is_said() {
        for (Map<String, Object> body : List.<Map<String, Object>>of(
                Map.of("username", "anna", "code", "123456"),
                Map.of("username", "anna", "password", "x", "factor", "totp"),
                Map.of("username", "anna", "password", "x", "factor", "password", "code", "123456"),
                Map.of("username", "anna", "password", "x", "factor", "push", "code", "123456"))) {
            assertProblem(rest.post("/api/v1/sign-ins", "", body), 400, "invalid-request");
        }
    }

    // The second factor alone

    private RestClient.Reply challenge(String bearer, String username) {
        return rest.post("/api/v1/challenges", bearer, Map.of("username", username));
    }

    private RestClient.Reply answer(String bearer, RestClient.Reply challenge, String code) {
        return rest.post(
                "/api/v1/challenges/" + challenge.text("id") + "/answers",
                bearer,
                Map.of("factor", "totp", "code", code));
    }

    @Test
    void the_second_factor_alone_is_shown_once() {
        Enrolled anna = SERVER.enrolled("anna.alone");
        String bearer = key("ada.alone", "challenge-people").bearer();
        RestClient.Reply opened = challenge(bearer, "anna.alone");
        assertThat(opened.status()).isEqualTo(201);
        assertProblem(answer(bearer, opened, anna.app().wrongCode()), 401, "challenge-failed");
        String code = anna.app().code();
        RestClient.Reply verified = answer(bearer, opened, code);
        assertThat(verified.status()).as(verified.body().toString()).isEqualTo(200);
        assertThat(verified.text("state")).isEqualTo("verified");
        assertThat(verified.text("account")).isEqualTo(anna.account().id().value());
        assertProblem(answer(bearer, opened, code), 401, "challenge-failed");
        assertProblem(answer(bearer, challenge(bearer, "anna.alone"), code), 401, "challenge-failed");
        assertThat(SERVER.activityOf(anna.account()))
                .extracting(entry -> entry.kind())
                .contains("challenge-answered", "challenge-refused");
        assertThat(SERVER.count(
                        "SELECT count(*) FROM session WHERE account_id = ?",
                        anna.account().id().value()))
                .as("it opens nothing here")
                .isZero();
    }

    private RestClient.Reply verify(String bearer, String username, String factor, String code) {
        return rest.post("/api/v1/verifications", bearer, Map.of("username", username, "factor", factor, "code", code));
    }

    @Test
    void a_code_that_is_known_already_is_checked_in_one_call_and_good_for_one_door() {
        Enrolled anna = SERVER.enrolled("anna.once");
        String bearer = key("ada.once", "challenge-people").bearer();
        assertProblem(verify(bearer, "anna.once", "totp", anna.app().wrongCode()), 401, "challenge-failed");
        assertProblem(verify(bearer, "nobody.once", "totp", "123456"), 401, "challenge-failed");
        assertProblem(verify(bearer, "anna.once", "password", "123456"), 400, "invalid-request");
        assertProblem(
                rest.post("/api/v1/verifications", bearer, Map.of("username", "anna.once", "factor", "totp")),
                400,
                "invalid-request");
        String code = anna.app().code();
        RestClient.Reply verified = verify(bearer, "anna.once", "totp", code);
        assertThat(verified.status()).as(verified.body().toString()).isEqualTo(200);
        assertThat(verified.text("state")).isEqualTo("verified");
        assertThat(verified.text("account")).isEqualTo(anna.account().id().value());
        assertProblem(verify(bearer, "anna.once", "totp", code), 401, "challenge-failed");
        assertProblem(answer(bearer, challenge(bearer, "anna.once"), code), 401, "challenge-failed");
        assertThat(rest.code(rest.begun("anna.once"), code).status()).isEqualTo(401);
        assertThat(verify(bearer, "anna.once", "recovery", anna.recoveryCode()).status())
                .isEqualTo(200);
        assertProblem(verify(bearer, "anna.once", "recovery", anna.recoveryCode()), 401, "challenge-failed");
        assertThat(SERVER.activityOf(anna.account()))
                .extracting(entry -> entry.kind())
                .contains("challenge-answered", "challenge-refused");
    }

    @Test
    void of_one_code_sent_at_once_to_all_doors_of_applications_one_is_right() throws Exception {
        Enrolled anna = SERVER.enrolled("anna.doors");
        String bearer = key("ada.doors", "challenge-people").bearer();
        RestClient.Reply first = challenge(bearer, "anna.doors");
        RestClient.Reply second = challenge(bearer, "anna.doors");
        String code = anna.app().code();
        List<java.util.concurrent.Callable<Integer>> calls = List.of(
                () -> verify(bearer, "anna.doors", "totp", code).status(),
                () -> answer(bearer, first, code).status(),
                () -> verify(bearer, "anna.doors", "totp", code).status(),
                () -> answer(bearer, second, code).status());
        List<Integer> statuses = new ArrayList<>();
        try (var threads = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
            for (var call : threads.invokeAll(calls)) {
                statuses.add(call.get());
            }
        }
        assertThat(statuses).containsExactlyInAnyOrder(200, 401, 401, 401);
    }

    @Test
    void a_challenge_is_its_applications_alone_and_expires() {
        Enrolled anna = SERVER.enrolled("anna.expires");
        String bearer = key("ada.mine", "challenge-people").bearer();
        String other = key("ada.yours", "challenge-people").bearer();
        RestClient.Reply opened = challenge(bearer, "anna.expires");
        assertProblem(answer(other, opened, anna.app().code()), 401, "challenge-failed");
        SERVER.clock().advance(Duration.ofMinutes(5));
        assertProblem(answer(bearer, opened, anna.app().code()), 401, "challenge-failed");
        assertThat(answer(bearer, challenge(bearer, "anna.expires"), anna.app().code())
                        .status())
                .isEqualTo(200);
    }

    @Test
    void an_unknown_name_is_challenged_like_a_known_one_and_guesses_count_with_those_of_sign_ins() {
        Enrolled anna = SERVER.enrolled("anna.guessed");
        String bearer = key("ada.guess", "challenge-people").bearer();
        RestClient.Reply known = challenge(bearer, "anna.guessed");
        RestClient.Reply unknown = challenge(bearer, "nobody.is.called.that");
        assertThat(unknown.status()).isEqualTo(known.status());
        assertThat(unknown.body().path("offer")).isEqualTo(known.body().path("offer"));
        List<Integer> toKnown = new ArrayList<>();
        List<Integer> toUnknown = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            toKnown.add(answer(bearer, known, anna.app().wrongCode()).status());
            toUnknown.add(answer(bearer, unknown, "123456").status());
        }
        assertThat(toUnknown).isEqualTo(toKnown).containsExactly(401, 401, 401, 401, 401, 429, 429);
        assertProblem(verify(bearer, "anna.guessed", "totp", anna.app().code()), 429, "too-many-attempts");
        assertProblem(verify(bearer, "nobody.is.called.that", "totp", "123456"), 429, "too-many-attempts");
        RestClient.Reply held = rest.code(rest.begun("anna.guessed"), anna.app().code());
        assertThat(held.status()).as("the same budget at the sign-in").isEqualTo(429);
    }

    // Sign-in for native applications, every state

    @Test
    void a_native_application_finishes_every_state_of_a_sign_in() {
        Account dora = SERVER.person("dora.native");
        SERVER.policy(Rules.Mode.REQUIRED);
        SERVER.get(dev.countersign.store.Database.class)
                .write(() -> SERVER.get(dev.countersign.factor.password.Passwords.class)
                        .demandChange(dora.id(), dev.countersign.factor.password.Passwords.MustChange.REQUIRED));
        RestClient.Reply begun = rest.begin("dora.native", TestServer.PASSWORD);
        String bearer = "Bearer " + begun.text("token");
        assertThat(begun.text("state")).isEqualTo("must-enrol");
        assertThat(begun.text("register.otpauth")).contains("secret=" + begun.text("register.secret"));
        TestAuthenticator app = TestAuthenticator.ofText(begun.text("register.secret"), SERVER.clock());
        String id = begun.text("id");
        assertProblem(rest.answer(id, bearer, Map.of("factor", "totp", "code", app.wrongCode())), 422, "code-wrong");
        RestClient.Reply saved = rest.answer(id, bearer, Map.of("factor", "totp", "code", app.code()));
        assertThat(saved.text("register.factor")).as(saved.body().toString()).isEqualTo("recovery");
        String recoveryCode = saved.text("register.recoveryCode");
        RestClient.Reply renewed = rest.answer(
                id, bearer, Map.of("factor", "recovery", "code", recoveryCode.substring(recoveryCode.length() - 4)));
        assertThat(renewed.text("register.factor"))
                .as(renewed.body().toString())
                .isEqualTo("password");
        assertProblem(
                rest.answer(id, bearer, Map.of("factor", "password", "password", "short")), 422, "password-unfit");
        RestClient.Reply complete =
                rest.answer(id, bearer, Map.of("factor", "password", "password", "a long new password 1"));
        assertThat(complete.text("state")).isEqualTo("complete");
        String session = complete.text("session.token");
        assertThat(rest.session("Bearer " + session).text("username")).isEqualTo("dora.native");
        SERVER.clock().advance(Duration.ofMinutes(6));
        RestClient.Reply again =
                rest.post("/api/v1/session/sign-ins", "Bearer " + session, Map.of("wish", "new-recovery-code"));
        assertThat(again.text("state")).isEqualTo("asked");
    }

    // What the console does, by REST

    @Test
    void how_long_sessions_last_is_read_and_set_with_a_recent_second_factor_only() {
        String bearer =
                key("ada.lengths", "view-settings", "edit-system-settings").bearer();
        assertThat(rest.get("/api/v1/policy/sessions", bearer).body().toString())
                .isEqualTo("{\"idleMinutes\":60,\"longestMinutes\":1440}");
        Map<String, Object> shorter = Map.of("idleMinutes", 10, "longestMinutes", 120);
        assertThat(rest.put("/api/v1/policy/sessions", bearer, shorter).status())
                .isEqualTo(200);
        assertThat(SERVER.get(Environments.class)
                        .sessionLimits(SERVER.environment().id())
                        .orElseThrow())
                .isEqualTo(new Environments.SessionLimits(Duration.ofMinutes(10), Duration.ofHours(2)));
        assertProblem(
                rest.put("/api/v1/policy/sessions", bearer, Map.of("idleMinutes", 10, "longestMinutes", 9)),
                422,
                "invalid-value");
        assertProblem(
                rest.put(
                        "/api/v1/policy/sessions",
                        key("ada.reads", "view-settings").bearer(),
                        shorter),
                403,
                "permission-missing");
        assertThat(SERVER.count("SELECT count(*) FROM activity WHERE kind = 'session-limits-changed'"))
                .isOne();
    }

    @Test
    void the_readiness_report_is_of_the_groups_and_people_named_as_json_and_as_a_table() throws Exception {
        String bearer =
                key("ada.ready", "view-settings", "view-people", "edit-people").bearer();
        Account inGroup = SERVER.person("ready.ingroup");
        Account named = SERVER.person("ready.named");
        SERVER.person("ready.other");
        String group = SERVER.group("Ready", inGroup).id().value();
        String query = "/api/v1/policy/readiness?group=" + group + "&person="
                + named.id().value();
        List<String> names = new ArrayList<>();
        rest.get(query, bearer)
                .body()
                .path("items")
                .forEach(line -> names.add(line.path("username").asString()));
        assertThat(names).containsExactly("ready.ingroup", "ready.named");
        assertThat(rest.get(query.replace("readiness", "readiness/summary"), bearer)
                        .body()
                        .path("askedToEnrol")
                        .asLong())
                .isEqualTo(2);
        java.net.http.HttpResponse<String> table = accepting(query + "&verdict=asked-to-enrol", bearer, "text/csv");
        assertThat(table.statusCode()).isEqualTo(200);
        assertThat(table.headers().firstValue("Content-Type").orElse("")).startsWith("text/csv");
        assertThat(table.body().lines())
                .hasSize(3)
                .anySatisfy(line -> assertThat(line).startsWith("\"ready.named\",\"Person ready.named\""));
        assertThat(accepting(query, bearer, "*/*").body()).startsWith("{\"items\"");
        assertThat(accepting(query, bearer, "application/json").body()).startsWith("{\"items\"");
        java.net.http.HttpResponse<String> wrong = accepting(query + "&verdict=bad", bearer, "text/csv");
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(wrong.headers().firstValue("Content-Type").orElse("")).startsWith("application/problem+json");
        assertProblem(rest.get("/api/v1/policy/readiness?person=nobody", bearer), 422, "invalid-value");
    }

    private static java.net.http.HttpResponse<String> accepting(String path, String bearer, String type)
            throws Exception {
        return java.net.http.HttpClient.newHttpClient()
                .send(
                        java.net.http.HttpRequest.newBuilder(java.net.URI.create(SERVER.url() + path))
                                .header("Authorization", bearer)
                                .header("Accept", type)
                                .build(),
                        java.net.http.HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void the_log_is_exported_as_a_table_too() throws Exception {
        String bearer = key("ada.table", "view-activity").bearer();
        assertThat(accepting("/api/v1/activity/export", bearer, "text/csv").body())
                .startsWith("\"sequence\",\"at\",\"kind\"")
                .contains("account-created");
        assertThat(accepting("/api/v1/activity/export", bearer, "*/*").body()).startsWith("{");
    }

    @Test
    void one_session_of_a_person_is_ended_and_the_others_stay() {
        Enrolled bea = SERVER.enrolled("bea.sessions");
        String first = rest.signIn("bea.sessions", bea.app().code());
        SERVER.clock().advance(Duration.ofMinutes(1));
        String second = rest.signIn("bea.sessions", bea.app().code());
        String bearer = key("ada.sessions", "view-people", "reset-factors").bearer();
        String path = PEOPLE + "/" + bea.account().id().value() + "/sessions";
        List<String> ids = new ArrayList<>();
        rest.get(path, bearer)
                .body()
                .path("items")
                .forEach(one -> ids.add(one.path("id").asString()));
        assertThat(ids).hasSize(2);
        assertThat(rest.delete(path + "/" + ids.getFirst(), bearer).status()).isEqualTo(204);
        assertThat(List.of(
                        rest.session("Bearer " + first).status(),
                        rest.session("Bearer " + second).status()))
                .containsExactlyInAnyOrder(200, 401);
        assertThat(rest.delete(path + "/" + ids.getFirst(), bearer).status()).isEqualTo(404);
    }

    @Test
    void what_would_be_asked_of_a_person_is_said_with_the_rule() {
        Enrolled bea = SERVER.enrolled("bea.forecast");
        SERVER.requireFor(SERVER.group("Forecast", bea.account()));
        RestClient.Reply reply = rest.get(
                PEOPLE + "/" + bea.account().id().value() + "/forecast",
                key("ada.forecast", "view-people").bearer());
        assertThat(reply.body().path("items").path(0).toString())
                .isEqualTo(
                        "{\"place\":\"account\",\"asked\":\"code\",\"rule\":\"required-group\",\"name\":\"Forecast\"}");
    }

    @Test
    void alerts_are_listed_until_they_are_acknowledged() {
        String bearer = key("ada.alerts", "edit-people").bearer();
        SERVER.policy(Rules.Mode.REQUIRED);
        SERVER.policy(Rules.Mode.OFF);
        RestClient.Reply before = rest.get("/api/v1/alerts", bearer);
        assertThat(before.body().path("total").asLong()).isPositive();
        String newest = before.body().path("items").path(0).path("id").asString();
        assertThat(before.body().path("items").path(0).path("kind").asString()).isEqualTo("rule-lowered");
        assertThat(rest.post("/api/v1/alerts/" + newest + "/acknowledge", bearer, Map.of())
                        .status())
                .isEqualTo(204);
        assertThat(rest.get("/api/v1/alerts", bearer).body().path("total").asLong())
                .isEqualTo(before.body().path("total").asLong() - 1);
        rest.post("/api/v1/alerts/acknowledge", bearer, Map.of());
        assertThat(rest.get("/api/v1/alerts", bearer).body().path("total").asLong())
                .isZero();
    }

    @Test
    void groups_are_taken_in_from_a_table_after_a_preview() {
        SERVER.person("table.member");
        String bearer = key("ada.groups", "edit-people").bearer();
        String table = "group,member,nested\nTabled,table.member,\nTabled,nobody.there,\n";
        RestClient.Reply preview = rest.putRaw("/api/v1/imports/groups?dryRun=true", bearer, "text/csv", table);
        assertThat(preview.status()).as(preview.body().toString()).isEqualTo(200);
        assertThat(SERVER.count("SELECT count(*) FROM account_group WHERE name = 'Tabled'"))
                .isZero();
        RestClient.Reply taken = rest.putRaw("/api/v1/imports/groups", bearer, "text/csv", table);
        assertThat(taken.body().path("refused").asLong()).isOne();
        assertThat(taken.body()).isEqualTo(preview.body());
        assertThat(SERVER.count("SELECT count(*) FROM account_group WHERE name = 'Tabled'"))
                .isOne();
    }

    @Test
    void those_of_the_readiness_report_are_worked_on_at_once() {
        Account one = SERVER.person("covered.one");
        SERVER.person("covered.two");
        String group = SERVER.group("Covered", one).id().value();
        RestClient.Reply job = rest.post(
                "/api/v1/jobs",
                key("ada.covered", "view-people", "reset-factors").bearer(),
                Map.of(
                        "action",
                        "unlock",
                        "covered",
                        Map.of("scope", Map.of("everyone", false, "groups", List.of(group)))));
        assertThat(job.status()).as(job.body().toString()).isEqualTo(202);
        assertThat(job.body().path("total").asLong()).isOne();
    }
}
