package dev.countersign.administration;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Group;
import dev.countersign.directory.NewAccount;
import dev.countersign.factor.password.Passwords;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Permission;
import dev.countersign.kernel.Rights;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.support.Crowd;
import dev.countersign.support.TestInstallation;
import dev.countersign.vault.SecretText;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Who may act on whom, and nobody locks everybody out; on both databases. */
class SafeguardTest {
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
        private final PeopleAdministration people;
        private final GroupAdministration groups;
        private final Safeguard safeguard;
        private final Accounts accounts;
        private final Passwords.Prepared password;
        private Environment acme;

        Contract(TestInstallation on) {
            this.on = on;
            this.people = on.get(PeopleAdministration.class);
            this.groups = on.get(GroupAdministration.class);
            this.safeguard = on.get(Safeguard.class);
            this.accounts = on.get(Accounts.class);
            this.password = on.get(Passwords.class)
                    .prepare(SecretText.of("correct horse battery"))
                    .orElseThrow();
            this.acme = on.environment();
        }

        @BeforeEach
        void newEnvironment() {
            acme = on.environment();
        }

        @Test
        void every_way_to_lose_the_last_administrator_is_refused_and_changes_nothing() {
            Account ada = signingIn("ada", Role.ADMINISTRATOR);
            on.person(acme, "without-password", Role.ADMINISTRATOR);
            Account off = signingIn("off", Role.ADMINISTRATOR);
            Map<String, Supplier<Outcome<?>>> ways = Map.of(
                    "disable", () -> people.disable(operator(), ada.id(), NOW),
                    "delete", () -> people.delete(operator(), ada.id(), NOW),
                    "role", () -> people.changeRole(operator(), ada.id(), Role.USER, NOW));
            assertThat(people.disable(operator(), off.id(), NOW)).isEqualTo(Outcome.done());
            ways.forEach((way, attempt) -> {
                assertThat(attempt.get()).as(way).isEqualTo(Outcome.refused(Refusal.LAST_ADMINISTRATOR));
                assertThat(accounts.find(ada.id())).as(way).contains(ada);
            });
        }

        @Test
        void an_administrator_by_a_group_counts_and_cannot_be_lost_by_the_group_either() {
            Account ada = signingIn("ada", Role.USER);
            Account first = signingIn("first", Role.ADMINISTRATOR);
            Group inner = on.group(acme, "Inner", ada);
            Group admins = on.group(acme, "Admins");
            done(groups.nest(operator(), admins.id(), inner.id(), NOW));
            done(groups.changeRole(operator(), admins.id(), Optional.of(Role.ADMINISTRATOR), NOW));
            done(people.disable(operator(), first.id(), NOW));
            Map<String, Supplier<Outcome<?>>> ways = Map.of(
                    "member", () -> groups.remove(operator(), inner.id(), List.of(ada.id()), NOW),
                    "nesting", () -> groups.unnest(operator(), admins.id(), inner.id(), NOW),
                    "role", () -> groups.changeRole(operator(), admins.id(), Optional.of(Role.AUDITOR), NOW),
                    "delete", () -> groups.delete(operator(), inner.id(), NOW),
                    "disable", () -> people.disable(operator(), ada.id(), NOW));
            ways.forEach((way, attempt) -> {
                assertThat(attempt.get()).as(way).isEqualTo(Outcome.refused(Refusal.LAST_ADMINISTRATOR));
                assertThat(safeguard.usableAdministrators(acme.id())).as(way).isEqualTo(1);
            });
        }

        @Test
        void administrators_who_disable_each_other_at_once_leave_one() throws Exception {
            for (int round = 0; round < 10; round++) {
                acme = on.environment();
                Iterator<Account> next = List.of(
                                signingIn("ada", Role.ADMINISTRATOR), signingIn("max", Role.ADMINISTRATOR))
                        .iterator();
                Crowd.together(2, () -> {
                    Account other;
                    synchronized (next) {
                        other = next.next();
                    }
                    return people.disable(operator(), other.id(), NOW);
                });
                assertThat(safeguard.usableAdministrators(acme.id()))
                        .as("round %d", round)
                        .isEqualTo(1);
            }
        }

