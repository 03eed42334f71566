package dev.countersign.administration;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.factor.password.Passwords;
import dev.countersign.factor.totp.Apps;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Rights;
import dev.countersign.kernel.Role;
import dev.countersign.people.PeopleFilter;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.support.TestInstallation;
import dev.countersign.vault.SecretText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Work on many people: fixed, checked for each, continued by another, taken back by nobody; on both databases. */
class BulkJobsTest {
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
        private final BulkJobs jobs;
        private final Accounts accounts;
        private Environment acme;
        private Account ada;

        Contract(TestInstallation on) {
            this.on = on;
            this.jobs = on.get(BulkJobs.class);
            this.accounts = on.get(Accounts.class);
            this.acme = on.environment();
            this.ada = signingIn("ada", Role.ADMINISTRATOR);
        }

        @BeforeEach
        void newEnvironment() {
            acme = on.environment();
            ada = signingIn("ada", Role.ADMINISTRATOR);
        }

        @Test
        void all_found_are_reset_and_only_those_chosen_at_the_start() {
            List<Account> many = people(30, "many");
            many.forEach(this::enrol);
            BulkRun run = done(jobs.prepare(by(ada), found("many"), BulkAction.Kind.RESET, NOW));
            Account later = on.person(acme, "many-later", Role.USER);
            enrol(later);

            BulkRun finished = done(jobs.begin(by(ada), run.id(), new BulkAction.Reset(), NOW));

            assertThat(finished.isFinished()).isTrue();
            assertThat(List.of(finished.total(), finished.done(), finished.refused()))
                    .containsExactly(30L, 30L, 0L);
            assertThat(many).allMatch(one -> !isEnrolled(one));
            assertThat(isEnrolled(later)).isTrue();
            assertThat(on.log(acme)).contains("bulk-started", "bulk-finished");
            assertThat(jobs.begin(by(ada), run.id(), new BulkAction.Reset(), NOW))
                    .as("a second time")
                    .isEqualTo(Outcome.refused(Refusal.VERSION_CHANGED));
        }

        @Test
        void ac_214_people_with_more_rights_are_left_out_with_the_reason_also_by_a_group() {
            Account desk = signingIn("desk", Role.HELP_DESK);
            Account anna = on.person(acme, "anna", Role.USER);
            Account audit = on.person(acme, "audit", Role.AUDITOR);
            Account byGroup = on.person(acme, "by-group", Role.USER);
            Group inner = on.group(acme, "Inner", byGroup);
            Group outer = on.group(acme, "Outer");
            GroupAdministration groups = on.get(GroupAdministration.class);
            done(groups.nest(by(ada), outer.id(), inner.id(), NOW));
            done(groups.changeRole(by(ada), outer.id(), Optional.of(Role.SECURITY_ADMINISTRATOR), NOW));
            List<Account> all = List.of(desk, anna, audit, byGroup);
            all.forEach(this::enrol);

            BulkRun run = done(jobs.prepare(by(desk), named(all), BulkAction.Kind.RESET, NOW));
            assertThat(jobs.leftOut(by(desk), run)).isEqualTo(new BulkRun.LeftOut(2, true));
            BulkRun finished = done(jobs.begin(by(desk), run.id(), new BulkAction.Reset(), NOW));

            assertThat(refusals(finished))
                    .containsOnly(
                            Map.entry(audit.id(), Refusal.ABOVE_YOUR_RIGHTS),
                            Map.entry(byGroup.id(), Refusal.ABOVE_YOUR_RIGHTS),
                            Map.entry(desk.id(), Refusal.OWN_ACCOUNT));
            assertThat(isEnrolled(anna)).isFalse();
            assertThat(List.of(audit, byGroup, desk)).allMatch(this::isEnrolled);
        }

