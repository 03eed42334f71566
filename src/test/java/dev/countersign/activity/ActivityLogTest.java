package dev.countersign.activity;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.directory.Account;
import dev.countersign.directory.Environment;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.support.TestInstallation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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

        private static final Origin THERE = new Origin("portal", "192.0.2.9", "", "request-2");

        private void note(Environment acme, Optional<AccountId> about, Origin origin, ActivityEvent event, Instant at) {
            on.database().write(() -> log.record(acme.id(), about, ACTOR, origin, event, at));
        }

        private static ActivityFilter filter(
                Optional<AccountId> account,
                Optional<String> actor,
                Optional<String> kind,
                Optional<Instant> from,
                Optional<Instant> to,
                Optional<String> address) {
            return new ActivityFilter(account, actor, kind, from, to, address);
        }

        private static <T> Optional<T> any() {
            return Optional.empty();
        }

        private List<String> found(Environment acme, ActivityFilter filter) {
            return log.before(acme.id(), filter, Long.MAX_VALUE, 100).stream()
                    .map(ActivityEntry::kind)
                    .toList();
        }

        @Test
        void entries_are_found_by_person_actor_kind_time_and_address() {
            Environment acme = on.environment();
            Account bea = on.person(acme, "bea", Role.USER);
            Instant later = NOW.plus(Duration.ofDays(3));
            note(acme, Optional.of(bea.id()), THERE, new ActivityEvent.AppEnrolled(), NOW);
            note(acme, Optional.of(bea.id()), Origin.SYSTEM, new ActivityEvent.AppReplaced(), later);
            on.database()
                    .write(() ->
                            log.record(acme.id(), any(), Actor.SYSTEM, THERE, new ActivityEvent.AppRemoved(), later));
            assertThat(found(acme, ActivityFilter.about(bea.id())))
                    .containsExactly("app-replaced", "app-enrolled", "account-created");
            assertThat(found(acme, filter(any(), Optional.of("system"), any(), any(), any(), any())))
                    .containsExactly("app-removed");
            assertThat(found(acme, filter(any(), any(), Optional.of("app-enrolled"), any(), any(), any())))
                    .containsExactly("app-enrolled");
            assertThat(found(acme, filter(any(), any(), any(), any(), any(), Optional.of("192.0.2.9"))))
                    .containsExactly("app-removed", "app-enrolled");
            assertThat(found(acme, filter(any(), any(), any(), Optional.of(later), any(), any())))
                    .containsExactly("app-removed", "app-replaced");
            assertThat(found(acme, filter(any(), any(), any(), any(), Optional.of(later), any())))
                    .doesNotContain("app-removed", "app-replaced")
                    .contains("app-enrolled");
            assertThat(found(
                            acme,
                            filter(
                                    Optional.of(bea.id()),
                                    Optional.of("test"),
                                    Optional.of("app-replaced"),
                                    Optional.of(NOW),
                                    Optional.of(later.plusSeconds(1)),
                                    Optional.of("local"))))
                    .containsExactly("app-replaced");
            assertThat(found(acme, filter(any(), any(), any(), Optional.of(later.plusSeconds(9_999)), any(), any())))
                    .isEmpty();
        }

        @Test
        void a_clock_that_is_behind_hides_no_entry() {
            Environment acme = on.environment();
            note(acme, any(), THERE, new ActivityEvent.AppEnrolled(), NOW);
            note(acme, any(), THERE, new ActivityEvent.AppReplaced(), NOW.minus(Duration.ofMinutes(5)));
            assertThat(found(acme, filter(any(), any(), any(), any(), Optional.of(NOW), any())))
                    .containsExactly("app-replaced");
            assertThat(found(acme, filter(any(), any(), any(), Optional.of(NOW), any(), any())))
                    .contains("app-enrolled");
        }

        @Test
        void pages_follow_each_other_without_gap_or_repetition_while_entries_come_in() {
            Environment acme = on.environment();
            for (int i = 0; i < 25; i++) {
                String group = "group-" + i;
                on.database().write(() -> record(acme.id(), group));
            }
            List<Long> seen = new ArrayList<>();
            long before = Long.MAX_VALUE;
            List<ActivityEntry> page = log.before(acme.id(), ActivityFilter.ALL, before, 10);
            while (!page.isEmpty()) {
                page.forEach(entry -> seen.add(entry.sequence()));
                on.database().write(() -> record(acme.id(), "newer"));
                page = log.before(acme.id(), ActivityFilter.ALL, page.getLast().sequence(), 10);
            }
            assertThat(seen).hasSize(26).doesNotHaveDuplicates();
            List<Long> exported = new ArrayList<>();
            log.forEach(acme.id(), ActivityFilter.ALL, entry -> exported.add(entry.sequence()));
            assertThat(exported).isSorted().containsAll(seen);
        }

        @Test
        void a_flood_of_refusals_stays_small_and_hides_nothing() {
            Environment acme = on.environment();
            Account bea = on.person(acme, "bea", Role.USER);
            Instant at = NOW.plus(Duration.ofHours(on.hashCode() & 7));
            ActivityEvent wrong =
                    new ActivityEvent.SignInRefused(ActivityEvent.Refusal.WRONG_PASSWORD, FactorKind.PASSWORD);
            on.database().write(() -> {
                for (int i = 0; i < 3_000; i++) {
                    Origin from = new Origin("portal", "198.51." + i % 1_500 / 250 + "." + i % 250, "", "r" + i);
                    log.record(acme.id(), any(), Actor.ANONYMOUS, from, wrong, at);
                    log.record(acme.id(), any(), Actor.ANONYMOUS, THERE, wrong, at);
                }
                for (int i = 0; i < 30; i++) {
                    log.record(acme.id(), Optional.of(bea.id()), ACTOR, THERE, wrong, at);
                }
            });
            note(acme, Optional.of(bea.id()), THERE, new ActivityEvent.AppRemoved(), at);
            List<ActivityEntry> all = log.newest(acme.id(), 10_000);
            assertThat(all).hasSizeLessThan(Repeats.ADDRESSES + 50);
            assertThat(all.stream()
                            .filter(entry -> entry.kind().equals("sign-in-refused"))
                            .mapToLong(ActivityEntry::repeats)
                            .sum())
                    .isEqualTo(6_030);
            assertThat(log.newestOf(bea.id(), 100))
                    .hasSize(32)
                    .first()
                    .extracting(ActivityEntry::kind)
                    .isEqualTo("app-removed");
            assertThat(all.stream().filter(entry -> entry.repeats() > 1_000))
                    .allMatch(entry -> entry.account().isEmpty());
        }

        @Test
        void what_is_held_back_is_counted_once_an_hour() {
            Environment acme = on.environment();
            ActivityEvent held = new ActivityEvent.SignInThrottled(FactorKind.TOTP, 30);
            for (int i = 0; i < 5; i++) {
                note(acme, any(), THERE, held, NOW.plusSeconds(i));
            }
            ActivityEntry entry = log.newest(acme.id(), 1).getFirst();
            assertThat(entry.repeats()).isEqualTo(5);
            assertThat(entry.at()).isEqualTo(NOW);
            assertThat(entry.lastAt()).isEqualTo(NOW.plusSeconds(4));
            note(acme, any(), THERE, held, NOW.plus(Duration.ofHours(1)));
            assertThat(log.newest(acme.id(), 1).getFirst().repeats()).isEqualTo(1);
        }

        @Test
        void entries_go_when_they_are_too_old_and_how_many_is_noted() {
            Retention retention = on.get(Retention.class);
            Environment acme = on.environment();
            Environment other = on.environment();
            retention.change(other.id(), ActivitySettings.ofDays(0), ACTOR, Origin.SYSTEM, NOW);
            for (int i = 0; i < 12; i++) {
                note(acme, any(), THERE, new ActivityEvent.AppEnrolled(), NOW);
            }
            note(acme, any(), THERE, new ActivityEvent.AppRemoved(), NOW.plus(Duration.ofDays(1)));
            assertThat(retention.settings(acme.id()).days()).isEqualTo(400);
            on.get(Sealing.class).seal(acme.id(), NOW.plus(Duration.ofDays(1)));
            retention.removeOld(NOW.plus(Duration.ofDays(400)).plusSeconds(1));
            assertThat(on.log(acme)).containsExactly("app-removed", "entries-removed");
            assertThat(log.newest(acme.id(), 1).getFirst().details()).contains("13");
            assertThat(on.log(other)).contains("environment-created");
            retention.change(acme.id(), ActivitySettings.ofDays(30), ACTOR, Origin.SYSTEM, NOW);
            assertThat(log.newest(acme.id(), 1).getFirst().details())
                    .contains("400")
                    .contains("30");
            assertThat(ActivitySettings.isAllowed(29)).isFalse();
            assertThatThrownBy(() -> ActivitySettings.ofDays(-1)).isInstanceOf(IllegalArgumentException.class);
        }

        private void record(EnvironmentId environment, String group) {
            log.record(environment, Optional.empty(), ACTOR, Origin.SYSTEM, new ActivityEvent.GroupCreated(group), NOW);
        }
    }
}
