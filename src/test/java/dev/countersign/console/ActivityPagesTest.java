package dev.countersign.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.activity.Sealing;
import dev.countersign.directory.Account;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Rules;
import dev.countersign.store.Database;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The activity page: who may see it, its questions, its files, and what it shows as it happens. */
class ActivityPagesTest {
    private static final TestServer SERVER = TestServer.start();

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private static TestBrowser inConsole(Enrolled person) {
        SERVER.policy(Rules.Mode.REQUIRED);
        SERVER.clock().advance(Duration.ofSeconds(60));
        TestBrowser browser = SERVER.browser();
        browser.signIn(
                person.account().username(), TestServer.PASSWORD, person.app().code());
        browser.get("/account");
        return browser;
    }

    @Test
    void up_to_when_the_log_is_sealed_is_said_calmly_and_that_it_is_not_as_a_warning() {
        TestBrowser browser = inConsole(SERVER.enrolled("sealing-ada", Role.ADMINISTRATOR));
        SERVER.get(Sealing.class).seal(SERVER.environment().id(), SERVER.clock().instant());
        assertThat(browser.get("/console/activity").body())
                .contains("Sealed up to ")
                .doesNotContain("wait to be sealed");
        statement("ALTER TABLE activity_checkpoint RENAME TO activity_checkpoint_away");
        Account bea = SERVER.person("sealing-bea");
        note(bea, Origin.SYSTEM, new ActivityEvent.AppEnrolled());
        SERVER.clock().advance(Duration.ofSeconds(61));
        assertThat(browser.get("/console/activity").body())
                .contains("wait to be sealed")
                .doesNotContain("Sealed up to ");
        statement("ALTER TABLE activity_checkpoint_away RENAME TO activity_checkpoint");
        SERVER.get(Sealing.class).seal(SERVER.environment().id(), SERVER.clock().instant());
        assertThat(browser.get("/console/activity").body()).contains("Sealed up to ");
    }

    private static void statement(String sql) {
        SERVER.get(Database.class)
                .write(() -> SERVER.get(Database.class).sql().sql(sql).update());
    }

    private static void note(Account about, Origin origin, ActivityEvent event) {
        SERVER.get(Database.class)
                .write(() -> SERVER.get(ActivityLog.class)
                        .record(
                                SERVER.environment().id(),
                                Optional.of(about.id()),
                                Actor.SYSTEM,
                                origin,
                                event,
                                SERVER.clock().instant()));
    }

    private static Origin from(String address, String browser) {
        return new Origin("portal", address, browser, "request-1");
    }

    @Test
    void each_role_sees_exactly_its_part() {
        for (Role role : Role.values()) {
            TestBrowser browser = inConsole(SERVER.enrolled("role." + role.wireName(), role));
            boolean may = List.of(Role.ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDITOR)
                    .contains(role);
            for (String path : List.of("/console/activity", "/console/activity/export?format=jsonl")) {
                assertThat(browser.fork().get(path).status())
                        .as("%s %s", role, path)
                        .isEqualTo(may ? 200 : 403);
            }
            boolean edits = role == Role.ADMINISTRATOR || role == Role.SECURITY_ADMINISTRATOR;
            assertThat(browser.fork()
                            .post("/console/activity/retention", "days", "400")
                            .status())
                    .as("%s sets the retention", role)
                    .isEqualTo(edits ? 303 : 403);
            boolean seesMail = role != Role.HELP_DESK && role != Role.USER;
            assertThat(browser.fork().get("/console/mail").status())
                    .as("%s mail", role)
                    .isEqualTo(seesMail ? 200 : 403);
            for (String path : List.of("/console/mail", "/console/mail/test", "/console/mail/remove")) {
                assertThat(browser.fork().post(path).status() == 403)
                        .as("%s posts to %s", role, path)
                        .isEqualTo(!edits);
            }
        }
    }

