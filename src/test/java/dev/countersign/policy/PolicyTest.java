package dev.countersign.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Proof;
import dev.countersign.kernel.Proof.Means;
import dev.countersign.kernel.Proofs;
import dev.countersign.kernel.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is asked of whom, as a table of examples. */
class PolicyTest {
    private static final Instant NOW = Instant.parse("2026-03-02T08:00:00Z");
    private static final AccountId BEA = new AccountId("bea");

    /**
     * The columns: the rules; what is true of Bea (app: an app and a confirmed recovery code; app-only: the code not
     * confirmed); what she has shown (new- means registered in this sign-in); where she is going and what for; what happens;
     * and the rule that decided.
     */
    @ParameterizedTest(name = "{0} | {1} | {2} | {3}")
    @CsvSource(delimiter = '|', textBlock = """
            # off: a password is enough, whatever is set up; nothing that was set up is lost
            off                    | -                  | -                                | account | ask password        | PASSWORD_FIRST
            off                    | -                  | password                         | account | allow               | OFF
            off                    | app                | password                         | account | allow               | OFF
            off                    | app                | password totp                    | account | allow               | OFF

            # optional: those who set up an app are asked for it
            optional               | -                  | -                                | account | ask password        | PASSWORD_FIRST
            optional               | -                  | password                         | account | allow               | OPTIONAL_NOT_SET_UP
            optional               | app                | password                         | account | ask recovery totp   | OPTIONAL_SET_UP
            optional               | app-only           | password                         | account | ask totp            | OPTIONAL_SET_UP
            optional               | app                | password totp                    | account | allow               | OPTIONAL_SET_UP
            optional               | -                  | password totp                    | account | allow               | OPTIONAL_NOT_SET_UP
            optional               | app                | totp                             | account | ask password        | PASSWORD_FIRST

            # required for everyone: who has no app registers one, once, and confirms a recovery code
            required everyone      | -                  | password                         | account | enrol totp          | REQUIRED_EVERYONE
            required everyone      | app-only           | password new-totp                | account | enrol recovery      | NO_RECOVERY_CODE
            required everyone      | app                | password new-totp new-recovery   | account | allow               | REQUIRED_EVERYONE
            required everyone      | app                | password                         | account | ask recovery totp   | REQUIRED_EVERYONE
            required everyone      | app                | password totp                    | account | allow               | REQUIRED_EVERYONE
            required everyone      | app-only           | password totp                    | account | enrol recovery      | NO_RECOVERY_CODE
            required everyone      | recovery           | password                         | account | enrol totp          | REQUIRED_EVERYONE

            # required for groups and people: others go on as if it were optional
            required sales         | in:sales           | password                         | account | enrol totp          | REQUIRED_GROUP
            required sales         | in:sales in:board  | password                         | account | enrol totp          | REQUIRED_GROUP
            required sales         | in:support         | password                         | account | allow               | NOT_COVERED
            required sales         | -                  | password                         | account | allow               | NOT_COVERED
            required sales         | app                | password                         | account | ask recovery totp   | OPTIONAL_SET_UP
            required sales         | app in:sales       | password totp                    | account | allow               | REQUIRED_GROUP
            required bea           | -                  | password                         | account | enrol totp          | REQUIRED_PERSON
            required sales bea     | in:sales           | password                         | account | enrol totp          | REQUIRED_PERSON
            required carl          | -                  | password                         | account | allow               | NOT_COVERED

            # an exemption lifts the requirement until it ends, and nothing else
            required everyone      | exempt             | password                         | account | allow               | EXEMPT
            required everyone      | exempt app         | password                         | account | allow               | EXEMPT
            required everyone      | exempt             | password                         | console | enrol totp          | CONSOLE
            required everyone      | exempt-until-now   | password                         | account | enrol totp          | REQUIRED_EVERYONE
            required everyone      | was-exempt         | password                         | account | enrol totp          | REQUIRED_EVERYONE
            optional               | exempt app         | password                         | account | ask recovery totp   | OPTIONAL_SET_UP

            # the console asks for a second factor whatever the rules say
            off                    | -                  | password                         | console | enrol totp          | CONSOLE
            off                    | app                | password                         | console | ask recovery totp   | CONSOLE
            off                    | app                | password totp                    | console | allow               | CONSOLE
            optional               | -                  | password                         | console | enrol totp          | CONSOLE

            # after a recovery code: a new one, and a new app
            required everyone      | app                | password recovery                | account | enrol totp          | RECOVERED
            required everyone      | app-only           | password recovery                | account | enrol recovery      | NO_RECOVERY_CODE
            required everyone      | app                | password recovery new-recovery   | account | enrol totp          | RECOVERED
            required everyone      | app                | password recovery new-recovery new-totp | account | allow        | REQUIRED_EVERYONE

            # a phone that is being replaced: the code that was read out first, then a new app; the password alone never
            required everyone      | replaced           | password                         | account | ask replacement     | PHONE_REPLACED
            required everyone      | replaced           | password replacement             | account | enrol totp          | PHONE_REPLACED
            required everyone      | replaced           | password totp                    | account | ask replacement     | PHONE_REPLACED
            required everyone      | replaced recovery  | password recovery                | account | ask replacement     | PHONE_REPLACED
            required everyone      | app-only           | password replacement new-totp    | account | enrol recovery      | NO_RECOVERY_CODE
            required everyone      | app                | password replacement new-totp new-recovery | account | allow     | REQUIRED_EVERYONE
            required everyone      | app replaced       | password                         | account | ask recovery totp   | REQUIRED_EVERYONE
            required sales         | replaced           | password                         | account | ask replacement     | PHONE_REPLACED
            optional               | replaced           | password                         | account | ask replacement     | PHONE_REPLACED
            off                    | replaced           | password                         | account | allow               | OFF
            off                    | replaced           | password                         | console | ask replacement     | PHONE_REPLACED
            off                    | replaced           | password                         | set-up-app        | ask replacement | PHONE_REPLACED
            required everyone      | exempt replaced    | password                         | account | allow               | EXEMPT

            # a password that may not stay is changed last, when the person has shown everything else
            off                    | guessed            | password                         | account | enrol password      | PASSWORD_GUESSED
            off                    | must-change        | password                         | account | enrol password      | PASSWORD_REQUIRED
            required everyone      | app guessed        | password                         | account | ask recovery totp   | REQUIRED_EVERYONE
            required everyone      | app guessed        | password totp                    | account | enrol password      | PASSWORD_GUESSED
            required everyone      | must-change        | password                         | account | enrol totp          | REQUIRED_EVERYONE
            off                    | -                  | password new-password            | account | allow               | OFF

            # wishes: what one signs in with changes only after showing what there is
            off                    | -                  | password                         | set-up-app        | enrol totp        | REQUESTED
            off                    | app                | password                         | set-up-app        | ask recovery totp | REQUESTED
            off                    | app                | password totp                    | set-up-app        | enrol totp        | REQUESTED
            off                    | app                | password totp new-totp           | set-up-app        | allow             | REQUESTED
            off                    | app                | password totp                    | new-recovery-code | enrol recovery    | REQUESTED
            off                    | app                | password                         | change-password   | ask recovery totp | REQUESTED
            off                    | -                  | password                         | change-password   | enrol password    | REQUESTED
            off                    | -                  | password new-password            | change-password   | allow             | OFF
            off                    | -                  | -                                | confirm           | ask password      | PASSWORD_FIRST
            off                    | -                  | password                         | confirm           | allow             | OFF
            off                    | app                | password                         | confirm           | ask recovery totp | REQUESTED
            off                    | app                | password totp                    | confirm           | allow             | REQUESTED

            # a disabled account is denied whatever it shows
            off                    | disabled           | -                                | account | deny                | DISABLED
            required everyone      | disabled app       | password totp                    | console | deny                | DISABLED
            """)
    void decides(String rules, String person, String shown, String going, String expected, Why.Rule because) {
        Decision decision = Policy.decide(rules(rules), facts(words(person), proofs(shown), target(going)));
        assertThat(describe(decision)).isEqualTo(expected);
        assertThat(decision.why().rule()).isEqualTo(because);
    }

