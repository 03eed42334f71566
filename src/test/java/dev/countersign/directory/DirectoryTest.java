package dev.countersign.directory;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static dev.countersign.support.TestInstallation.created;
import static dev.countersign.support.TestInstallation.fresh;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.directory.Accounts.Creation;
import dev.countersign.directory.Accounts.Problem;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.support.Crowd;
import dev.countersign.support.TestInstallation;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Environments, accounts and groups, on both databases. */
class DirectoryTest {
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
        private final Environments environments;
        private final Accounts accounts;
        private final Groups groups;

        Contract(TestInstallation on) {
            this.on = on;
            this.environments = on.get(Environments.class);
            this.accounts = on.get(Accounts.class);
            this.groups = on.get(Groups.class);
        }

        // Environments

        @Test
        void a_host_selects_its_environment_in_any_case_and_default_serves_the_rest() {
            Environment byDefault = environments.requireDefault("Northwind", NOW);
            Environment acme = on.environment();
            String host = acme.host().orElseThrow();
            assertThat(environments.findByHost(host)).contains(acme);
            assertThat(environments.findByHost(host.toUpperCase(java.util.Locale.ROOT)))
                    .contains(acme);
            assertThat(environments.findByHost("elsewhere.example")).contains(byDefault);
            assertThat(environments.findByHost("x" + host)).contains(byDefault);
        }

        @Test
        void the_default_environment_is_made_once() throws Exception {
            List<Environment> made = Crowd.together(8, () -> environments.requireDefault("Northwind", NOW));
            assertThat(made.stream().map(Environment::id).distinct()).hasSize(1);
            assertThat(on.count("SELECT count(*) FROM environment WHERE name = 'default'"))
                    .isEqualTo(1);
        }

        @Test
        void a_taken_name_or_host_makes_no_environment_and_no_entry() {
            Environment acme = on.environment();
            assertThat(create(acme.name(), "other.example")).isEmpty();
            assertThat(create(fresh("other"), acme.host().orElseThrow().toUpperCase(java.util.Locale.ROOT)))
                    .isEmpty();
            assertThat(on.log(acme)).containsExactly("environment-created");
        }