    @Test
    void filters_are_in_the_address_and_narrow_what_is_shown() {
        TestBrowser auditor = inConsole(SERVER.enrolled("filter.auditor", Role.AUDITOR));
        Account bea = SERVER.person("filter.bea");
        note(bea, from("192.0.2.71", "Firefox"), new ActivityEvent.AppRemoved());
        note(bea, from("192.0.2.72", "Firefox"), new ActivityEvent.AppEnrolled());
        String about = auditor.get("/console/activity?person=filter.bea").body();
        assertThat(about).contains("192.0.2.71", "192.0.2.72").doesNotContain(">filter.auditor<");
        assertThat(auditor.get("/console/activity?person=filter.bea&kind=app-enrolled")
                        .body())
                .contains("192.0.2.72")
                .doesNotContain("192.0.2.71")
                .contains("export?kind=app-enrolled&amp;person=filter.bea&amp;format=csv");
        assertThat(auditor.get("/console/activity?address=192.0.2.71").body()).doesNotContain("192.0.2.72<");
        assertThat(auditor.get("/console/activity?person=nobody.at.all").status())
                .isEqualTo(422);
        assertThat(auditor.get("/console/activity?from=yesterday").status()).isEqualTo(422);
        assertThat(auditor.get("/console/activity?to=2001-01-01").body()).contains("Nothing found");
        assertThat(auditor.get("/console/activity?before=x&kind=%27%22%3Cscript%3E")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void pages_lead_to_older_entries() {
        TestBrowser auditor = inConsole(SERVER.enrolled("paging.auditor", Role.AUDITOR));
        Account bea = SERVER.person("paging.bea");
        for (int i = 0; i < 60; i++) {
            note(bea, from("198.51.100." + i, ""), new ActivityEvent.AppReplaced());
        }
        String first = auditor.get("/console/activity?person=paging.bea").body();
        assertThat(first).contains("198.51.100.59<").doesNotContain("198.51.100.9<");
        String older =
                first.replaceAll("(?s).*rel=\"next\" href=\"([^\"]+)\".*", "$1").replace("&amp;", "&");
        assertThat(auditor.get(older).body()).contains("198.51.100.9<").doesNotContain("198.51.100.10<");
    }

    @Test
    void ac_127_no_cell_of_the_file_is_a_formula() {
        TestBrowser auditor = inConsole(SERVER.enrolled("export.auditor", Role.AUDITOR));
        Account bea = SERVER.person("export.bea");
        for (String nasty : List.of("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx")) {
            note(bea, from("192.0.2.80", nasty), new ActivityEvent.AppReplaced());
        }
        note(bea, from("192.0.2.80", "quote \" and, comma\nline"), new ActivityEvent.AppReplaced());
        TestBrowser.Reply csv = auditor.get("/console/activity/export?format=csv&person=export.bea");
        assertThat(csv.header("Content-Disposition")).contains("attachment; filename=\"activity.csv\"");
        assertThat(csv.body())
                .startsWith("\"sequence\",\"at\",\"kind\"")
                .contains("\"'=1+1\"", "\"'+1\"", "\"'-1\"", "\"'@SUM(A1)\"", "\"'\tx\"", "\"'\rx\"")
                .contains("\"quote \"\" and, comma\nline\"")
                .doesNotContain(",=", ",\"=", ",\"@", "export.auditor");
        String jsonl = auditor.get("/console/activity/export?format=jsonl&person=export.bea")
                .body();
        assertThat(jsonl.lines()).allMatch(line -> line.startsWith("{\"sequence\":") && line.endsWith("}"));
        assertThat(jsonl).contains("\"username\":\"export.bea\"").contains("=1+1");
        assertThat(auditor.get("/console/activity/export?format=xls").status()).isEqualTo(400);
    }

    @Test
    void sentences_have_old_and_new_value_in_the_language_of_the_reader() {
        TestBrowser browser = inConsole(SERVER.enrolled("sentence.ada", Role.ADMINISTRATOR));
        browser.post("/console/activity/retention", "days", "730");
        assertThat(browser.get("/console/activity?kind=retention-changed").body())
                .contains("before 400, now 730");
        TestBrowser german = browser.fork().header("Accept-Language", "de");
        assertThat(german.get("/console/activity?kind=retention-changed").body())
                .contains("vorher 400, jetzt 730");
        for (String wrong : List.of("7", "99999999999", "-1", "x")) {
            assertThat(browser.post("/console/activity/retention", "days", wrong)
                            .location())
                    .contains("problem=activity-days");
        }
        browser.post("/console/activity/retention", "days", "400");
    }

    @Test
    void what_happens_is_told_at_once_until_the_session_ends() throws Exception {
        Enrolled auditor = SERVER.enrolled("live.auditor", Role.AUDITOR);
        TestBrowser browser = inConsole(auditor);
        Account bea = SERVER.person("live.bea");
        long newest = SERVER.get(ActivityLog.class)
                .newestSequence(SERVER.environment().id());
        assertThat(browser.fork().get("/console/activity/live").status()).isEqualTo(400);
        try (BufferedReader tail = listen(browser, "/console/activity/live?person=live.bea&after=" + newest)) {
            assertThat(tail.readLine()).isEqualTo(": ");
            note(auditor.account(), from("192.0.2.90", ""), new ActivityEvent.AppReplaced());
            note(bea, from("192.0.2.91", ""), new ActivityEvent.AppReplaced());
            List<String> lines = new ArrayList<>();
            while (lines.stream().noneMatch(line -> line.startsWith("data"))) {
                lines.add(tail.readLine());
            }
            assertThat(lines).anyMatch(line -> line.startsWith("id: ")).last().isEqualTo("data: 1");
            browser.post("/sign-out");
            Instant limit = Instant.now().plusSeconds(20);
            String line = tail.readLine();
            while (line != null) {
                assertThat(Instant.now()).isBefore(limit);
                line = tail.readLine();
            }
        }
        assertThat(browser.get("/console/activity/live?after=1").status()).isEqualTo(303);
    }

    private static BufferedReader listen(TestBrowser browser, String path) throws IOException, InterruptedException {
        StringBuilder cookies = new StringBuilder();
        browser.cookies()
                .forEach((name, value) ->
                        cookies.append(name).append('=').append(value).append("; "));
        HttpRequest request = HttpRequest.newBuilder(URI.create(SERVER.url() + path))
                .header("Cookie", cookies.toString())
                .header("Accept", "text/event-stream")
                .build();
        HttpResponse<java.io.InputStream> response =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith("text/event-stream");
        return new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
    }
}
