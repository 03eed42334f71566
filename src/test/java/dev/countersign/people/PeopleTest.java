package dev.countersign.people;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static dev.countersign.support.TestInstallation.created;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.directory.NewAccount;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.policy.AutomaticStart;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.support.TestInstallation;
import dev.countersign.throttle.Bucket;
import dev.countersign.throttle.Limit;
import dev.countersign.throttle.Throttle;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The list of people: search, filters, order, pages, counts; on both databases. */
class PeopleTest {
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
        private final People people;
        private final Accounts accounts;
        private final Policies policies;
        private Environment acme;

        Contract(TestInstallation on) {
            this.on = on;
            this.people = on.get(People.class);
            this.accounts = on.get(Accounts.class);
            this.policies = on.get(Policies.class);
            this.acme = on.environment();
        }

        @BeforeEach
        void newEnvironment() {
            acme = on.environment();
        }

        @Test
        void a_search_finds_beginnings_of_words_without_case_and_accents() {
            displayed("zoe.m", "Zoë Müller-Weiß", "z.m@acme.example");
            on.person(acme, "carl", Role.USER);
            for (String text : List.of(
                    "zoe", "ZOE", "zoe.m", "m", "mull", "MÜLL", "weiß", "Z.M@", " zoe ", "zoe mull", "mull zo")) {
                assertThat(found(text)).as("'%s'", text).containsExactly("zoe.m");
                assertThat(people.count(acme.id(), PeopleFilter.ofText(text), NOW))
                        .as("'%s'", text)
                        .isEqualTo(new PeopleCount(1, true));
            }
            assertThat(found("")).containsExactly("carl", "zoe.m");
            assertThat(found("oe")).isEmpty();
            assertThat(found("zoe carl")).isEmpty();
        }

        @Test
        void a_search_takes_wildcards_and_quotes_literally() {
            displayed("percent", "100% sure", "x@acme.example");
            displayed("quote", "Bea's \"best\" mate", "y@acme.example");
            assertThat(found("100%")).containsExactly("percent");
            assertThat(found("%")).isEmpty();
            assertThat(found("bea's")).containsExactly("quote");
            assertThat(found("\"best\"")).containsExactly("quote");
            assertThat(found("' OR '1'='1")).isEmpty();
        }

        @Test
        void a_search_survives_characters_no_name_can_hold() {
            on.person(acme, "bea", Role.USER);
            assertThat(found("b\u0000")).isEmpty();
            assertThat(found("\ud800")).isEmpty();
            assertThat(found("x".repeat(100_000))).isEmpty();
            assertThat(found("bea ".repeat(1_000))).containsExactly("bea");
        }

        @Test
        void a_renamed_person_is_found_by_the_new_name_only() {
            Account bea = on.person(acme, "bea", Role.USER);
            created(accounts.change(bea, "beatrix", "Trixi Stone", "t@acme.example", ACTOR, Origin.SYSTEM, NOW));
            assertThat(found("trixi")).containsExactly("beatrix");
            assertThat(found("stone")).containsExactly("beatrix");
            assertThat(found("person")).isEmpty();
        }

        @Test
        void other_environments_are_never_found() {
            Environment other = on.environment();
            on.person(other, "bea", Role.USER);
            assertThat(found("")).isEmpty();
            assertThat(found("bea")).isEmpty();
        }

        @Test
        void pages_follow_each_other_forwards_and_backwards_in_each_order() {
            IntStream.range(0, 25).forEach(i -> {
                Account one = on.person(acme, "person%02d".formatted(i * 7 % 25), Role.USER);
                if (i % 3 == 0) {
                    on.database().write(() -> accounts.noteSignIn(one.id(), NOW.plusSeconds(i / 6)));
                }
            });
            for (PeopleSort sort : PeopleSort.values()) {
                List<List<String>> forward = new ArrayList<>();
                Optional<PeoplePage.Cursor> cursor = Optional.empty();
                PeoplePage page;
                do {
                    page = people.list(acme.id(), PeopleFilter.EVERYONE, sort, cursor, 10, NOW);
                    forward.add(names(page));
                    cursor = page.next();
                } while (cursor.isPresent());
                List<String> all = forward.stream().flatMap(List::stream).toList();
                assertThat(forward).as("%s", sort).hasSize(3);
                assertThat(all).as("%s", sort).hasSize(25).doesNotHaveDuplicates();
                PeoplePage second = people.list(acme.id(), PeopleFilter.EVERYONE, sort, page.previous(), 10, NOW);
                assertThat(names(second)).as("%s back", sort).isEqualTo(forward.get(1));
                PeoplePage first = people.list(acme.id(), PeopleFilter.EVERYONE, sort, second.previous(), 10, NOW);
                assertThat(names(first)).as("%s back", sort).isEqualTo(forward.getFirst());
                assertThat(first.previous()).as("%s back", sort).isEmpty();
            }
        }