    @Test
    void names_the_group_that_covers_the_same_one_each_time() {
        Facts facts = facts(List.of("in:support", "in:sales", "in:board"), proofs("password"), Target.ACCOUNT);
        assertThat(Policy.decide(rules("required support sales"), facts).why())
                .isEqualTo(Why.of(Why.Rule.REQUIRED_GROUP, "sales"));
    }

    @Test
    void says_when_an_exemption_ends() {
        Facts facts = facts(List.of("exempt"), proofs("password"), Target.ACCOUNT);
        assertThat(Policy.decide(rules("required everyone"), facts).why())
                .isEqualTo(Why.of(Why.Rule.EXEMPT, NOW.plus(Duration.ofDays(1)).toString()));
    }

    @Test
    void tells_before_anything_is_shown_whether_a_second_factor_will_be_demanded() {
        Facts bea = facts(List.of("in:sales"), Proofs.NONE, Target.ACCOUNT);
        assertThat(Policy.demandsSecondFactor(rules("required sales"), bea)).isTrue();
        assertThat(Policy.demandsSecondFactor(rules("required support"), bea)).isFalse();
        assertThat(Policy.demandsSecondFactor(rules("off"), bea)).isFalse();
    }

    @Test
    void a_selection_of_nobody_cannot_be_made() {
        assertThatThrownBy(() -> new Rules.Scope.Selected(Set.of(), Set.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one");
    }

    @Test
    void a_selection_cannot_be_emptied_afterwards() {
        Set<GroupId> groups = new HashSet<>(Set.of(new GroupId("sales")));
        Rules.Scope.Selected selected = new Rules.Scope.Selected(groups, Set.of());
        groups.clear();
        assertThat(selected.groups()).containsExactly(new GroupId("sales"));
        assertThatThrownBy(() -> selected.groups().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void a_new_environment_demands_nothing() {
        assertThat(Rules.INITIAL.mode()).isEqualTo(Rules.Mode.OFF);
    }

    @Test
    void asking_for_nothing_is_no_decision() {
        assertThatThrownBy(() -> new Decision.Ask(Set.of(), Why.of(Why.Rule.OFF)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void an_exemption_needs_a_reason() {
        assertThatThrownBy(() -> new Exemption(BEA, "ada", " ", NOW)).hasMessageContaining("reason");
        assertThatThrownBy(() -> new Exemption(BEA, "ada", "x".repeat(501), NOW))
                .hasMessageContaining("500");
        assertThat(new Exemption(BEA, "ada", "x".repeat(500), NOW).reason()).hasSize(500);
    }

    private static Rules rules(String text) {
        List<String> words = words(text);
        Rules.Mode mode = Rules.Mode.valueOf(words.getFirst().toUpperCase(Locale.ROOT));
        List<String> scope = words.subList(1, words.size());
        if (scope.isEmpty() || scope.equals(List.of("everyone"))) {
            return new Rules(mode, new Rules.Scope.Everyone(), 1);
        }
        Set<AccountId> people = scope.stream()
                .filter(Set.of("bea", "carl")::contains)
                .map(AccountId::new)
                .collect(Collectors.toSet());
        Set<GroupId> groups = scope.stream()
                .filter(Set.of("sales", "support")::contains)
                .map(GroupId::new)
                .collect(Collectors.toSet());
        assertThat(people.size() + groups.size())
                .as("known words in '%s'", text)
                .isEqualTo(scope.size());
        return new Rules(mode, new Rules.Scope.Selected(groups, people), 1);
    }

    private static Facts facts(List<String> person, Proofs proofs, Target target) {
        Set<GroupId> groups = new HashSet<>();
        EnumSet<FactorKind> enrolled = EnumSet.noneOf(FactorKind.class);
        boolean disabled = false;
        boolean confirmed = false;
        Optional<Facts.PasswordChange> change = Optional.empty();
        Optional<Instant> exempt = Optional.empty();
        for (String word : person) {
            switch (word) {
                case "-" -> {}
                case "app" -> {
                    enrolled.addAll(Set.of(FactorKind.TOTP, FactorKind.RECOVERY));
                    confirmed = true;
                }
                case "app-only" -> enrolled.add(FactorKind.TOTP);
                case "recovery" -> {
                    enrolled.add(FactorKind.RECOVERY);
                    confirmed = true;
                }
                case "replaced" -> enrolled.add(FactorKind.REPLACEMENT);
                case "disabled" -> disabled = true;
                case "guessed" -> change = Optional.of(Facts.PasswordChange.GUESSED);
                case "must-change" -> change = Optional.of(Facts.PasswordChange.REQUIRED);
                case "exempt" -> exempt = Optional.of(NOW.plus(Duration.ofDays(1)));
                case "exempt-until-now" -> exempt = Optional.of(NOW);
                case "was-exempt" -> exempt = Optional.of(NOW.minusSeconds(1));
                default -> {
                    assertThat(word).startsWith("in:");
                    groups.add(new GroupId(word.substring(3)));
                }
            }
        }
        return new Facts(BEA, groups, disabled, enrolled, confirmed, change, exempt, proofs, target, NOW);
    }

    private static Proofs proofs(String shown) {
        Proofs proofs = Proofs.NONE;
        for (String word : words(shown)) {
            if (!word.equals("-")) {
                Means means = word.startsWith("new-") ? Means.ENROLLED : Means.ANSWERED;
                proofs = proofs.with(new Proof(FactorKind.ofWireName(word.replace("new-", "")), BEA, means, NOW));
            }
        }
        return proofs;
    }

    private static Target target(String going) {
        return switch (going) {
            case "account" -> Target.ACCOUNT;
            case "console" -> Target.CONSOLE;
            default ->
                Target.ACCOUNT.wishing(
                        Target.Wish.valueOf(going.toUpperCase(Locale.ROOT).replace('-', '_')));
        };
    }

    private static List<String> words(String text) {
        return new ArrayList<>(Stream.of(text.split(" +", -1)).toList());
    }

    private static String describe(Decision decision) {
        return switch (decision) {
            case Decision.Allow _ -> "allow";
            case Decision.Deny _ -> "deny";
            case Decision.Enrol(FactorKind kind, Why _) -> "enrol " + kind.wireName();
            case Decision.Ask(Set<FactorKind> anyOf, Why _) ->
                "ask " + anyOf.stream().map(FactorKind::wireName).sorted().collect(Collectors.joining(" "));
        };
    }
}
