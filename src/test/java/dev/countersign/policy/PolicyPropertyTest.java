package dev.countersign.policy;

import static dev.countersign.policy.PolicyExamples.isDemanded;
import static dev.countersign.policy.PolicyExamples.isShown;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Proof;
import dev.countersign.kernel.Proof.Means;
import dev.countersign.kernel.Proofs;
import dev.countersign.kernel.Target;
import dev.countersign.support.Dice;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What holds for all rules and facts. */
class PolicyPropertyTest {
    private static final int ROUNDS = 50_000;

    private final Dice dice = Dice.thrown("PolicyPropertyTest");

    @Test
    void showing_more_never_turns_allow_into_deny_or_into_another_question() {
        int allowed = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Rules rules = PolicyExamples.rules(dice);
            Facts facts = facts();
            if (Policy.decide(rules, facts) instanceof Decision.Allow) {
                allowed++;
                Facts more = facts.withProofs(facts.proofs().with(PolicyExamples.proof(dice)));
                assertThat(Policy.decide(rules, more))
                        .as("%s, %s then %s", dice, rules, more)
                        .isNotInstanceOfAny(Decision.Deny.class, Decision.Ask.class);
            }
        }
        assertThat(allowed).as("cases that test anything").isGreaterThan(ROUNDS / 100);
    }

    @Test
    void only_a_disabled_account_is_denied_and_always() {
        for (int round = 0; round < ROUNDS; round++) {
            Rules rules = PolicyExamples.rules(dice);
            Facts facts = facts();
            assertThat(Policy.decide(rules, facts) instanceof Decision.Deny)
                    .as("%s, %s, %s", dice, rules, facts)
                    .isEqualTo(facts.disabled());
        }
    }

    @Test
    void nobody_is_allowed_without_the_password_and_the_second_factor_that_was_promised() {
        for (int round = 0; round < ROUNDS; round++) {
            Rules rules = PolicyExamples.rules(dice);
            Facts facts = facts();
            if (Policy.decide(rules, facts) instanceof Decision.Allow) {
                assertThat(facts.proofs().has(FactorKind.PASSWORD))
                        .as("%s, %s", dice, facts)
                        .isTrue();
                assertThat(!isDemanded(rules, facts) || isShown(facts.proofs()))
                        .as("%s, %s, %s", dice, rules, facts)
                        .isTrue();
            }
        }
    }

    @Test
    void nothing_is_registered_on_a_password_alone_where_an_app_is_set_up_and_a_second_factor_is_demanded() {
        for (int round = 0; round < ROUNDS; round++) {
            Rules rules = PolicyExamples.rules(dice);
            Facts facts = facts();
            boolean protectedByApp = facts.enrolled().contains(FactorKind.TOTP) && isDemanded(rules, facts);
            if (protectedByApp && Policy.decide(rules, facts) instanceof Decision.Enrol) {
                assertThat(isShown(facts.proofs()))
                        .as("%s, %s, %s", dice, rules, facts)
                        .isTrue();
            }
        }
    }

    @Test
    void nothing_is_registered_while_a_phone_is_replaced_without_the_code_that_was_read_out() {
        int met = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Rules rules = PolicyExamples.rules(dice);
            Facts facts = facts();
            boolean protectedByCode = PolicyExamples.isPhoneReplaced(facts) && isDemanded(rules, facts);
            if (protectedByCode && Policy.decide(rules, facts) instanceof Decision.Enrol(var kind, var _)) {
                met++;
                assertThat(kind).as("%s, %s, %s", dice, rules, facts).isEqualTo(FactorKind.TOTP);
                assertThat(facts.proofs().has(FactorKind.REPLACEMENT, Means.ANSWERED))
                        .as("%s, %s, %s", dice, rules, facts)
                        .isTrue();
            }
        }
        assertThat(met).as("cases that test anything").isGreaterThan(ROUNDS / 1000);
    }

    @Test
    void nobody_registers_a_code_that_is_read_out() {
        for (int round = 0; round < ROUNDS; round++) {
            Rules rules = PolicyExamples.rules(dice);
            Facts facts = facts();
            assertThat(Policy.decide(rules, facts) instanceof Decision.Enrol(var kind, var _)
                            && kind == FactorKind.REPLACEMENT)
                    .as("%s, %s, %s", dice, rules, facts)
                    .isFalse();
        }
    }

    @Test
    void what_is_asked_for_is_set_up_and_not_shown_yet() {
        for (int round = 0; round < ROUNDS; round++) {
            Rules rules = PolicyExamples.rules(dice);
            Facts facts = facts();
            if (Policy.decide(rules, facts) instanceof Decision.Ask(var anyOf, var why)) {
                if (why.rule() == Why.Rule.PASSWORD_FIRST) {
                    assertThat(anyOf).containsExactly(FactorKind.PASSWORD);
                } else if (why.rule() == Why.Rule.PHONE_REPLACED) {
                    assertThat(anyOf).containsExactly(FactorKind.REPLACEMENT);
                    assertThat(facts.enrolled())
                            .contains(FactorKind.REPLACEMENT)
                            .doesNotContain(FactorKind.TOTP, FactorKind.PUSH);
                } else {
                    assertThat(facts.enrolled()).as("%s, %s", dice, facts).containsAll(anyOf);
                    assertThat(anyOf)
                            .doesNotContain(FactorKind.PASSWORD)
                            .containsAnyOf(FactorKind.TOTP, FactorKind.PUSH);
                    assertThat(anyOf).doesNotContain(FactorKind.REPLACEMENT);
                }
                assertThat(anyOf)
                        .as("%s, %s", dice, facts)
                        .noneMatch(kind -> facts.proofs().has(kind, Means.ANSWERED));
            }
        }
    }

    @Test
    void off_asks_for_nothing_but_the_password_on_the_way_to_ones_own_pages() {
        for (int round = 0; round < ROUNDS; round++) {
            Rules off = new Rules(Rules.Mode.OFF, PolicyExamples.rules(dice).scope(), 1);
            Facts facts = PolicyExamples.facts(dice, PolicyExamples.proofs(dice), Target.ACCOUNT);
            if (facts.approval().isEmpty() && Policy.decide(off, facts) instanceof Decision.Ask(var anyOf, var _)) {
                assertThat(anyOf).as("%s, %s", dice, facts).containsExactly(FactorKind.PASSWORD);
            }
        }
    }

    @Test
    void the_console_is_never_entered_without_a_second_factor() {
        for (int round = 0; round < ROUNDS; round++) {
            Rules rules = PolicyExamples.rules(dice);
            Facts facts = PolicyExamples.facts(dice, PolicyExamples.proofs(dice), Target.CONSOLE);
            assertThat(Policy.demandsSecondFactor(rules, facts)).isTrue();
            assertThat(!(Policy.decide(rules, facts) instanceof Decision.Allow) || isShown(facts.proofs()))
                    .as("%s, %s, %s", dice, rules, facts)
                    .isTrue();
        }
    }

    @Test
    void whoever_does_what_is_asked_arrives() {
        Map<FactorKind, Integer> steps = new EnumMap<>(FactorKind.class);
        for (int round = 0; round < ROUNDS; round++) {
            Rules rules = PolicyExamples.rules(dice);
            Facts facts = PolicyExamples.facts(dice, Proofs.NONE, PolicyExamples.target(dice));
            Facts start = facts;
            Decision decision = Policy.decide(rules, facts);
            for (int step = 0; step < 7 && !(decision instanceof Decision.Allow); step++) {
                if (decision instanceof Decision.Deny) {
                    break;
                }
                facts = obey(decision, facts, steps);
                decision = Policy.decide(rules, facts);
            }
            assertThat(decision)
                    .as("%s, %s, %s", dice, rules, start)
                    .isInstanceOf(start.disabled() ? Decision.Deny.class : Decision.Allow.class);
        }
        assertThat(steps).as("kinds that were asked or registered").containsOnlyKeys(FactorKind.values());
    }

    /** The facts after someone has answered or registered what was asked. */
    private Facts obey(Decision decision, Facts facts, Map<FactorKind, Integer> steps) {
        boolean ask = decision instanceof Decision.Ask;
        FactorKind kind = switch (decision) {
            case Decision.Ask(var anyOf, var _) -> dice.oneOf(anyOf);
            case Decision.Enrol(var toEnrol, var _) -> toEnrol;
            case Decision.Allow _, Decision.Deny _ -> throw new AssertionError(decision);
        };
        steps.merge(kind, 1, Integer::sum);
        Proof proof = new Proof(kind, facts.account(), ask ? Means.ANSWERED : Means.ENROLLED, facts.now());
        return new Facts(
                facts.account(),
                facts.groups(),
                facts.disabled(),
                switch (kind) {
                    case TOTP -> java.util.Set.of(FactorKind.TOTP);
                    case PUSH -> java.util.Set.of(FactorKind.TOTP, FactorKind.PUSH);
                    default -> facts.enrolled();
                },
                kind == FactorKind.RECOVERY ? !ask : facts.recoveryConfirmed(),
                kind == FactorKind.PASSWORD && !ask ? Optional.empty() : facts.mustChangePassword(),
                facts.exemptUntil(),
                facts.approval(),
                facts.proofs().with(proof),
                facts.target(),
                facts.now());
    }

    private Facts facts() {
        return PolicyExamples.facts(dice, PolicyExamples.proofs(dice), PolicyExamples.target(dice));
    }
}