        @Test
        void the_order_of_user_names_is_the_same_on_every_database() {
            for (String name : List.of("b", "a-b", "ab", "a.b", "a_c", "ä", "z")) {
                on.person(acme, name, Role.USER);
            }
            assertThat(found("")).containsExactly("a-b", "a.b", "a_c", "ab", "b", "z", "ä");
        }

        @Test
        void each_status_is_shown_found_and_counted_the_same() {
            Account disabled = on.person(acme, "disabled", Role.USER);
            Account locked = on.person(acme, "locked", Role.USER);
            Account exempt = on.person(acme, "exempt", Role.USER);
            Account enrolled = on.person(acme, "enrolled", Role.USER);
            on.person(acme, "open", Role.USER);
            on.database().write(() -> accounts.disable(disabled, ACTOR, Origin.SYSTEM, NOW));
            policies.exempt(exempt, "waits for a phone", NOW.plus(Duration.ofDays(1)), ACTOR, Origin.SYSTEM, NOW);
            on.database().write(() -> accounts.noteSecondFactor(enrolled.id(), Optional.of(NOW)));
            lock(locked);
            Map<String, PersonStatus> expected = Map.of(
                    "disabled", PersonStatus.DISABLED,
                    "locked", PersonStatus.LOCKED,
                    "exempt", PersonStatus.EXEMPT,
                    "enrolled", PersonStatus.ENROLLED,
                    "open", PersonStatus.NOT_COVERED);
            expect(expected, NOW);
            require(EVERYONE);
            expect(with(expected, "open", PersonStatus.MUST_ENROL), NOW);
            expect(
                    with(with(expected, "open", PersonStatus.MUST_ENROL), "exempt", PersonStatus.MUST_ENROL),
                    NOW.plus(Duration.ofDays(2)),
                    "locked");
        }

        @Test
        void a_planned_start_gives_grace_to_those_it_covers_until_it_comes() {
            Account bea = on.person(acme, "bea", Role.USER);
            on.person(acme, "carl", Role.USER);
            Group sales = on.group(acme, "Sales", bea);
            AutomaticStart start = new AutomaticStart(
                    "customer.paid",
                    Duration.ofDays(1),
                    new Rules.Scope.Selected(Set.of(sales.id()), Set.of()),
                    Optional.empty(),
                    Optional.empty());
            policies.changeStart(acme.id(), Optional.of(start), ACTOR, Origin.SYSTEM, NOW);
            expect(Map.of("bea", PersonStatus.NOT_COVERED, "carl", PersonStatus.NOT_COVERED), NOW);
            policies.event(acme.id(), "customer.paid", ACTOR, Origin.SYSTEM, NOW);
            expect(Map.of("bea", PersonStatus.GRACE, "carl", PersonStatus.NOT_COVERED), NOW);
            Person row = people.list(acme.id(), PeopleFilter.ofText("bea"), PeopleSort.NAME, Optional.empty(), 9, NOW)
                    .people()
                    .getFirst();
            assertThat(row.graceUntil()).contains(NOW.plus(Duration.ofDays(1)));
            expect(
                    Map.of("bea", PersonStatus.MUST_ENROL, "carl", PersonStatus.NOT_COVERED),
                    NOW.plus(Duration.ofDays(1)));
        }