        @Test
        void names_and_hosts_that_cannot_be_any_are_refused() {
            for (String name : List.of("", "Acme", "a b", "-a", "a".repeat(41), "a_b", "ä")) {
                assertThatThrownBy(() -> create(name, "acme.example"))
                        .as("'%s'", name)
                        .isInstanceOf(IllegalArgumentException.class);
            }
            for (String host : List.of("", "acme.example/", "a b", "acme.example:8480", ".example", "example.")) {
                assertThatThrownBy(() -> create(fresh("acme"), host))
                        .as("'%s'", host)
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }

        @Test
        void the_style_of_sign_in_is_kept_and_logged_when_it_changes() {
            Environment acme = on.environment();
            environments.changeStyle(acme, SignInStyle.TWO_SCREENS, ACTOR, Origin.SYSTEM, NOW);
            environments.changeStyle(acme, SignInStyle.ONE_PAGE, ACTOR, Origin.SYSTEM, NOW);
            assertThat(environments.find(acme.id()).orElseThrow().style()).isEqualTo(SignInStyle.ONE_PAGE);
            assertThat(on.log(acme)).containsExactly("environment-created", "style-changed");
        }

        private Optional<Environment> create(String name, String host) {
            return environments.create(name, Optional.of(host), "Acme", ACTOR, Origin.SYSTEM, NOW);
        }

        // Accounts

        @Test
        void an_account_reads_back_as_created() {
            Environment acme = on.environment();
            NewAccount typed = new NewAccount(" Zoë ", " Zoë  Müller ", " Zoe@Acme.example ", Role.AUDITOR);
            Account zoe = created(accounts.create(acme.id(), typed, ACTOR, Origin.SYSTEM, NOW));
            assertThat(accounts.get(zoe.id())).isEqualTo(zoe);
            assertThat(zoe.username()).isEqualTo("Zoë");
            assertThat(zoe.displayName()).isEqualTo("Zoë  Müller");
            assertThat(zoe.email()).isEqualTo("Zoe@Acme.example");
            assertThat(zoe.role()).isEqualTo(Role.AUDITOR);
            assertThat(zoe.createdAt()).isEqualTo(NOW);
            assertThat(zoe.lastSignInAt()).isEmpty();
            assertThat(on.log(acme)).containsExactly("environment-created", "account-created");
        }

        @Test
        void every_spelling_of_a_name_means_the_same_account() {
            Environment acme = on.environment();
            Account zoe = on.person(acme, "Zoë.Müller", Role.USER);
            for (String typed :
                    List.of("zoë.müller", "ZOË.MÜLLER", " Zoë.Müller ", "Zoe\u0308.Mu\u0308ller", "ｚoë.müller")) {
                assertThat(accounts.findByTypedName(acme.id(), typed))
                        .as("'%s'", typed)
                        .contains(zoe);
            }
            for (String typed :
                    List.of("zoe.muller", "zoë müller", "zoë.mülle", "", " ", "zo\u200bë.müller", "\u0000")) {
                assertThat(accounts.findByTypedName(acme.id(), typed))
                        .as("'%s'", typed)
                        .isEmpty();
            }
        }

        @Test
        void an_account_is_nobody_in_another_environment() {
            Account bea = on.person();
            Environment other = on.environment();
            assertThat(accounts.findByTypedName(other.id(), "bea")).isEmpty();
            Account namesake = on.person(other, "bea", Role.USER);
            assertThat(namesake.id()).isNotEqualTo(bea.id());
            assertThat(accounts.findByTypedName(other.id(), "BEA")).contains(namesake);
        }

        @Test
        void a_mail_address_names_an_account_as_long_as_only_one_has_it() {
            Environment acme = on.environment();
            Account ada = withEmail(acme, "ada", "Ada.Berg@Acme.example");
            assertThat(accounts.findByTypedName(acme.id(), " ada.berg@acme.EXAMPLE"))
                    .contains(ada);
            withEmail(acme, "adam", "ada.berg@acme.example");
            assertThat(accounts.findByTypedName(acme.id(), "ada.berg@acme.example"))
                    .isEmpty();
        }

        @Test
        void a_username_wins_over_a_mail_address() {
            Environment acme = on.environment();
            withEmail(acme, "ada", "shared@acme.example");
            Account named = withEmail(acme, "shared@acme.example", "bea@acme.example");
            assertThat(accounts.findByTypedName(acme.id(), "shared@acme.example"))
                    .contains(named);
        }

        @Test
        void a_name_that_is_taken_or_looks_like_it_is_refused() {
            Environment acme = on.environment();
            on.person(acme, "paul", Role.USER);
            on.person(acme, "clare1", Role.USER);
            on.person(acme, "pay", Role.USER);
            for (String taken : List.of("paul", "PAUL", " Paul", "c1are1", "clarel")) {
                assertThat(problem(acme, taken)).as("'%s'", taken).isEqualTo(Problem.USERNAME_TAKEN);
            }
            assertThat(problem(acme, "p\u0430ul")).as("with a Cyrillic a").isEqualTo(Problem.USERNAME_LOOK_ALIKE);
            assertThat(problem(acme, "\u0440\u0430\u0443")).as("all Cyrillic").isEqualTo(Problem.USERNAME_TAKEN);
            assertThat(on.count(
                            "SELECT count(*) FROM account WHERE environment_id = ?",
                            acme.id().value()))
                    .isEqualTo(3);
        }

        @Test
        void of_two_people_taking_a_name_at_once_one_gets_it() throws Exception {
            Environment acme = on.environment();
            NewAccount typed = new NewAccount("bea", "Bea", "bea@acme.example", Role.USER);
            List<Creation> all = Crowd.together(12, () -> accounts.create(acme.id(), typed, ACTOR, Origin.SYSTEM, NOW));
            assertThat(all.stream().filter(Creation.Created.class::isInstance)).hasSize(1);
            assertThat(all.stream().filter(new Creation.Refused(Problem.USERNAME_TAKEN)::equals))
                    .hasSize(11);
            assertThat(on.log(acme)).containsExactly("environment-created", "account-created");
        }

        @Test
        void what_cannot_be_an_account_says_why() {
            Environment acme = on.environment();
            assertThat(problem(acme, "  ")).isEqualTo(Problem.USERNAME_EMPTY);
            assertThat(problem(acme, "a".repeat(65))).isEqualTo(Problem.USERNAME_TOO_LONG);
            assertThat(problem(acme, "a".repeat(100_000))).isEqualTo(Problem.USERNAME_TOO_LONG);
            assertThat(problem(acme, "be\u200ba")).isEqualTo(Problem.USERNAME_INVISIBLE);
            assertThat(problem(acme, "be\u202ea")).isEqualTo(Problem.USERNAME_INVISIBLE);
            assertThat(problem(acme, "be\u0000a")).isEqualTo(Problem.USERNAME_INVISIBLE);
            assertThat(problem(acme, "be\u3164a")).isEqualTo(Problem.USERNAME_INVISIBLE);
            assertThat(problem(acme, "bea lind")).isEqualTo(Problem.USERNAME_CHARACTERS);
            assertThat(problem(acme, "bea<script>")).isEqualTo(Problem.USERNAME_CHARACTERS);
            assertThat(refused(acme, new NewAccount("bea", " ", "bea@acme.example", Role.USER)))
                    .isEqualTo(Problem.NAME_INVALID);
            assertThat(refused(acme, new NewAccount("bea", "Bea\nLind", "bea@acme.example", Role.USER)))
                    .isEqualTo(Problem.NAME_INVALID);
            assertThat(refused(acme, new NewAccount("bea", "B".repeat(201), "bea@acme.example", Role.USER)))
                    .isEqualTo(Problem.NAME_INVALID);
            for (String email : List.of("", "bea", "bea@", "@acme.example", "bea@acme@example", "b ea@acme.example")) {
                assertThat(refused(acme, new NewAccount("bea", "Bea", email, Role.USER)))
                        .as("'%s'", email)
                        .isEqualTo(Problem.EMAIL_INVALID);
            }
        }

        @Test
        void disabling_is_kept_logged_and_can_be_undone() {
            Environment acme = on.environment();
            Account bea = on.person(acme, "bea", Role.USER);
            on.database().write(() -> accounts.disable(bea, ACTOR, Origin.SYSTEM, NOW));
            assertThat(accounts.get(bea.id()).disabledAt()).contains(NOW);
            accounts.enable(bea, ACTOR, Origin.SYSTEM, NOW);
            assertThat(accounts.get(bea.id()).isDisabled()).isFalse();
            assertThat(on.log(acme)).endsWith("account-created", "account-disabled", "account-enabled");
        }

        @Test
        void a_language_is_kept_and_forgotten() {
            Account bea = on.person();
            accounts.changeLocale(bea, Optional.of("fr"), ACTOR, Origin.SYSTEM, NOW);
            assertThat(accounts.get(bea.id()).locale()).contains("fr");
            accounts.changeLocale(bea, Optional.empty(), ACTOR, Origin.SYSTEM, NOW);
            assertThat(accounts.get(bea.id()).locale()).isEmpty();
        }

        @Test
        void a_sign_in_is_noted_in_its_transaction_only() {
            Account bea = on.person();
            assertThatThrownBy(() -> accounts.noteSignIn(bea.id(), NOW)).isInstanceOf(IllegalStateException.class);
            on.database().write(() -> accounts.noteSignIn(bea.id(), NOW));
            assertThat(accounts.get(bea.id()).lastSignInAt()).contains(NOW);
        }

        // Groups

        @Test
        void a_group_has_its_members_once_and_counts_those_who_can_sign_in() {
            Environment acme = on.environment();
            Account bea = on.person(acme, "bea", Role.USER);
            Account carl = on.person(acme, "carl", Role.USER);
            Group sales = on.group(acme, "Sales & Support", bea, carl);
            assertThat(groups.add(sales, bea, ACTOR, Origin.SYSTEM, NOW))
                    .as("twice")
                    .isFalse();
            on.database().write(() -> accounts.disable(carl, ACTOR, Origin.SYSTEM, NOW));
            assertThat(groups.findByName(acme.id(), "sales & SUPPORT"))
                    .contains(new Group(sales.id(), "Sales & Support", 1, Optional.empty()));
            assertThat(groups.groupIdsOf(bea.id())).containsExactly(sales.id());
            assertThat(groups.groupsOf(bea)).extracting(Group::name).containsExactly("Sales & Support");
            assertThat(on.log(acme).stream().filter("group-member-added"::equals))
                    .hasSize(2);
        }

        @Test
        void leaving_a_group_is_once() {
            Environment acme = on.environment();
            Account bea = on.person(acme, "bea", Role.USER);
            Group sales = on.group(acme, "Sales", bea);
            assertThat(groups.remove(sales, bea, ACTOR, Origin.SYSTEM, NOW)).isTrue();
            assertThat(groups.remove(sales, bea, ACTOR, Origin.SYSTEM, NOW)).isFalse();
            assertThat(groups.groupIdsOf(bea.id())).isEmpty();
            assertThat(on.log(acme).stream().filter("group-member-removed"::equals))
                    .hasSize(1);
        }

        @Test
        void a_group_name_is_taken_in_every_spelling_and_only_in_its_environment() {
            Environment acme = on.environment();
            on.group(acme, "Sales");
            Username again = ((Username.Parsed.Accepted) Username.parseGroupName("SALES")).username();
            assertThat(groups.create(acme.id(), again, ACTOR, Origin.SYSTEM, NOW))
                    .isEmpty();
            Environment other = on.environment();
            assertThat(groups.all(other.id())).isEmpty();
            on.group(other, "Sales");
            assertThat(groups.all(other.id())).extracting(Group::name).containsExactly("Sales");
        }

        private Account withEmail(Environment environment, String username, String email) {
            return created(accounts.create(
                    environment.id(), new NewAccount(username, username, email, Role.USER), ACTOR, Origin.SYSTEM, NOW));
        }

        private Problem problem(Environment environment, String username) {
            return refused(environment, new NewAccount(username, "Someone", "someone@acme.example", Role.USER));
        }

        private Problem refused(Environment environment, NewAccount typed) {
            return switch (accounts.create(environment.id(), typed, ACTOR, Origin.SYSTEM, NOW)) {
                case Creation.Refused(Problem problem) -> problem;
                case Creation.Created(Account account) -> throw new AssertionError("created " + account);
            };
        }
    }
}