        @Test
        void ac_214_nobody_acts_on_someone_with_more_rights_however_those_came() {
            Account byGroup = on.person(acme, "by-group", Role.USER);
            Group inner = on.group(acme, "Inner", byGroup);
            Group security = on.group(acme, "Security");
            done(groups.nest(operator(), security.id(), inner.id(), NOW));
            done(groups.changeRole(operator(), security.id(), Optional.of(Role.SECURITY_ADMINISTRATOR), NOW));
            List<Account> above = List.of(
                    byGroup, on.person(acme, "ada", Role.ADMINISTRATOR), on.person(acme, "audit", Role.AUDITOR));
            Administrator desk = acting(signingIn("desk", Role.HELP_DESK));
            for (Account other : above) {
                assertThat(people.reset(desk, other.id(), NOW))
                        .as(other.username())
                        .isEqualTo(Outcome.refused(Refusal.ABOVE_YOUR_RIGHTS));
                assertThat(people.unlock(desk, other.id(), NOW))
                        .as(other.username())
                        .isEqualTo(Outcome.refused(Refusal.ABOVE_YOUR_RIGHTS));
                assertThat(people.endSessions(desk, other.id(), NOW))
                        .as(other.username())
                        .isEqualTo(Outcome.refused(Refusal.ABOVE_YOUR_RIGHTS));
            }
            done(people.reset(desk, on.person(acme, "carl", Role.USER).id(), NOW));
        }

        @Test
        void ac_215_nobody_gives_rights_they_do_not_have_or_gives_themselves_any() {
            Account audit = on.person(acme, "audit", Role.AUDITOR);
            Group admins = on.group(acme, "Admins");
            Group inside = on.group(acme, "Inside");
            done(groups.changeRole(operator(), admins.id(), Optional.of(Role.ADMINISTRATOR), NOW));
            done(groups.nest(operator(), admins.id(), inside.id(), NOW));
            Rights editor = new Rights(Set.of(Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE));
            Account someone = on.person(acme, "editor", Role.USER);
            Administrator by = new Administrator(acme.id(), Optional.of(someone.id()), editor, ACTOR, Origin.SYSTEM);
            Refusal above = Refusal.ABOVE_YOUR_RIGHTS;
            assertThat(people.create(by, new NewAccount("new", "New", "n@acme.example", Role.AUDITOR), NOW))
                    .isEqualTo(Outcome.refused(above));
            assertThat(people.changeRole(by, someone.id(), Role.ADMINISTRATOR, NOW))
                    .isEqualTo(Outcome.refused(above));
            assertThat(groups.add(by, admins.id(), List.of(someone.id()), NOW)).isEqualTo(Outcome.refused(above));
            assertThat(groups.add(by, inside.id(), List.of(someone.id()), NOW)).isEqualTo(Outcome.refused(above));
            assertThat(people.change(by, audit.id(), "audit", "Audit", "mine@acme.example", NOW))
                    .isEqualTo(Outcome.refused(above));
            Group own = created(groups.create(by, "Own", NOW));
            assertThat(groups.nest(by, admins.id(), own.id(), NOW)).isEqualTo(Outcome.refused(above));
            assertThat(groups.changeRole(by, own.id(), Optional.of(Role.HELP_DESK), NOW))
                    .isEqualTo(Outcome.refused(above));
        }

        @Test
        void without_the_permission_nothing_happens() {
            Account carl = on.person(acme, "carl", Role.USER);
            Administrator nobody = new Administrator(acme.id(), Optional.empty(), Rights.NONE, ACTOR, Origin.SYSTEM);
            List<Supplier<Outcome<?>>> all = List.of(
                    () -> people.reset(nobody, carl.id(), NOW),
                    () -> people.disable(nobody, carl.id(), NOW),
                    () -> people.exempt(nobody, carl.id(), "why", NOW.plusSeconds(99), NOW),
                    () -> groups.create(nobody, "Sales", NOW));
            int before = on.log(acme).size();
            all.forEach(one -> assertThat(one.get()).isEqualTo(Outcome.refused(Refusal.NOT_ALLOWED)));
            assertThat(on.log(acme)).hasSize(before);
        }