        @Test
        void ac_215_every_action_needs_its_permission() {
            Account anna = on.person(acme, "anna", Role.USER);
            Account audit = signingIn("audit", Role.AUDITOR);
            Account desk = signingIn("desk", Role.HELP_DESK);
            for (BulkAction.Kind kind : BulkAction.Kind.values()) {
                assertThat(jobs.prepare(by(audit), named(List.of(anna)), kind, NOW))
                        .as(kind.wireName())
                        .isEqualTo(Outcome.refused(Refusal.NOT_ALLOWED));
            }
            BulkRun run = done(jobs.prepare(by(ada), named(List.of(anna)), BulkAction.Kind.DISABLE, NOW));
            assertThat(jobs.begin(by(desk), run.id(), new BulkAction.Disable(), NOW))
                    .isEqualTo(Outcome.refused(Refusal.NOT_ALLOWED));
            assertThat(accounts.get(anna.id()).isDisabled()).isFalse();
        }

        @Test
        void ac_209_another_environment_finds_neither_the_run_nor_its_people() {
            Account anna = on.person(acme, "anna", Role.USER);
            BulkRun run = done(jobs.prepare(by(ada), named(List.of(anna)), BulkAction.Kind.RESET, NOW));
            acme = on.environment();
            Account other = signingIn("ada", Role.ADMINISTRATOR);
            assertThat(jobs.find(by(other), run.id())).isEmpty();
            assertThat(jobs.begin(by(other), run.id(), new BulkAction.Reset(), NOW))
                    .isEqualTo(Outcome.refused(Refusal.NOT_FOUND));
            assertThat(jobs.cancel(by(other), run.id(), NOW)).isEqualTo(Outcome.refused(Refusal.NOT_FOUND));
            assertThat(jobs.prepare(by(other), named(List.of(anna)), BulkAction.Kind.RESET, NOW))
                    .isEqualTo(Outcome.refused(Refusal.NOT_FOUND));
        }

        @Test
        void long_work_goes_on_elsewhere_and_a_demoted_starter_does_no_more() {
            List<Account> many = people(BulkJobs.FEW + 50, "many");
            BulkRun run = done(jobs.start(by(ada), found("many"), new BulkAction.Unlock(), NOW));
            assertThat(run.isFinished()).as("too many to wait for").isFalse();
            AtomicInteger pieces = new AtomicInteger(3);
            jobs.workOff(run.id(), () -> pieces.getAndDecrement() > 0);
            BulkRun partly = jobs.find(by(ada), run.id()).orElseThrow();
            assertThat(partly.done()).isPositive().isLessThan(many.size());

            Account second = signingIn("second", Role.ADMINISTRATOR);
            accounts.changeRole(ada, Role.HELP_DESK, ACTOR, Origin.SYSTEM, NOW);
            assertThat(jobs.waiting()).contains(run.id());
            AtomicInteger more = new AtomicInteger(2);
            jobs.workOff(run.id(), () -> more.getAndDecrement() > 0);
            long whileAllowed = jobs.find(by(second), run.id()).orElseThrow().done();
            assertThat(whileAllowed).as("the help desk may unlock").isGreaterThan(partly.done());
            accounts.changeRole(ada, Role.USER, ACTOR, Origin.SYSTEM, NOW);
            jobs.workOff(run.id(), () -> true);

            BulkRun finished = jobs.find(by(second), run.id()).orElseThrow();
            assertThat(finished.isFinished()).isTrue();
            assertThat(finished.done()).isEqualTo(whileAllowed);
            assertThat(finished.done() + finished.refused()).isEqualTo(many.size());
            assertThat(Set.copyOf(refusals(finished).values())).containsExactly(Refusal.NOT_ALLOWED);
        }

