package dev.countersign.alert;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.directory.Username;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.signin.AccountActions;
import dev.countersign.support.TestInstallation;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Alerts, on both databases. */
class AlertsTest {
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

    abstract static class Contract {
        private static final Actor OPERATOR = Actor.commandLine("root");
        private static final Origin SERVER = Origin.commandLine("root");

        private final TestInstallation on;
        private final Alerts alerts;
        private final AccountActions actions;
        private final Environment environment;
        private final Account ada;
        private final Account ben;
        private final Account bea;

        Contract(TestInstallation on) {
            this.on = on;
            this.alerts = on.get(Alerts.class);
            this.actions = on.get(AccountActions.class);
            this.environment = on.environment();
            this.ada = on.person(environment, "ada", Role.ADMINISTRATOR);
            this.ben = on.person(environment, "ben", Role.ADMINISTRATOR);
            this.bea = on.person(environment, "bea", Role.USER);
        }

        private List<Alert> seenBy(Account administrator) {
            return alerts.unacknowledged(environment.id(), administrator.id(), 10);
        }

        @Test
        void each_administrator_sees_an_alert_until_they_have_acknowledged_it() {
            actions.resetSecondFactor(bea, OPERATOR, SERVER, NOW);
            Alert alert = seenBy(ada).getFirst();
            assertThat(alert.kind()).isEqualTo(Alert.Kind.RESET_ON_SERVER);
            assertThat(alert.arguments()).containsExactly(OPERATOR.name(), "bea");
            alerts.acknowledge(environment.id(), ada.id(), alert.id(), NOW);
            alerts.acknowledge(environment.id(), ada.id(), alert.id(), NOW);
            assertThat(seenBy(ada)).isEmpty();
            assertThat(seenBy(ben)).containsExactly(alert);
            alerts.acknowledgeAll(environment.id(), ben.id(), NOW);
            assertThat(seenBy(ben)).isEmpty();
            assertThat(alerts.countUnacknowledged(environment.id(), ben.id())).isZero();
        }

        @Test
        void what_the_server_itself_does_to_an_account_is_an_alert_and_what_the_console_does_is_none() {
            actions.replacePhone(bea, OPERATOR, SERVER, NOW);
            actions.unlock(bea, OPERATOR, SERVER, NOW.plusSeconds(1));
            assertThat(seenBy(ada))
                    .extracting(Alert::kind)
                    .containsExactly(Alert.Kind.UNLOCKED_ON_SERVER, Alert.Kind.PHONE_REPLACED_ON_SERVER);
            alerts.acknowledgeAll(environment.id(), ada.id(), NOW);
            Origin console = new Origin("console", "192.0.2.1", "", "r");
            actions.replacePhone(bea, Actor.person(ben.id(), "ben"), console, NOW);
            actions.resetSecondFactor(bea, Actor.person(ben.id(), "ben"), console, NOW);
            assertThat(seenBy(ada)).isEmpty();
        }