        @Test
        void ac_217_nobody_exempts_themselves_and_every_exemption_has_a_reason_and_an_end() {
            Account ada = signingIn("ada", Role.ADMINISTRATOR);
            Account carl = on.person(acme, "carl", Role.USER);
            Administrator by = acting(ada);
            assertThat(people.exempt(by, ada.id(), "why", NOW.plusSeconds(99), NOW))
                    .isEqualTo(Outcome.refused(Refusal.OWN_EXEMPTION));
            assertThat(people.exempt(by, carl.id(), " ", NOW.plusSeconds(99), NOW))
                    .isEqualTo(Outcome.refused(Refusal.REASON_MISSING));
            assertThat(people.exempt(by, carl.id(), "why", NOW, NOW)).isEqualTo(Outcome.refused(Refusal.EXEMPTION_END));
            assertThat(people.exempt(by, carl.id(), "why", NOW.plus(Duration.ofDays(400)), NOW))
                    .isEqualTo(Outcome.refused(Refusal.EXEMPTION_END));
            done(people.exempt(by, carl.id(), "why", NOW.plusSeconds(99), NOW));
            done(people.endExemption(by, carl.id(), NOW));
        }

        @Test
        void a_deleted_account_leaves_nothing_but_its_lines_in_the_log() {
            Account carl = signingIn("carl", Role.USER);
            Group sales = on.group(acme, "Sales", carl);
            policies()
                    .change(
                            acme.id(),
                            new Rules(Rules.Mode.REQUIRED, new Rules.Scope.Selected(Set.of(), Set.of(carl.id())), 0),
                            ACTOR,
                            Origin.SYSTEM,
                            NOW);
            assertThat(people.delete(operator(), carl.id(), NOW)).isEqualTo(Outcome.refused(Refusal.LAST_IN_RULES));
            policies()
                    .change(
                            acme.id(),
                            new Rules(
                                    Rules.Mode.REQUIRED,
                                    new Rules.Scope.Selected(Set.of(sales.id()), Set.of(carl.id())),
                                    1),
                            ACTOR,
                            Origin.SYSTEM,
                            NOW);
            policies().exempt(carl, "why", NOW.plusSeconds(99), ACTOR, Origin.SYSTEM, NOW);
            done(people.delete(operator(), carl.id(), NOW));
            assertThat(accounts.find(carl.id())).isEmpty();
            assertThat(policies().rules(acme.id()).scope())
                    .isEqualTo(new Rules.Scope.Selected(Set.of(sales.id()), Set.of()));
            assertThat(on.count(
                            "SELECT count(*) FROM password WHERE account_id = ?",
                            carl.id().value()))
                    .isZero();
            assertThat(on.log(acme)).endsWith("account-deleted");
        }

        private Policies policies() {
            return on.get(Policies.class);
        }

        private Administrator operator() {
            return Administrator.operator(acme.id(), ACTOR, Origin.SYSTEM);
        }

        private Administrator acting(Account account) {
            return new Administrator(
                    acme.id(), Optional.of(account.id()), accounts.rights(account), ACTOR, Origin.SYSTEM);
        }

        private Account signingIn(String username, Role role) {
            Account account = on.person(acme, username, role);
            on.database()
                    .write(() -> on.get(Passwords.class)
                            .set(account, password, Optional.empty(), ACTOR, Origin.SYSTEM, NOW));
            return account;
        }

        private static void done(Outcome<?> outcome) {
            assertThat(outcome).isInstanceOf(Outcome.Done.class);
        }

        private static <T> T created(Outcome<T> outcome) {
            return outcome.fold(value -> value, why -> {
                throw new AssertionError(why);
            });
        }
    }
}