        @Test
        void a_group_covers_finds_and_gives_rights_to_whoever_is_in_a_group_inside_it() {
            Account bea = on.person(acme, "bea", Role.USER);
            Account carl = on.person(acme, "carl", Role.USER);
            Account dora = on.person(acme, "dora", Role.USER);
            Group inner = on.group(acme, "Inner", bea);
            Group middle = on.group(acme, "Middle", carl);
            Group outer = on.group(acme, "Outer");
            Groups groups = on.get(Groups.class);
            groups.nest(acme.id(), outer, middle, ACTOR, Origin.SYSTEM, NOW);
            groups.nest(acme.id(), middle, inner, ACTOR, Origin.SYSTEM, NOW);
            groups.changeRole(acme.id(), outer, Optional.of(Role.AUDITOR), ACTOR, Origin.SYSTEM, NOW);
            require(new Rules.Scope.Selected(Set.of(outer.id()), Set.of()));
            expect(
                    Map.of(
                            "bea", PersonStatus.MUST_ENROL,
                            "carl", PersonStatus.MUST_ENROL,
                            "dora", PersonStatus.NOT_COVERED),
                    NOW);
            PeopleFilter inOuter =
                    new PeopleFilter("", Optional.empty(), Optional.of(outer.id()), Optional.empty(), Optional.empty());
            PeopleFilter auditors = new PeopleFilter(
                    "", Optional.of(Role.AUDITOR), Optional.empty(), Optional.empty(), Optional.empty());
            assertThat(found(inOuter, NOW)).containsExactly("bea", "carl");
            assertThat(found(auditors, NOW)).containsExactly("bea", "carl");
            assertThat(people.affected(acme.id(), policies.rules(acme.id()), NOW))
                    .isEqualTo(new People.Affected(2, 0));
            assertThat(accounts.rights(dora).openConsole()).isFalse();
            assertThat(accounts.rights(bea).permissions()).isEqualTo(Role.AUDITOR.permissions());
        }

        @Test
        void affected_are_those_who_can_sign_in_whom_the_scope_names() {
            Account bea = on.person(acme, "bea", Role.USER);
            Account carl = on.person(acme, "carl", Role.USER);
            Group sales = on.group(acme, "Sales", carl);
            Rules some = new Rules(Rules.Mode.REQUIRED, new Rules.Scope.Selected(Set.of(sales.id()), Set.of()), 0);
            Rules both = new Rules(
                    Rules.Mode.REQUIRED, new Rules.Scope.Selected(Set.of(sales.id()), Set.of(bea.id(), carl.id())), 0);
            assertThat(people.affected(acme.id(), new Rules(Rules.Mode.REQUIRED, EVERYONE, 0), NOW))
                    .isEqualTo(new People.Affected(2, 0));
            assertThat(people.affected(acme.id(), some, NOW)).isEqualTo(new People.Affected(1, 0));
            assertThat(people.affected(acme.id(), both, NOW)).isEqualTo(new People.Affected(2, 0));
            assertThat(people.affected(acme.id(), Rules.INITIAL, NOW)).isEqualTo(new People.Affected(0, 0));
            on.database().write(() -> accounts.disable(carl, ACTOR, Origin.SYSTEM, NOW));
            assertThat(people.affected(acme.id(), some, NOW)).isEqualTo(new People.Affected(0, 0));
        }

        @Test
        void people_with_and_without_a_companion_are_found_counted_and_combined() {
            Account bea = on.person(acme, "bea", Role.USER);
            Account carl = on.person(acme, "carl", Role.USER);
            on.person(acme, "dora", Role.AUDITOR);
            note(bea, Optional.of(NOW));
            note(carl, Optional.of(NOW));
            PeopleFilter paired = PeopleFilter.EVERYONE.with(Companion.PAIRED);
            PeopleFilter none = PeopleFilter.EVERYONE.with(Companion.NONE);
            for (PeopleSort sort : PeopleSort.values()) {
                assertThat(names(people.list(acme.id(), paired, sort, Optional.empty(), 9, NOW)))
                        .containsExactlyInAnyOrder("bea", "carl");
                assertThat(names(people.list(acme.id(), none, sort, Optional.empty(), 9, NOW)))
                        .containsExactly("dora");
            }
            assertThat(people.count(acme.id(), paired, NOW)).isEqualTo(new PeopleCount(2, true));
            assertThat(people.count(acme.id(), none, NOW)).isEqualTo(new PeopleCount(1, true));
            assertThat(found(PeopleFilter.ofText("be").with(Companion.PAIRED), NOW))
                    .containsExactly("bea");
            assertThat(found(PeopleFilter.ofText("be").with(Companion.NONE), NOW))
                    .isEmpty();
            assertThat(found(none.withStatus(PersonStatus.NOT_COVERED), NOW)).containsExactly("dora");
            assertThat(people.find(acme.id(), bea.id(), NOW).orElseThrow().companionAt())
                    .contains(NOW);
            note(bea, Optional.empty());
            assertThat(found(none, NOW)).containsExactly("bea", "dora");
        }

