package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.ActivityEntry;
import dev.countersign.activity.ActivityLog;
import dev.countersign.configuration.SettingKey;
import dev.countersign.store.Database;
import dev.countersign.support.LocalPushService;
import dev.countersign.support.Postbox;
import dev.countersign.support.TestServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** AC-223: whatever opens something leaves one line in the log, and no line speaks of what is not there. */
class TracesTest {
    private static final LocalPushService PUSHES = LocalPushService.start();
    private static final Postbox POST = new Postbox();
    private static final TestServer SERVER = TestServer.start(
            Map.of(SettingKey.PUSH_ALLOWED_ENDPOINTS, PUSHES.origin(), SettingKey.NODE_NAME, "north-1"));
    private static final List<ActivityEntry> LOG = afterEveryFlow();

    private static List<ActivityEntry> afterEveryFlow() {
        EveryFlow flows = new EveryFlow(SERVER, PUSHES, POST);
        assertThat(flows.secrets()).isNotEmpty();
        return SERVER.get(ActivityLog.class).newest(SERVER.environment().id(), 10_000);
    }

    @AfterAll
    static void stop() {
        SERVER.close();
        POST.close();
        PUSHES.close();
    }

    @Test
    void ac_223_each_line_says_which_server_wrote_it() {
        assertThat(LOG).isNotEmpty().allMatch(entry -> entry.details().contains("\"node\":\"north-1\""));
    }

    private static List<String> column(String query) {
        return SERVER.get(Database.class).sql().sql(query).query(String.class).list();
    }

    private static List<ActivityEntry> entries(String kind) {
        return LOG.stream().filter(entry -> entry.kind().equals(kind)).toList();
    }

    private static Predicate<ActivityEntry> saying(String detail) {
        return entry -> entry.details().contains("\"" + detail + "\"");
    }

    @Test
    void ac_223_each_session_was_begun_by_one_entry_and_each_entry_began_one() {
        List<String> sessions = column("SELECT id FROM session");
        assertThat(sessions).hasSizeGreaterThan(3);
        for (String session : sessions) {
            assertThat(entries("sign-in-completed").stream().filter(saying(session)))
                    .as(session)
                    .hasSize(1);
        }
        List<ActivityEntry> ended = new ArrayList<>(entries("session-ended"));
        for (ActivityEntry completed : entries("sign-in-completed")) {
            boolean there = sessions.stream().anyMatch(id -> saying(id).test(completed));
            boolean over = ended.stream().anyMatch(end -> sharesId(completed, end));
            assertThat(there || over).as("%s", completed).isTrue();
        }
    }

    /** Identifiers of the database are 26 letters and digits. */
    private static boolean sharesId(ActivityEntry one, ActivityEntry other) {
        return Pattern.compile("\"[a-z2-7]{26}\"")
                .matcher(one.details())
                .results()
                .anyMatch(id -> other.details().contains(id.group()));
    }

    @Test
    void ac_223_phones_keys_and_apps_are_there_as_often_as_the_log_says() {
        assertThat(entries("phone-paired")).hasSameSizeAs(column("SELECT id FROM phone"));
        assertThat(entries("api-key-created")).hasSameSizeAs(column("SELECT id FROM api_key"));
        assertThat(accounts("app-enrolled", "account-imported"))
                .as("whoever has an app was seen to set one up, or brought it along")
                .containsAll(column("SELECT account_id FROM totp"));
        List<String> taken = accounts("phone-replaced", "two-factor-reset");
        assertThat(column("SELECT account_id FROM totp")).doesNotContainAnyElementsOf(taken);
        assertThat(entries("phone-replaced"))
                .as("by the console and over REST")
                .hasSize(2)
                .allMatch(entry -> !entry.actorName().isBlank());
    }

    private static List<String> accounts(String... kinds) {
        TreeSet<String> accounts = new TreeSet<>();
        for (String kind : kinds) {
            entries(kind).forEach(entry -> entry.account().ifPresent(id -> accounts.add(id.value())));
        }
        return List.copyOf(accounts);
    }

    @Test
    void ac_223_passwords_are_changed_as_often_as_the_log_says_and_each_line_says_from_where() {
        assertThat(entries("password-changed").stream()
                        .filter(entry -> !entry.details().contains("true")))
                .as("by their owner, in the console, by mail, on the phone, over REST, and by the test")
                .hasSize(6);
        assertThat(LOG.stream().filter(entry -> !entry.origin().door().equals("system")))
                .isNotEmpty()
                .allSatisfy(entry -> {
                    assertThat(entry.kind().endsWith("-refused")
                                    || !entry.actorName().isBlank())
                            .as("whoever was refused is a stranger: %s", entry)
                            .isTrue();
                    assertThat(entry.origin().address()).as("%s", entry).isNotBlank();
                    assertThat(entry.origin().requestId()).as("%s", entry).matches("[a-z2-7]{26}");
                });
    }
}
