package dev.countersign.companion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.Actor;
import dev.countersign.alert.Alert;
import dev.countersign.alert.Alerts;
import dev.countersign.apikey.ApiKeys;
import dev.countersign.apikey.Scopes;
import dev.countersign.directory.Account;
import dev.countersign.factor.companion.Phones;
import dev.countersign.factor.password.Passwords;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.mail.MailServer;
import dev.countersign.mail.MailSettings;
import dev.countersign.policy.Rules;
import dev.countersign.support.PhoneOwner;
import dev.countersign.support.Postbox;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What administrators see and do about phones and approval, in the console and over REST. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PhonesAdministrationTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private TestServer server;
    private Account ada;
    private String key;

    @BeforeAll
    void start() {
        server = TestServer.start();
        server.policy(Rules.Mode.OPTIONAL);
        ada = server.person("ada.of.rest", Role.ADMINISTRATOR);
        key = key(
                ada,
                Role.ADMINISTRATOR.permissions().stream()
                        .map(permission -> permission.wireName())
                        .toList());
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private String key(Account owner, List<String> scopes) {
        ApiKeys.Creation creation = server.get(ApiKeys.class)
                .create(
                        new ApiKeys.Wish(
                                owner,
                                "phones",
                                Scopes.parse(scopes).orElseThrow(),
                                server.clock().instant().plus(Duration.ofDays(1))),
                        new ApiKeys.Giver.CommandLine(),
                        new Actor(Optional.empty(), "test"),
                        Origin.SYSTEM,
                        server.clock().instant());
        return ((ApiKeys.Creation.Created) creation).secret().reveal();
    }

    private record Reply(int status, String body, String etag) {
        JsonNode json() {
            return JSON.readTree(body);
        }
    }

    private Reply rest(String method, String path, String bearer, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url() + "/api/v1" + path));
        if (!bearer.isEmpty()) {
            request.header("Authorization", "Bearer " + bearer);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        request.header("Content-Type", "application/json")
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        try {
            HttpResponse<String> response =
                    HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Reply(
                    response.statusCode(),
                    response.body(),
                    response.headers().firstValue("ETag").orElse(""));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Test
    void the_help_desk_sees_a_phone_on_the_page_of_its_owner_and_removes_it() {
        PhoneOwner owner = PhoneOwner.of(server, "lost.phone");
        TestServer.Enrolled desk = server.enrolled("desk", Role.HELP_DESK);
        TestBrowser browser = server.browser();
        browser.follow(browser.signIn("desk", TestServer.PASSWORD, desk.app().code()));
        String page = "/console/people/" + owner.account().id().value();
        assertThat(browser.get(page).body()).contains("Pixel");
        assertThat(browser.post(page + "/phone", "phone", owner.phone().id()).location())
                .isEqualTo(page + "?notice=phone-removed");
        assertThat(owner.phone().get("/me").problem()).isEqualTo("phone-proof");
    }

    @Test
    void nobody_removes_the_phone_of_someone_with_more_rights() {
        PhoneOwner owner = PhoneOwner.of(server, "chief");
        server.get(dev.countersign.directory.Accounts.class)
                .changeRole(
                        owner.account(),
                        Role.ADMINISTRATOR,
                        new Actor(Optional.empty(), "test"),
                        Origin.SYSTEM,
                        server.clock().instant());
        String desk = key(server.person("desk.rest", Role.HELP_DESK), List.of("view-people", "reset-factors"));
        String path = "/people/" + owner.account().id().value() + "/phones/"
                + owner.phone().id();
        assertThat(rest("DELETE", path, desk, "").status()).isEqualTo(403);
        assertThat(server.get(Phones.class).of(owner.account().id())).hasSize(1);
        assertThat(rest("DELETE", path, key, "").status()).isEqualTo(204);
        assertThat(server.get(Phones.class).of(owner.account().id())).isEmpty();
    }

    @Test
    void rest_lists_phones_and_what_they_were_asked() {
        PhoneOwner owner = PhoneOwner.of(server, "asked");
        String path = "/people/" + owner.account().id().value();
        JsonNode phone =
                rest("GET", path + "/phones", key, "").json().path("items").get(0);
        assertThat(phone.path("name").asString()).isEqualTo("Pixel");
        assertThat(phone.path("notified").asBoolean()).isFalse();

        TestBrowser browser = server.browser();
        browser.follow(browser.signIn("asked", TestServer.PASSWORD));
        owner.phone().decide(owner.phone().request(), "refuse", "");
        JsonNode asked =
                rest("GET", path + "/approvals", key, "").json().path("items").get(0);
        assertThat(asked.path("state").asString()).isEqualTo("refused");
        assertThat(asked.path("phone").asString()).isEqualTo(owner.phone().id());
    }

    @Test
    void who_has_no_phone_is_found_in_the_list_in_the_report_and_over_rest() {
        PhoneOwner owner = PhoneOwner.of(server, "ready.with");
        Account without = server.person("ready.without");
        assertThat(usernames("/people?search=ready&companion=none")).containsExactly("ready.without");
        assertThat(usernames("/people?search=ready&companion=paired")).containsExactly("ready.with");
        assertThat(rest("GET", "/people/count?search=ready&companion=none", key, "")
                        .json()
                        .path("people")
                        .asLong())
                .isEqualTo(1);
        assertThat(rest("GET", "/people?companion=perhaps", key, "").body())
                .contains("companion is one of: paired, none");
        JsonNode one =
                rest("GET", "/people/" + owner.account().id().value(), key, "").json();
        assertThat(one.path("companionSince").asString()).isNotEmpty();
        String people = "?person=" + owner.account().id().value() + "&person="
                + without.id().value();
        assertThat(usernames("/policy/readiness" + people + "&companion=none")).containsExactly("ready.without");
        assertThat(rest("GET", "/policy/readiness/summary" + people, key, "")
                        .json()
                        .path("withoutCompanion")
                        .asLong())
                .isEqualTo(1);

        TestServer.Enrolled chief = server.enrolled("ready.chief", Role.ADMINISTRATOR);
        TestBrowser browser = server.browser();
        browser.follow(
                browser.signIn("ready.chief", TestServer.PASSWORD, chief.app().code()));
        assertThat(browser.get("/console/people?q=ready&companion=none").body())
                .contains("ready.without", "companion=none&amp;sort=name", "export.csv?q=ready&amp;companion=none")
                .doesNotContain("ready.with<");
        assertThat(browser.get("/console/people/export.csv?q=ready&companion=none")
                        .body())
                .contains("companion_since", "ready.without")
                .doesNotContain("ready.with,");
        String report = "/console/readiness?scope=SELECTED&people=ready.with+ready.without&companion=";
        assertThat(browser.get(report + "none").body())
                .contains("No phone that approves", "readiness.csv?scope=SELECTED")
                .contains("companion=none")
                .doesNotContain("Has a phone that approves</td>");
        assertThat(browser.get(report.replace("/readiness", "/readiness.json") + "paired")
                        .body())
                .contains("\"companion\":true")
                .doesNotContain("ready.without");

        rest(
                "DELETE",
                "/people/" + owner.account().id().value() + "/phones/"
                        + owner.phone().id(),
                key,
                "");
        assertThat(usernames("/people?search=ready&companion=paired")).isEmpty();
        assertThat(without.enrolledAt()).isEmpty();
    }

    private List<String> usernames(String path) {
        Reply reply = rest("GET", path, key, "");
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        return reply.json()
                .path("items")
                .valueStream()
                .map(item -> item.path("username").asString())
                .toList();
    }

    @Test
    void those_without_a_phone_are_invited_over_rest_and_in_the_console_and_nobody_else() {
        PhoneOwner owner = PhoneOwner.of(server, "invite.with");
        Account without = server.person("invite.without");
        String job = "{\"action\":\"invite-companion\",\"filter\":{\"search\":\"invite\"}}";
        assertThat(rest("POST", "/jobs", key, job).status())
                .as("no mail is sent here")
                .isEqualTo(409);
        try (Postbox post = new Postbox()) {
            mailServer(Optional.of(post.port()));
            JsonNode run = rest("POST", "/jobs", key, job).json();
            assertThat(run.path("done").asLong()).isEqualTo(1);
            assertThat(rest("GET", "/jobs/" + run.path("id").asString() + "/people?refused=true", key, "")
                            .json()
                            .path("items")
                            .get(0)
                            .path("refusal")
                            .asString())
                    .isEqualTo("already-paired");
            post.await(without.email(), "Approve sign-ins on your phone", 1);
            TestServer.Enrolled chief = server.enrolled("invite.chief", Role.ADMINISTRATOR);
            TestBrowser browser = server.browser();
            browser.follow(browser.signIn(
                    "invite.chief", TestServer.PASSWORD, chief.app().code()));
            browser.get("/console/people/" + without.id().value());
            TestBrowser.Reply chosen = browser.post(
                    "/console/people/choose",
                    "action",
                    "invite-companion",
                    "id",
                    without.id().value());
            assertThat(browser.get(chosen.location()).body()).contains("The link works once, for seven days");
            browser.post(chosen.location().replaceFirst("\\?.*", "") + "/begin");
            post.await(without.email(), "Approve sign-ins on your phone", 2);
            assertThat(post.to(owner.account().email()).stream().map(Postbox.Received::subject))
                    .doesNotContain("Approve sign-ins on your phone");
            assertThat(server.activityOf(without).stream().map(entry -> entry.kind()))
                    .containsOnlyOnce("account-created")
                    .contains("phone-invited");
        } finally {
            mailServer(Optional.empty());
        }
    }

    private void mailServer(Optional<Integer> port) {
        MailServer mails = server.get(MailServer.class);
        Actor actor = new Actor(Optional.empty(), "test");
        if (port.isEmpty()) {
            mails.remove(
                    server.environment().id(),
                    actor,
                    Origin.SYSTEM,
                    server.clock().instant());
            return;
        }
        MailSettings settings = new MailSettings(
                "127.0.0.1", port.get(), MailSettings.Security.NONE, "", "login@northwind.example", "Northwind", "en");
        mails.change(
                server.environment().id(),
                settings,
                Optional.empty(),
                actor,
                Origin.SYSTEM,
                server.clock().instant());
    }

    @Test
    void an_application_signs_in_with_the_phone_over_rest() {
        PhoneOwner owner = PhoneOwner.of(server, "native");
        JsonNode begun = rest(
                        "POST",
                        "/sign-ins",
                        "",
                        "{\"username\":\"native\",\"password\":\"" + TestServer.PASSWORD + "\"}")
                .json();
        JsonNode push = begun.path("offer")
                .valueStream()
                .filter(one -> one.path("factor").asString().equals("push"))
                .findFirst()
                .orElseThrow();
        assertThat(push.path("state").asString()).isEqualTo("open");
        String answers = "/sign-ins/" + begun.path("id").asString() + "/answers";
        String token = begun.path("token").asString();
        assertThat(rest("POST", answers, token, "{\"factor\":\"push\"}")
                        .json()
                        .path("state")
                        .asString())
                .isEqualTo("asked");
        owner.phone()
                .decide(owner.phone().request(), "approve", push.path("digits").asString());
        assertThat(rest("POST", answers, token, "{\"factor\":\"push\"}")
                        .json()
                        .path("state")
                        .asString())
                .isEqualTo("complete");
    }

    @Test
    void rest_changes_when_phones_are_asked_and_tells_when_it_is_less() {
        Reply before = rest("GET", "/policy/approval", key, "");
        assertThat(before.json().path("everyone").path("mode").asString()).isEqualTo("off");
        String random =
                "{\"everyone\":{\"mode\":\"random\",\"share\":30,\"longestHours\":48},\"confirmation\":\"code\"}";
        assertThat(rest("PUT", "/policy/approval", key, random).status()).isEqualTo(428);
        Reply changed = rest("PUT", "/policy/approval", key, random, "If-Match", before.etag());
        assertThat(changed.status()).as(changed.body()).isEqualTo(200);
        assertThat(changed.json().path("confirmation").asString()).isEqualTo("code");
        assertThat(rest("PUT", "/policy/approval", key, random, "If-Match", before.etag())
                        .status())
                .isEqualTo(412);
        assertThat(rest(
                                "PUT",
                                "/policy/approval",
                                key,
                                "{\"everyone\":{\"mode\":\"random\",\"share\":101}}",
                                "If-Match",
                                changed.etag())
                        .status())
                .isEqualTo(422);
        Account other = server.person("other.administrator", Role.ADMINISTRATOR);
        long lowered = lowered(other);
        Reply off =
                rest("PUT", "/policy/approval", key, "{\"everyone\":{\"mode\":\"off\"}}", "If-Match", changed.etag());
        assertThat(off.json().path("confirmation").asString()).isEqualTo("code");
        assertThat(lowered(other)).isEqualTo(lowered + 1);
        rest(
                "PUT",
                "/policy/approval",
                key,
                "{\"everyone\":{\"mode\":\"off\"},\"confirmation\":\"number\"}",
                "If-Match",
                off.etag());
    }

    @Test
    void administrators_are_told_when_somebody_says_it_was_not_me() {
        PhoneOwner owner = PhoneOwner.of(server, "reporter");
        TestBrowser thief = server.browser();
        thief.follow(thief.signIn("reporter", TestServer.PASSWORD));
        owner.phone().decide(owner.phone().request(), "report", "");
        assertThat(kinds(ada)).contains(Alert.Kind.SIGN_IN_REPORTED);
    }

    @Test
    void after_a_report_an_administrator_sets_a_password_that_opens_again() {
        PhoneOwner owner = PhoneOwner.of(server, "unblocked");
        TestBrowser thief = server.browser();
        thief.follow(thief.signIn("unblocked", TestServer.PASSWORD));
        owner.phone().decide(owner.phone().request(), "report", "");
        server.clock().advance(Duration.ofMinutes(20));
        assertThat(server.browser().signIn("unblocked", TestServer.PASSWORD).location())
                .contains("problem=sign-in-failed");
        String path = "/people/" + owner.account().id().value();
        assertThat(rest("POST", path + "/unlock", key, "").status()).isLessThan(300);
        assertThat(server.get(Passwords.class).blockedBy(owner.account().id()))
                .as("lifting pauses does not give a known password back")
                .isPresent();
        String body = "{\"password\":\"chosen at the help desk 7\"}";
        assertThat(rest("PUT", path + "/password", key, body).status()).isEqualTo(204);
        assertThat(server.get(Passwords.class).blockedBy(owner.account().id())).isEmpty();
        server.clock().advance(Duration.ofMinutes(20));
        assertThat(server.browser()
                        .signIn("unblocked", "chosen at the help desk 7")
                        .location())
                .isEqualTo("/sign-in/approval");
    }

    @Test
    void the_console_shows_whom_a_change_concerns_before_it_is_made() {
        TestServer.Enrolled chief = server.enrolled("console.chief", Role.ADMINISTRATOR);
        TestBrowser browser = server.browser();
        browser.follow(
                browser.signIn("console.chief", TestServer.PASSWORD, chief.app().code()));
        assertThat(browser.get("/console/security").body()).contains("Approval on the phone", "Only as the rule says");
        String form = browser.get("/console/security/approval").body();
        String version = form.replaceAll("(?s).*name=\"version\" value=\"(\\d+)\".*", "$1");
        String[] filled = {
            "version", version, "group", "", "mode", "random", "share", "25", "longest", "72", "confirmation", "tap"
        };
        assertThat(browser.post("/console/security/approval", filled).body())
                .contains("On 25 of 100 days", "Press OK (weaker)", "people will be asked");
        assertThat(browser.get("/console/security").body()).doesNotContain("On 25 of 100 days");
        assertThat(browser.post("/console/security/approval/confirm", filled).location())
                .isEqualTo("/console/security?notice=saved");
        assertThat(browser.get("/console/security").body()).contains("On 25 of 100 days, at the latest after 72 hours");
        assertThat(browser.post("/console/security/approval/confirm", filled).location())
                .isEqualTo("/console/security?problem=admin-version-changed");
        filled[1] = Integer.toString(Integer.parseInt(version) + 1);
        filled[7] = "0";
        assertThat(browser.post("/console/security/approval", filled).body()).contains("Give 1 to 100 days");
        filled[5] = "off";
        filled[7] = "20";
        filled[11] = "number";
        assertThat(browser.post("/console/security/approval/confirm", filled).location())
                .isEqualTo("/console/security?notice=saved");
    }

    private long lowered(Account administrator) {
        return kinds(administrator).stream()
                .filter(kind -> kind == Alert.Kind.APPROVAL_LOWERED)
                .count();
    }

    private List<Alert.Kind> kinds(Account administrator) {
        return server.get(Alerts.class).unacknowledged(administrator.environment(), administrator.id(), 50).stream()
                .map(Alert::kind)
                .toList();
    }
}