        private void note(Account account, Optional<Instant> pairedAt) {
            on.database().write(() -> accounts.noteCompanion(account.id(), pairedAt));
        }

        @Test
        void all_ids_found_come_in_steps_each_once() {
            IntStream.range(0, 25).forEach(i -> on.person(acme, "person%02d".formatted(i), Role.USER));
            List<AccountId> all = new ArrayList<>();
            List<AccountId> some = people.idsAfter(acme.id(), PeopleFilter.ofText("person"), "", 10, NOW);
            while (!some.isEmpty()) {
                all.addAll(some);
                some = people.idsAfter(
                        acme.id(), PeopleFilter.ofText("person"), some.getLast().value(), 10, NOW);
            }
            assertThat(all).hasSize(25).doesNotHaveDuplicates();
        }

        private void expect(Map<String, PersonStatus> expected, Instant now, String... unless) {
            PeoplePage page =
                    people.list(acme.id(), PeopleFilter.EVERYONE, PeopleSort.USERNAME, Optional.empty(), 100, now);
            Set<String> left = Set.of(unless);
            page.people().stream()
                    .filter(person -> !left.contains(person.username()))
                    .forEach(person -> {
                        PersonStatus status = expected.get(person.username());
                        assertThat(person.status()).as(person.username()).isEqualTo(status);
                        assertThat(found(PeopleFilter.EVERYONE.withStatus(person.status()), now))
                                .as("%s", status)
                                .contains(person.username());
                    });
            Map<PersonStatus, Long> counts = people.counts(acme.id(), now);
            for (PersonStatus status : PersonStatus.values()) {
                long listed = page.people().stream()
                        .filter(person -> person.status() == status)
                        .count();
                assertThat(counts.getOrDefault(status, 0L)).as("%s", status).isEqualTo(listed);
                assertThat(people.count(acme.id(), PeopleFilter.EVERYONE.withStatus(status), now))
                        .as("%s", status)
                        .isEqualTo(new PeopleCount(listed, true));
            }
        }

        private static Map<String, PersonStatus> with(Map<String, PersonStatus> all, String name, PersonStatus status) {
            Map<String, PersonStatus> changed = new java.util.HashMap<>(all);
            changed.put(name, status);
            return changed;
        }

        private void lock(Account account) {
            Bucket bucket = new Bucket("second:" + account.id().value(), Limit.SECOND_FACTOR);
            for (int i = 0; i < Limit.SECOND_FACTOR.free(); i++) {
                on.get(Throttle.class).reserve(acme.id(), List.of(bucket), NOW);
            }
        }

        private void require(Rules.Scope scope) {
            long version = policies.rules(acme.id()).version();
            policies.change(acme.id(), new Rules(Rules.Mode.REQUIRED, scope, version), ACTOR, Origin.SYSTEM, NOW);
        }

        private void displayed(String username, String name, String email) {
            NewAccount typed = new NewAccount(username, name, email, Role.USER);
            created(accounts.create(acme.id(), typed, ACTOR, Origin.SYSTEM, NOW));
        }

        private List<String> found(String text) {
            return found(PeopleFilter.ofText(text), NOW);
        }

        private List<String> found(PeopleFilter filter, Instant now) {
            return names(people.list(acme.id(), filter, PeopleSort.USERNAME, Optional.empty(), 100, now));
        }

        private static List<String> names(PeoplePage page) {
            return page.people().stream().map(Person::username).toList();
        }
    }
}
