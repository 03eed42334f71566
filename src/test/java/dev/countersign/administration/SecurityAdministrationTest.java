package dev.countersign.administration;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.ActivityLog;
import dev.countersign.directory.Account;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.directory.Group;
import dev.countersign.directory.SignInStyle;
import dev.countersign.entitlement.Entitlement;
import dev.countersign.entitlement.Entitlements;
import dev.countersign.entitlement.Feature;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Permission;
import dev.countersign.kernel.Rights;
import dev.countersign.kernel.Role;
import dev.countersign.policy.AutomaticStart;
import dev.countersign.policy.Policies;
import dev.countersign.policy.PolicyVersion;
import dev.countersign.policy.Rules;
import dev.countersign.support.TestInstallation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Security settings: versions, automatic start, licence; on both databases. */
class SecurityAdministrationTest {
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
        private static final Rules.Scope EVERYONE = new Rules.Scope.Everyone();

        private final TestInstallation on;
        private final SecurityAdministration security;
        private final Policies policies;
        private final Entitlements entitlements;
        private Environment acme;

        Contract(TestInstallation on) {
            this.on = on;
            this.security = on.get(SecurityAdministration.class);
            this.policies = on.get(Policies.class);
            this.entitlements = on.get(Entitlements.class);
            this.acme = on.environment();
        }

        @BeforeEach
        void newEnvironment() {
            acme = on.environment();
        }

        @Test
        void each_change_is_a_version_with_author_and_reason_and_the_first_is_what_was_before() {
            done(change(Rules.Mode.OPTIONAL, EVERYONE, SignInStyle.ONE_PAGE, "a trial"));
            done(change(Rules.Mode.REQUIRED, EVERYONE, SignInStyle.TWO_SCREENS, "the board"));
            List<PolicyVersion> versions = policies.versions(acme.id(), 10);
            assertThat(versions)
                    .extracting(version -> version.rules().version())
                    .containsExactly(2L, 1L, 0L);
            assertThat(versions)
                    .extracting(version -> version.rules().mode())
                    .containsExactly(Rules.Mode.REQUIRED, Rules.Mode.OPTIONAL, Rules.Mode.OFF);
            assertThat(versions).extracting(PolicyVersion::reason).containsExactly("the board", "a trial", "");
            assertThat(versions)
                    .extracting(PolicyVersion::style)
                    .containsExactly(SignInStyle.TWO_SCREENS, SignInStyle.ONE_PAGE, SignInStyle.TWO_SCREENS);
            assertThat(versions.getFirst().changedBy()).isEqualTo(ACTOR.name());
        }

        @Test
        void an_earlier_version_comes_back_without_what_is_gone() {
            Account bea = on.person(acme, "bea", Role.USER);
            Group sales = on.group(acme, "Sales", bea);
            Group field = on.group(acme, "Field");
            done(change(
                    Rules.Mode.REQUIRED,
                    new Rules.Scope.Selected(Set.of(sales.id(), field.id()), Set.of(bea.id())),
                    SignInStyle.ONE_PAGE,
                    ""));
            done(change(Rules.Mode.OFF, EVERYONE, SignInStyle.TWO_SCREENS, ""));
            done(on.get(GroupAdministration.class).delete(operator(), field.id(), NOW));
            PolicyVersion back = value(security.earlier(operator(), 1));
            assertThat(back.rules())
                    .isEqualTo(new Rules(
                            Rules.Mode.REQUIRED, new Rules.Scope.Selected(Set.of(sales.id()), Set.of(bea.id())), 2));
            done(security.change(operator(), back.rules(), back.style(), "back", NOW));
            assertThat(policies.rules(acme.id()).version()).isEqualTo(3);
            assertThat(on.get(Environments.class).find(acme.id()).orElseThrow().style())
                    .isEqualTo(SignInStyle.ONE_PAGE);
            assertThat(security.earlier(operator(), 99)).isEqualTo(Outcome.refused(Refusal.NOT_FOUND));
        }