        @Test
        void a_lease_keeps_others_away_until_it_ends() {
            people(BulkJobs.FEW + 1, "many");
            BulkRun run = done(jobs.start(by(ada), found("many"), new BulkAction.Unlock(), NOW));
            Instant now = on.get(java.time.Clock.class).instant();
            BulkJobStore store = on.get(BulkJobStore.class);
            on.database().write(() -> store.claim(run.id(), now.plus(BulkJobs.LEASE), now));
            jobs.workOff(run.id(), () -> true);
            assertThat(jobs.find(by(ada), run.id()).orElseThrow().done()).isZero();
            boolean afterACrash = on.database()
                    .write(() ->
                            store.claim(run.id(), now.plus(BulkJobs.LEASE.multipliedBy(3)), now.plus(BulkJobs.LEASE)));
            assertThat(afterACrash).isTrue();
            boolean stale = on.database()
                    .write(() -> store.advance(run.id(), now.plus(BulkJobs.LEASE), now.plus(BulkJobs.LEASE), 1, 0));
            assertThat(stale).as("who lost the lease counts nothing").isFalse();
        }

        @Test
        void cancelled_work_stops_and_what_is_done_stays_done() {
            people(BulkJobs.FEW + 50, "many");
            BulkRun run = done(jobs.start(by(ada), found("many"), new BulkAction.Unlock(), NOW));
            AtomicInteger pieces = new AtomicInteger(1);
            jobs.workOff(run.id(), () -> pieces.getAndDecrement() > 0);
            done(jobs.cancel(by(ada), run.id(), NOW));
            jobs.workOff(run.id(), () -> true);
            BulkRun stopped = jobs.find(by(ada), run.id()).orElseThrow();
            assertThat(stopped.isFinished()).isTrue();
            assertThat(stopped.done()).isPositive();
            assertThat(stopped.open()).isPositive();
        }

        @Test
        void nobody_is_locked_out_by_disabling_many_and_the_rest_is_done() {
            Account second = signingIn("second", Role.ADMINISTRATOR);
            Account anna = on.person(acme, "anna", Role.USER);
            Administrator operator = Administrator.operator(acme.id(), ACTOR, Origin.SYSTEM);
            BulkRun run = done(jobs.start(operator, named(List.of(ada, second, anna)), new BulkAction.Disable(), NOW));
            assertThat(run.isFinished()).isTrue();
            assertThat(refusals(run).values()).containsExactly(Refusal.LAST_ADMINISTRATOR);
            assertThat(accounts.get(anna.id()).isDisabled()).isTrue();
            assertThat(on.get(Safeguard.class).usableAdministrators(acme.id())).isEqualTo(1);
        }

        @Test
        void requiring_it_of_a_person_names_them_in_the_rules() {
            Account anna = on.person(acme, "anna", Role.USER);
            Account bert = on.person(acme, "bert", Role.USER);
            Account audit = on.person(acme, "audit", Role.AUDITOR);
            done(jobs.start(by(ada), named(List.of(anna)), new BulkAction.Require(), NOW));
            assertThat(scope()).isEqualTo(new Rules.Scope.Selected(Set.of(), Set.of(anna.id())));
            done(jobs.start(by(ada), named(List.of(bert, audit)), new BulkAction.Require(), NOW));
            assertThat(scope()).isEqualTo(new Rules.Scope.Selected(Set.of(), Set.of(anna.id(), bert.id(), audit.id())));
            people(BulkJobs.MOST_REQUIRED + 1, "many");
            assertThat(jobs.start(by(ada), found("many"), new BulkAction.Require(), NOW))
                    .isEqualTo(Outcome.refused(Refusal.TOO_MANY));
        }

        private Rules.Scope scope() {
            return on.get(Policies.class).rules(acme.id()).scope();
        }

