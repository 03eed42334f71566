package dev.countersign.policy;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.ActivityLog;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Group;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Proofs;
import dev.countersign.kernel.Role;
import dev.countersign.kernel.Target;
import dev.countersign.support.Crowd;
import dev.countersign.support.TestInstallation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Rules and exemptions as they are stored, on both databases. */
class PoliciesTest {
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
        private final TestInstallation on;
        private final Policies policies;
        private final Environment acme;
        private final Account bea;
        private final Account carl;
        private final Group sales;

        Contract(TestInstallation on) {
            this.on = on;
            this.policies = on.get(Policies.class);
            this.acme = on.environment();
            this.bea = on.person(acme, "bea", Role.USER);
            this.carl = on.person(acme, "carl", Role.USER);
            this.sales = on.group(acme, "Sales", carl);
        }

        private boolean change(Rules.Mode mode, Rules.Scope scope, long version) {
            return policies.change(acme.id(), new Rules(mode, scope, version), ACTOR, Origin.SYSTEM, NOW);
        }

        private Rules.Scope selected() {
            return new Rules.Scope.Selected(Set.of(sales.id()), Set.of(bea.id()));
        }

        @Test
        void an_environment_begins_with_nothing_demanded() {
            assertThat(policies.rules(acme.id())).isEqualTo(Rules.INITIAL);
        }

        @Test
        void rules_read_back_as_changed_one_version_later() {
            assertThat(change(Rules.Mode.REQUIRED, selected(), 0)).isTrue();
            assertThat(policies.rules(acme.id())).isEqualTo(new Rules(Rules.Mode.REQUIRED, selected(), 1));
            assertThat(change(Rules.Mode.OPTIONAL, new Rules.Scope.Everyone(), 1))
                    .isTrue();
            assertThat(policies.rules(acme.id()))
                    .isEqualTo(new Rules(Rules.Mode.OPTIONAL, new Rules.Scope.Everyone(), 2));
            assertThat(change(Rules.Mode.REQUIRED, new Rules.Scope.Selected(Set.of(), Set.of(bea.id())), 2))
                    .isTrue();
            assertThat(policies.rules(acme.id()).scope())
                    .as("the group of before is gone")
                    .isEqualTo(new Rules.Scope.Selected(Set.of(), Set.of(bea.id())));
        }

        @Test
        void a_change_of_an_older_version_changes_nothing() {
            assertThat(change(Rules.Mode.REQUIRED, selected(), 0)).isTrue();
            for (long version : new long[] {0, 2, -1}) {
                assertThat(change(Rules.Mode.OFF, new Rules.Scope.Everyone(), version))
                        .as("version %d", version)
                        .isFalse();
            }
            assertThat(policies.rules(acme.id())).isEqualTo(new Rules(Rules.Mode.REQUIRED, selected(), 1));
            assertThat(on.log(acme).stream().filter("policy-changed"::equals)).hasSize(1);
        }

        @Test
        void of_two_editing_at_once_one_wins() throws Exception {
            for (int version = 0; version < 3; version++) {
                long expected = version;
                List<Boolean> all = Crowd.together(8, () -> change(Rules.Mode.REQUIRED, selected(), expected));
                assertThat(all.stream().filter(won -> won))
                        .as("version %d", version)
                        .hasSize(1);
                assertThat(policies.rules(acme.id()).version()).isEqualTo(expected + 1);
            }
        }

        @Test
        void an_environment_has_rules_of_its_own() {
            change(Rules.Mode.REQUIRED, new Rules.Scope.Everyone(), 0);
            assertThat(policies.rules(on.environment().id())).isEqualTo(Rules.INITIAL);
        }

        @Test
        void the_log_says_what_was_before_and_what_is_now() {
            change(Rules.Mode.REQUIRED, selected(), 0);
            assertThat(on.get(ActivityLog.class).newest(acme.id(), 1).getFirst().details())
                    .contains("\"before\":\"off\"")
                    .contains("\"after\":\"required --groups Sales --people bea\"");
        }

        @Test
        void an_exemption_reads_back_until_its_end_and_a_new_one_replaces_it() {
            Instant first = NOW.plus(Duration.ofDays(1));
            Instant second = NOW.plus(Duration.ofDays(9));
            policies.exempt(bea, "waits for a phone", first, ACTOR, Origin.SYSTEM, NOW);
            policies.exempt(bea, "still waits", second, ACTOR, Origin.SYSTEM, NOW);
            assertThat(policies.exemptUntil(bea.id())).contains(second);
            assertThat(policies.exemptions(acme.id(), NOW))
                    .containsExactly(new Exemption(bea.id(), "test", "still waits", second));
            assertThat(policies.exemptions(acme.id(), second)).isEmpty();
            assertThat(policies.exemptions(on.environment().id(), NOW)).isEmpty();
        }

        @Test
        void an_exemption_is_ended_once() {
            policies.exempt(bea, "waits for a phone", NOW.plusSeconds(9), ACTOR, Origin.SYSTEM, NOW);
            assertThat(policies.endExemption(bea, ACTOR, Origin.SYSTEM, NOW)).isTrue();
            assertThat(policies.endExemption(bea, ACTOR, Origin.SYSTEM, NOW)).isFalse();
            assertThat(policies.exemptUntil(bea.id())).isEmpty();
            assertThat(on.log(acme)).endsWith("exemption-granted", "exemption-ended");
        }

        @Test
        void the_gate_decides_by_what_is_stored() {
            PolicyGate gate = on.get(PolicyGate.class);
            PolicyGate.Enrolments none = new PolicyGate.Enrolments(Set.of(), false, Optional.empty());
            change(Rules.Mode.REQUIRED, new Rules.Scope.Selected(Set.of(sales.id()), Set.of()), 0);
            assertThat(gate.demandsSecondFactor(carl, none, NOW)).isTrue();
            assertThat(gate.demandsSecondFactor(bea, none, NOW)).isFalse();
            policies.exempt(carl, "waits for a phone", NOW.plusSeconds(1), ACTOR, Origin.SYSTEM, NOW);
            assertThat(gate.demandsSecondFactor(carl, none, NOW)).isFalse();
            assertThat(gate.demandsSecondFactor(carl, none, NOW.plusSeconds(1))).isTrue();
            on.database().write(() -> on.get(Accounts.class).disable(carl, ACTOR, Origin.SYSTEM, NOW));
            assertThat(gate.decide(carl.id(), none, Proofs.NONE, Target.ACCOUNT, NOW))
                    .isInstanceOf(Decision.Deny.class);
        }
    }
}