        @Test
        void an_old_version_number_changes_nothing() {
            done(change(Rules.Mode.OPTIONAL, EVERYONE, SignInStyle.TWO_SCREENS, ""));
            Rules stale = new Rules(Rules.Mode.OFF, EVERYONE, 0);
            assertThat(security.change(operator(), stale, SignInStyle.ONE_PAGE, "", NOW))
                    .isEqualTo(Outcome.refused(Refusal.VERSION_CHANGED));
            assertThat(policies.rules(acme.id()).mode()).isEqualTo(Rules.Mode.OPTIONAL);
            assertThat(on.get(Environments.class).find(acme.id()).orElseThrow().style())
                    .isEqualTo(SignInStyle.TWO_SCREENS);
        }

        @Test
        void only_the_permission_to_edit_settings_changes_anything() {
            Rights rights = new Rights(Set.of(
                    Permission.VIEW_SETTINGS,
                    Permission.VIEW_PEOPLE,
                    Permission.EDIT_PEOPLE,
                    Permission.RESET_FACTORS,
                    Permission.VIEW_ACTIVITY));
            Administrator other = new Administrator(acme.id(), Optional.empty(), rights, ACTOR, Origin.SYSTEM);
            List<Outcome<?>> all = List.of(
                    security.change(other, new Rules(Rules.Mode.OFF, EVERYONE, 0), SignInStyle.ONE_PAGE, "", NOW),
                    security.armStart(other, "paid", Duration.ofDays(1), EVERYONE, NOW),
                    security.event(other, "paid", NOW),
                    security.moveStart(other, NOW, NOW),
                    security.disarmStart(other, NOW),
                    security.changeSessions(other, Duration.ofHours(1), Duration.ofHours(2), NOW));
            assertThat(all).containsOnly(Outcome.refused(Refusal.NOT_ALLOWED));
        }

        @Test
        void a_start_waits_for_its_event_then_for_its_date_then_holds_and_is_logged() {
            done(security.armStart(operator(), "customer.paid", Duration.ofDays(1), EVERYONE, NOW));
            assertThat(security.event(operator(), "something.else", NOW)).isEqualTo(Outcome.refused(Refusal.NOT_FOUND));
            assertThat(policies.planned(acme.id(), NOW)).isEmpty();
            AutomaticStart begun = value(security.event(operator(), "customer.paid", NOW));
            assertThat(begun.startsAt()).contains(NOW.plus(Duration.ofDays(1)));
            AutomaticStart again = value(security.event(operator(), "customer.paid", NOW.plusSeconds(60)));
            assertThat(again).as("an event comes once").isEqualTo(begun);
            done(security.moveStart(operator(), NOW.plus(Duration.ofDays(3)), NOW));
            assertThat(security.moveStart(operator(), NOW.minusSeconds(1), NOW))
                    .isEqualTo(Outcome.refused(Refusal.START_INVALID));

            var before = NOW.plus(Duration.ofDays(3)).minusMillis(1);
            var after = NOW.plus(Duration.ofDays(3));
            assertThat(policies.rules(acme.id(), before).mode()).isEqualTo(Rules.Mode.OFF);
            assertThat(policies.rules(acme.id(), after).mode())
                    .as("it holds before any job has run")
                    .isEqualTo(Rules.Mode.REQUIRED);
            policies.startDue(before);
            assertThat(policies.rules(acme.id()).mode()).isEqualTo(Rules.Mode.OFF);
            policies.startDue(after);
            assertThat(policies.rules(acme.id()).mode()).isEqualTo(Rules.Mode.REQUIRED);
            assertThat(policies.automaticStart(acme.id())).isEmpty();
            assertThat(on.log(acme))
                    .containsSubsequence(
                            "automatic-start-changed",
                            "automatic-start-set",
                            "automatic-start-changed",
                            "policy-changed");
        }

        @Test
        void a_start_widens_what_is_required_and_never_narrows_it() {
            Account bea = on.person(acme, "bea", Role.USER);
            Account carl = on.person(acme, "carl", Role.USER);
            Group sales = on.group(acme, "Sales", carl);
            Rules.Scope people = new Rules.Scope.Selected(Set.of(), Set.of(bea.id()));
            done(change(Rules.Mode.REQUIRED, people, SignInStyle.TWO_SCREENS, ""));
            Rules.Scope group = new Rules.Scope.Selected(Set.of(sales.id()), Set.of());
            done(security.armStart(operator(), "paid", Duration.ZERO, group, NOW));
            done(security.event(operator(), "paid", NOW));
            assertThat(policies.rules(acme.id(), NOW).scope())
                    .isEqualTo(new Rules.Scope.Selected(Set.of(sales.id()), Set.of(bea.id())));
        }