        @Test
        void whoever_becomes_an_administrator_on_the_server_is_an_alert_however_it_came_about() {
            Groups groups = on.get(Groups.class);
            Account cleo = on.person(environment, "cleo", Role.USER);
            Group owners = groups.find(environment.id(), group("Owners")).orElseThrow();
            Group inner = groups.find(environment.id(), group("Inner")).orElseThrow();
            groups.add(owners, bea, OPERATOR, SERVER, NOW);
            groups.changeRole(environment.id(), owners, Optional.of(Role.AUDITOR), OPERATOR, SERVER, NOW);
            assertThat(seenBy(ada)).isEmpty();
            Optional<Role> administrator = Optional.of(Role.ADMINISTRATOR);
            groups.changeRole(environment.id(), owners, administrator, OPERATOR, SERVER, NOW.plusSeconds(1));
            groups.add(owners, ben, OPERATOR, SERVER, NOW.plusSeconds(2));
            groups.add(owners, cleo, OPERATOR, SERVER, NOW.plusSeconds(3));
            groups.nest(environment.id(), owners, inner, OPERATOR, SERVER, NOW.plusSeconds(4));
            groups.add(inner, bea, OPERATOR, SERVER, NOW.plusSeconds(5));
            on.get(Accounts.class).changeRole(bea, Role.ADMINISTRATOR, OPERATOR, SERVER, NOW.plusSeconds(6));
            imported("dora", "user", "inner", NOW.plusSeconds(7));
            imported("emil", "administrator", "elsewhere", NOW.plusSeconds(8));
            imported("fay", "user", "elsewhere", NOW.plusSeconds(9));
            assertThat(seenBy(ada).reversed())
                    .extracting(alert -> alert.kind() + " " + alert.arguments().getLast())
                    .containsExactly(
                            "ADMINISTRATOR_GROUP_ON_SERVER Owners",
                            "ADMINISTRATOR_MADE_ON_SERVER cleo",
                            "ADMINISTRATOR_GROUP_ON_SERVER Inner",
                            "ADMINISTRATOR_MADE_ON_SERVER bea",
                            "ADMINISTRATOR_MADE_ON_SERVER bea",
                            "ADMINISTRATOR_MADE_ON_SERVER dora",
                            "ADMINISTRATOR_MADE_ON_SERVER emil");
            alerts.acknowledgeAll(environment.id(), ada.id(), NOW);
            Origin console = new Origin("console", "192.0.2.1", "", "r");
            groups.remove(owners, cleo, OPERATOR, console, NOW.plusSeconds(10));
            groups.add(owners, cleo, Actor.person(ben.id(), "ben"), console, NOW.plusSeconds(11));
            assertThat(seenBy(ada)).as("by an administrator, who may").isEmpty();
        }

        private void imported(String name, String role, String group, Instant at) {
            var event = new ActivityEvent.AccountImported(name, role, List.of(group), false, false);
            on.database()
                    .write(() -> on.get(ActivityLog.class)
                            .recordAll(
                                    environment.id(),
                                    List.of(new ActivityLog.Entry(Optional.empty(), event)),
                                    OPERATOR,
                                    SERVER,
                                    at));
        }

        @Test
        void a_rule_that_protects_less_is_an_alert_for_all_but_its_author() {
            Rules everyone = new Rules(Rules.Mode.REQUIRED, new Rules.Scope.Everyone(), 0);
            change(everyone);
            assertThat(seenBy(ada)).isEmpty();
            change(new Rules(Rules.Mode.OPTIONAL, new Rules.Scope.Everyone(), 1));
            assertThat(seenBy(ada)).extracting(Alert::kind).containsExactly(Alert.Kind.RULE_LOWERED);
            assertThat(seenBy(ben)).isEmpty();
        }

        @Test
        void leaving_a_group_or_a_person_out_is_less_protection_and_their_names_deceive_nobody() {
            GroupId tricky = group("x --everyone");
            GroupId other = group("other");
            change(required(0, Set.of(tricky, other), Set.of(ben.id())));
            assertThat(seenBy(ada)).isEmpty();
            change(required(1, Set.of(tricky, other), Set.of()));
            change(required(2, Set.of(other), Set.of()));
            assertThat(seenBy(ada))
                    .extracting(Alert::kind)
                    .containsExactly(Alert.Kind.RULE_LOWERED, Alert.Kind.RULE_LOWERED);
            change(new Rules(Rules.Mode.REQUIRED, new Rules.Scope.Everyone(), 3));
            assertThat(seenBy(ada)).hasSize(2);
            change(required(4, Set.of(tricky), Set.of()));
            assertThat(seenBy(ada)).hasSize(3);
        }

        private static Rules required(long version, Set<GroupId> groups, Set<AccountId> people) {
            return new Rules(Rules.Mode.REQUIRED, new Rules.Scope.Selected(groups, people), version);
        }

        private GroupId group(String name) {
            Username parsed = ((Username.Parsed.Accepted) Username.parseGroupName(name)).username();
            return on.get(Groups.class)
                    .create(environment.id(), parsed, OPERATOR, SERVER, NOW)
                    .orElseThrow()
                    .id();
        }

