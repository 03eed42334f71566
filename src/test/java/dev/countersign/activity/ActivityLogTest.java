package dev.countersign.activity;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.directory.Account;
import dev.countersign.directory.Environment;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.support.TestInstallation;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The activity log, on both databases. */
class ActivityLogTest {
    @Nested
    class OnSqlite extends Contract {
        OnSqlite() {
            super(TestInstallation.sqlite());
        }
    }

    @Nested
    class OnPostgresql extends Contract {
        OnPostgresql() {
            super(TestInstallation.postgresql());
        }
    }

    @Test
    void kinds_are_stable_names() {
        assertThat(new ActivityEvent.SignInCompleted(List.of(), "", "").kind()).isEqualTo("sign-in-completed");
        assertThat(new ActivityEvent.TwoFactorReset("ada").kind()).isEqualTo("two-factor-reset");
        assertThat(new ActivityEvent.KnownBrowserRemembered().kind()).isEqualTo("known-browser-remembered");
    }

    abstract static class Contract {
        private final TestInstallation on;
        private final ActivityLog log;

        Contract(TestInstallation on) {
            this.on = on;
            this.log = on.get(ActivityLog.class);
        }

        @Test
        void an_entry_reads_back_as_recorded() {
            Environment acme = on.environment();
            Account bea = on.person(acme, "bea", Role.USER);
            Origin origin = new Origin("portal", "2001:db8::7", "Firefox, Linux", "request-1");
            Actor actor = Actor.person(bea.id(), "bea");
            ActivityEvent event = new ActivityEvent.SignInCompleted(
                    List.of(FactorKind.PASSWORD, FactorKind.TOTP), "session-1", "account");
            on.database().write(() -> log.record(acme.id(), Optional.of(bea.id()), actor, origin, event, NOW));
            ActivityEntry entry = log.newestOf(bea.id(), 1).getFirst();
            assertThat(entry.at()).isEqualTo(NOW);
            assertThat(entry.kind()).isEqualTo("sign-in-completed");
            assertThat(entry.account()).contains(bea.id());
            assertThat(entry.actorName()).isEqualTo("bea");
            assertThat(entry.origin()).isEqualTo(origin);
            assertThat(entry.details())
                    .contains("\"ways\":[\"PASSWORD\",\"TOTP\"]")
                    .contains("\"session\":\"session-1\"");
        }

        @Test
        void nothing_is_recorded_apart_from_its_cause() {
            Environment acme = on.environment();
            assertThatThrownBy(() -> record(acme.id(), "alone")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> on.database().write(() -> {
                        record(acme.id(), "undone");
                        throw new IllegalArgumentException("the cause fails");
                    }))
                    .hasMessage("the cause fails");
            assertThat(on.log(acme)).containsExactly("environment-created");
        }

        @Test
        void entries_are_in_the_order_they_were_written_even_at_the_same_instant() {
            Environment acme = on.environment();
            for (int i = 0; i < 20; i++) {
                String group = "group-" + i;
                on.database().write(() -> record(acme.id(), group));
            }
            List<ActivityEntry> newest = log.newest(acme.id(), 10);
            assertThat(newest).hasSize(10);
            assertThat(newest.getFirst().details()).contains("group-19");
            assertThat(newest.getLast().details()).contains("group-10");
            assertThat(newest.stream().map(ActivityEntry::sequence)).isSortedAccordingTo((a, b) -> Long.compare(b, a));
        }

        @Test
        void an_environment_sees_its_own_entries_only() {
            Environment acme = on.environment();
            Environment other = on.environment();
            on.person(acme, "bea", Role.USER);
            assertThat(on.log(other)).containsExactly("environment-created");
        }

        @Test
        void strange_text_is_kept_as_it_is() {
            Environment acme = on.environment();
            String strange = "a\"b\\c\n<script>' 漢字 \uD83D\uDE00";
            on.database().write(() -> record(acme.id(), strange));
            tools.jackson.databind.JsonNode details = tools.jackson.databind.json.JsonMapper.builder()
                    .build()
                    .readTree(log.newest(acme.id(), 1).getFirst().details());
            assertThat(details.path("group").asString()).isEqualTo(strange);
        }

        private void record(EnvironmentId environment, String group) {
            log.record(environment, Optional.empty(), ACTOR, Origin.SYSTEM, new ActivityEvent.GroupCreated(group), NOW);
        }
    }
}