        @Test
        void the_other_actions_do_what_they_say() {
            Account anna = on.person(acme, "anna", Role.USER);
            Group sales = on.group(acme, "Sales");
            Instant until = NOW.plus(Duration.ofDays(3));
            assertThat(jobs.start(by(ada), named(List.of(anna)), new BulkAction.Exempt(" ", until), NOW))
                    .isEqualTo(Outcome.refused(Refusal.REASON_MISSING));
            done(jobs.start(by(ada), named(List.of(anna, ada)), new BulkAction.Exempt("New phone", until), NOW));
            assertThat(on.get(Policies.class).exemptUntil(anna.id())).contains(until);
            assertThat(on.get(Policies.class).exemptUntil(ada.id()))
                    .as("AC-217")
                    .isEmpty();
            done(jobs.start(by(ada), named(List.of(anna)), new BulkAction.EndExemption(), NOW));
            assertThat(on.get(Policies.class).exemptUntil(anna.id())).isEmpty();
            done(jobs.start(by(ada), named(List.of(anna)), new BulkAction.AddToGroup(sales.id()), NOW));
            assertThat(on.get(Groups.class).groupIdsOf(anna.id())).containsExactly(sales.id());
            done(jobs.start(by(ada), named(List.of(anna)), new BulkAction.RemoveFromGroup(sales.id()), NOW));
            assertThat(on.get(Groups.class).groupIdsOf(anna.id())).isEmpty();
            done(jobs.start(by(ada), named(List.of(anna)), new BulkAction.Disable(), NOW));
            done(jobs.start(by(ada), named(List.of(anna)), new BulkAction.Enable(), NOW));
            assertThat(accounts.get(anna.id()).isDisabled()).isFalse();
            assertThat(jobs.start(by(ada), named(List.of(anna)), new BulkAction.Remind(), NOW))
                    .as("without a mail server")
                    .isEqualTo(Outcome.refused(Refusal.NO_MAIL));
        }

        @Test
        void what_was_prepared_and_never_begun_is_forgotten() {
            Account anna = on.person(acme, "anna", Role.USER);
            BulkRun run = done(jobs.prepare(by(ada), named(List.of(anna)), BulkAction.Kind.RESET, NOW));
            jobs.forgetOld(NOW.plus(Duration.ofHours(1)));
            assertThat(jobs.find(by(ada), run.id())).isPresent();
            jobs.forgetOld(NOW.plus(Duration.ofHours(3)));
            assertThat(jobs.find(by(ada), run.id())).isEmpty();
        }

        private Map<AccountId, Refusal> refusals(BulkRun run) {
            return jobs.items(run, true, "", 1_000).stream()
                    .collect(Collectors.toMap(
                            BulkRun.Item::account, item -> item.refusal().orElseThrow()));
        }

        private List<Account> people(int count, String name) {
            List<Account> all = new ArrayList<>();
            on.database()
                    .write(() -> Stream.iterate(0, i -> i + 1)
                            .limit(count)
                            .forEach(i -> all.add(on.person(acme, name + "-" + i, Role.USER))));
            return all;
        }

        private static Selection named(Collection<Account> people) {
            return new Selection.Named(people.stream().map(Account::id).toList());
        }

        private static Selection found(String text) {
            return new Selection.Found(PeopleFilter.ofText(text));
        }

        private void enrol(Account account) {
            on.database()
                    .write(() -> on.get(Apps.class)
                            .register(account, on.get(Apps.class).newSecret(), 1, ACTOR, Origin.SYSTEM, NOW));
        }

        private boolean isEnrolled(Account account) {
            return accounts.get(account.id()).enrolledAt().isPresent();
        }

        private Administrator by(Account account) {
            Account now = accounts.get(account.id());
            Rights rights = accounts.rights(now);
            return new Administrator(
                    acme.id(), Optional.of(now.id()), rights, Actor.person(now.id(), now.username()), Origin.SYSTEM);
        }

        private Account signingIn(String username, Role role) {
            Account account = on.person(acme, username, role);
            Passwords passwords = on.get(Passwords.class);
            Passwords.Prepared password =
                    passwords.prepare(SecretText.of("correct horse battery")).orElseThrow();
            on.database().write(() -> passwords.set(account, password, Optional.empty(), ACTOR, Origin.SYSTEM, NOW));
            return account;
        }

        private static <T> T done(Outcome<T> outcome) {
            return outcome.fold(value -> value, why -> {
                throw new AssertionError(why);
            });
        }
    }
}