        private void change(Rules rules) {
            assertThat(on.get(Policies.class)
                            .change(environment.id(), rules, Actor.person(ben.id(), "ben"), Origin.SYSTEM, NOW))
                    .isTrue();
        }

        @Test
        void an_exemption_of_somebody_who_administers_is_an_alert_and_one_of_somebody_else_is_none() {
            ActivityEvent exempted = new ActivityEvent.ExemptionGranted("phone lost", NOW.plusSeconds(3_600));
            record(Optional.of(bea.id()), exempted);
            assertThat(seenBy(ada)).isEmpty();
            record(Optional.of(ben.id()), exempted);
            assertThat(seenBy(ada)).extracting(Alert::kind).containsExactly(Alert.Kind.ADMINISTRATOR_EXEMPTED);
            assertThat(seenBy(ada).getFirst().arguments()).containsExactly("ben", "ben");
        }

        @Test
        void a_start_that_is_moved_or_taken_back_is_an_alert_and_one_that_is_armed_is_none() {
            record(Optional.empty(), new ActivityEvent.AutomaticStartChanged("none", "everyone, from tomorrow"));
            assertThat(seenBy(ada)).isEmpty();
            record(Optional.empty(), new ActivityEvent.AutomaticStartChanged("everyone, from tomorrow", "none"));
            assertThat(seenBy(ada)).extracting(Alert::kind).containsExactly(Alert.Kind.START_CHANGED);
            assertThat(seenBy(ben)).isEmpty();
        }

        @Test
        void ac_217_how_long_sessions_and_the_log_last_is_not_changed_unseen() {
            record(Optional.empty(), new ActivityEvent.SessionLimitsChanged("60 min / 24 h", "240 min / 720 h"));
            record(Optional.empty(), new ActivityEvent.RetentionChanged("365", "30"));
            assertThat(seenBy(ada))
                    .extracting(Alert::kind)
                    .containsExactlyInAnyOrder(Alert.Kind.SESSIONS_CHANGED, Alert.Kind.RETENTION_CHANGED);
            assertThat(seenBy(ada))
                    .extracting(Alert::arguments)
                    .contains(List.of("ben", "365", "30"), List.of("ben", "60 min / 24 h", "240 min / 720 h"));
            assertThat(seenBy(ben)).as("who did it").isEmpty();
        }

        private void record(Optional<AccountId> about, ActivityEvent event) {
            on.database()
                    .write(() -> on.get(ActivityLog.class)
                            .recordAll(
                                    environment.id(),
                                    List.of(new ActivityLog.Entry(about, event)),
                                    Actor.person(ben.id(), "ben"),
                                    new Origin("console", "192.0.2.1", "", "r"),
                                    NOW));
        }

        @Test
        void an_alert_stays_in_its_environment() {
            actions.resetSecondFactor(bea, OPERATOR, SERVER, NOW);
            Environment other = on.environment();
            Account eve = on.person(other, "eve", Role.ADMINISTRATOR);
            assertThat(alerts.unacknowledged(other.id(), eve.id(), 10)).isEmpty();
            alerts.acknowledge(other.id(), eve.id(), seenBy(ada).getFirst().id(), NOW);
            assertThat(on.count(
                            "SELECT count(*) FROM alert_acknowledgement WHERE account_id = ?",
                            eve.id().value()))
                    .isZero();
        }

        @Test
        void it_is_raised_with_what_it_is_about_or_not_at_all() {
            assertThatThrownBy(() -> alerts.raise(environment.id(), Alert.Kind.RULE_LOWERED, List.of(), NOW))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> on.database().write(() -> {
                        actions.resetSecondFactor(bea, OPERATOR, SERVER, NOW);
                        throw new IllegalArgumentException("undone");
                    }))
                    .hasMessage("undone");
            assertThat(seenBy(ada)).isEmpty();
            assertThat(ACTOR.account()).isEmpty();
        }
    }
}