        @Test
        void length_of_sessions_has_bounds_and_is_logged_with_what_it_was() {
            assertThat(security.changeSessions(operator(), Duration.ofMinutes(4), Duration.ofHours(1), NOW))
                    .isEqualTo(Outcome.refused(Refusal.SESSION_LENGTH));
            assertThat(security.changeSessions(operator(), Duration.ofHours(2), Duration.ofHours(1), NOW))
                    .isEqualTo(Outcome.refused(Refusal.SESSION_LENGTH));
            assertThat(security.changeSessions(operator(), Duration.ofHours(2), Duration.ofDays(91), NOW))
                    .isEqualTo(Outcome.refused(Refusal.SESSION_LENGTH));
            done(security.changeSessions(operator(), Duration.ofMinutes(15), Duration.ofHours(8), NOW));
            assertThat(on.get(ActivityLog.class).newest(acme.id(), 1).getFirst().details())
                    .contains("standard", "15 min / 8 h");
        }

        @Test
        void b4_outside_the_licence_nothing_more_is_switched_on_and_nothing_is_switched_off() {
            Account bea = on.person(acme, "bea", Role.USER);
            on.person(acme, "carl", Role.USER);
            licence(Set.of(Feature.REQUIRED_MODE), Optional.of(1L));
            Rules.Scope one = new Rules.Scope.Selected(Set.of(), Set.of(bea.id()));
            assertThat(change(Rules.Mode.REQUIRED, EVERYONE, SignInStyle.TWO_SCREENS, ""))
                    .isEqualTo(Outcome.refused(Refusal.TOO_FEW_SEATS));
            assertThat(change(Rules.Mode.REQUIRED, one, SignInStyle.TWO_SCREENS, ""))
                    .isEqualTo(Outcome.refused(Refusal.NOT_INCLUDED));
            assertThat(security.armStart(operator(), "paid", Duration.ofDays(1), EVERYONE, NOW))
                    .isEqualTo(Outcome.refused(Refusal.NOT_INCLUDED));
            licence(Set.of(Feature.REQUIRED_MODE, Feature.GROUP_SCOPE), Optional.of(1L));
            done(change(Rules.Mode.REQUIRED, one, SignInStyle.TWO_SCREENS, ""));

            entitlements.set(
                    acme.id(),
                    new Entitlement(Set.of(), Optional.of(1L), Optional.of(NOW.minusSeconds(1))),
                    ACTOR,
                    Origin.SYSTEM,
                    NOW.plusSeconds(2));
            assertThat(policies.rules(acme.id(), NOW.plusSeconds(3)).mode()).isEqualTo(Rules.Mode.REQUIRED);
            done(change(Rules.Mode.REQUIRED, one, SignInStyle.ONE_PAGE, "what is on may be edited"));
            done(change(Rules.Mode.OPTIONAL, EVERYONE, SignInStyle.ONE_PAGE, ""));
            assertThat(change(Rules.Mode.REQUIRED, one, SignInStyle.ONE_PAGE, ""))
                    .isEqualTo(Outcome.refused(Refusal.NOT_INCLUDED));
        }

        private int issued;

        private void licence(Set<Feature> features, Optional<Long> seats) {
            entitlements.set(
                    acme.id(),
                    new Entitlement(features, seats, Optional.empty()),
                    ACTOR,
                    Origin.SYSTEM,
                    NOW.plusMillis(++issued));
        }

        private Outcome<Outcome.Nothing> change(Rules.Mode mode, Rules.Scope scope, SignInStyle style, String reason) {
            long version = policies.rules(acme.id()).version();
            return security.change(operator(), new Rules(mode, scope, version), style, reason, NOW);
        }

        private Administrator operator() {
            return Administrator.operator(acme.id(), ACTOR, Origin.SYSTEM);
        }

        private static void done(Outcome<?> outcome) {
            assertThat(outcome).isInstanceOf(Outcome.Done.class);
        }

        private static <T> T value(Outcome<T> outcome) {
            return outcome.fold(value -> value, why -> {
                throw new AssertionError(why);
            });
        }
    }
}
