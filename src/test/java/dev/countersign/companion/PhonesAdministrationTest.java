package dev.countersign.companion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.Actor;
import dev.countersign.alert.Alert;
import dev.countersign.alert.Alerts;
import dev.countersign.apikey.ApiKeys;
import dev.countersign.apikey.Scopes;
import dev.countersign.directory.Account;
import dev.countersign.factor.companion.Phones;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Rules;
import dev.countersign.support.PhoneOwner;
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
