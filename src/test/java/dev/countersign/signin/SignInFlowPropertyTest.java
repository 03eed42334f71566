package dev.countersign.signin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.factor.Subject;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Proof;
import dev.countersign.kernel.Proof.Means;
import dev.countersign.kernel.Proofs;
import dev.countersign.kernel.SignInId;
import dev.countersign.kernel.Target;
import dev.countersign.policy.Decision;
import dev.countersign.policy.Facts;
import dev.countersign.policy.Policy;
import dev.countersign.policy.PolicyExamples;
import dev.countersign.policy.Rules;
import dev.countersign.support.Dice;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whatever happens in whatever order, nobody gets in on less than the policy demands. */
class SignInFlowPropertyTest {
    private static final int SEQUENCES = 25_000;
    private static final int LONGEST = 25;
    private static final AccountId BEA = PolicyExamples.BEA;
    private static final AccountId CARL = new AccountId("carl");

    private final Dice dice = Dice.thrown("SignInFlowPropertyTest");

    @Test
    void no_sequence_of_events_completes_without_what_the_policy_demands() {
        Map<String, Integer> ends = new HashMap<>();
        for (int sequence = 0; sequence < SEQUENCES; sequence++) {
            SignIn end = new Run().toEnd();
            String name = end instanceof SignIn.Refused(var _, var why)
                    ? why.name()
                    : end.getClass().getSimpleName();
            ends.merge(name, 1, Integer::sum);
        }
        assertThat(ends.keySet()).as("every end was reached").contains("Complete", "EXPIRED", "DENIED", "MISMATCH");
        assertThat(ends.get("Complete")).as("sequences that test anything").isGreaterThan(SEQUENCES / 100);
    }

    /** One sign-in of Bea, or of a name nobody has, to which anything may happen. */
    private final class Run {
        private final Target target = PolicyExamples.target(dice);
        private final boolean decoy = dice.oneIn(5);
        private final Subject subject = decoy ? new Subject.Decoy("decoy") : new Subject.Known(BEA);
        private final Set<Proof> given = new HashSet<>();
        private Rules rules = PolicyExamples.rules(dice);
        private Facts facts = PolicyExamples.facts(dice, Proofs.NONE, target);
        private Instant now = PolicyExamples.NOW;
        private SignIn state = new SignIn.Started(new SignIn.Heading(
                new SignInId("sign-in"),
                new EnvironmentId("northwind"),
                target,
                "",
                Optional.empty(),
                now.plus(SignInFlow.LIFE)));

        SignIn toEnd() {
            for (int i = 0; i < LONGEST && !isEnd(); i++) {
                change();
                step(event());
            }
            return state;
        }

        private boolean isEnd() {
            return state instanceof SignIn.Complete || state instanceof SignIn.Refused;
        }

        /** Time passes, and now and then someone changes the rules or the account. */
        private void change() {
            now = now.plus(dice.oneIn(40) ? Duration.ofMinutes(11) : Duration.ofSeconds(dice.below(20)));
            if (dice.oneIn(20)) {
                rules = PolicyExamples.rules(dice);
            }
            if (dice.oneIn(50)) {
                facts = PolicyExamples.facts(dice, Proofs.NONE, target);
            }
        }

        private void step(SignInEvent event) {
            SignIn before = state;
            boolean expired = !now.isBefore(before.heading().expiresAt());
            try {
                state = SignInFlow.next(before, event, this::decide, now);
            } catch (IllegalStateException e) {
                assertThat(expired).as("%s: %s at %s", dice, event, before).isFalse();
                return;
            }
            if (expired) {
                assertThat(state).isEqualTo(new SignIn.Refused(before.heading(), SignIn.Refusal.EXPIRED));
            }
            check();
            if (!(state instanceof SignIn.Refused)) {
                remember(event);
            }
        }

        private Decision decide(AccountId account, Proofs proofs) {
            assertThat(account).as("%s", dice).isEqualTo(BEA);
            return Policy.decide(rules, facts.withProofs(proofs));
        }

        private void check() {
            switch (state) {
                case SignIn.Complete complete -> checkComplete(complete);
                case SignIn.Asked asked -> checkOwner(asked.subject(), asked.proofs());
                case SignIn.Challenged challenged -> {
                    checkOwner(challenged.subject(), challenged.proofs());
                    assertThat(challenged.offer())
                            .as("%s", dice)
                            .contains(challenged.challenge().kind());
                    assertThat(challenged.challenge().subject()).isEqualTo(challenged.subject());
                }
                case SignIn.MustEnrol must -> checkOwner(new Subject.Known(must.account()), must.proofs());
                case SignIn.Started _, SignIn.Refused _ -> {}
            }
        }

        private void checkOwner(Subject owner, Proofs proofs) {
            assertThat(owner).as("%s", dice).isEqualTo(subject);
            assertThat(given).as("%s", dice).containsAll(proofs.all());
            assertThat(proofs.all())
                    .as("%s", dice)
                    .allMatch(proof -> proof.account().equals(BEA));
        }

        private void checkComplete(SignIn.Complete complete) {
            Proofs proofs = complete.proofs();
            assertThat(decoy).as("%s: a decoy completed", dice).isFalse();
            assertThat(complete.account()).as("%s", dice).isEqualTo(BEA);
            assertThat(given).as("%s: only proofs that were given", dice).containsAll(proofs.all());
            assertThat(facts.disabled()).as("%s", dice).isFalse();
            assertThat(proofs.has(FactorKind.PASSWORD)).as("%s", dice).isTrue();
            assertThat(PolicyExamples.isDemanded(rules, facts) && PolicyExamples.isPhoneReplaced(facts))
                    .as("%s: a phone is still being replaced: %s", dice, facts)
                    .isFalse();
            assertThat(!PolicyExamples.isDemanded(rules, facts) || PolicyExamples.isShown(proofs))
                    .as("%s: %s, %s, %s", dice, rules, facts, proofs)
                    .isTrue();
        }

        /** Mostly what fits the state, and now and then anything. */
        private SignInEvent event() {
            if (dice.oneIn(12)) {
                return anyEvent();
            }
            return switch (state) {
                case SignIn.Started _ -> dice.oneIn(3) && !decoy ? resumed() : new SignInEvent.Named(subject, "Bea");
                case SignIn.Asked asked -> new SignInEvent.Chose(dice.oneOf(asked.offer()));
                case SignIn.Challenged challenged ->
                    dice.oneIn(4)
                            ? new SignInEvent.Rejected()
                            : new SignInEvent.Accepted(
                                    give(challenged.challenge().kind(), Means.ANSWERED));
                case SignIn.MustEnrol must -> new SignInEvent.Enrolled(give(must.kind(), Means.ENROLLED));
                case SignIn.Complete _, SignIn.Refused _ -> throw new AssertionError(state);
            };
        }

        private SignInEvent anyEvent() {
            Proof wild =
                    new Proof(dice.oneOf(FactorKind.values()), dice.oneOf(BEA, CARL), dice.oneOf(Means.values()), now);
            boolean welcome = switch (state) {
                case SignIn.Challenged challenged ->
                    wild.kind() == challenged.challenge().kind() && wild.means() == Means.ANSWERED;
                case SignIn.MustEnrol must -> wild.kind() == must.kind() && wild.means() == Means.ENROLLED;
                default -> false;
            };
            if (welcome && wild.account().equals(BEA)) {
                given.add(wild);
            }
            return dice.oneOf(
                    new SignInEvent.Named(subject, "Bea"),
                    new SignInEvent.Chose(dice.oneOf(FactorKind.values())),
                    new SignInEvent.Preferred(dice.oneOf(FactorKind.values())),
                    new SignInEvent.Accepted(wild),
                    new SignInEvent.Rejected(),
                    new SignInEvent.Enrolled(wild));
        }

        private SignInEvent resumed() {
            Proofs recent = PolicyExamples.proofs(dice);
            given.addAll(recent.all());
            return new SignInEvent.Resumed(new Subject.Known(BEA), "Bea", recent);
        }

        private Proof give(FactorKind kind, Means means) {
            Proof proof = new Proof(kind, BEA, means, now);
            given.add(proof);
            return proof;
        }

        /** What a step changes in the account itself. */
        private void remember(SignInEvent event) {
            Set<FactorKind> enrolled = new HashSet<>(facts.enrolled());
            boolean confirmed = facts.recoveryConfirmed();
            Optional<Facts.PasswordChange> change = facts.mustChangePassword();
            if (event instanceof SignInEvent.Accepted(Proof proof) && proof.kind() == FactorKind.RECOVERY) {
                enrolled.remove(FactorKind.RECOVERY);
                confirmed = false;
            }
            if (event instanceof SignInEvent.Enrolled(Proof proof)) {
                enrolled.add(proof.kind());
                enrolled.remove(FactorKind.PASSWORD);
                if (proof.kind() == FactorKind.TOTP || proof.kind() == FactorKind.PUSH) {
                    enrolled.remove(FactorKind.REPLACEMENT);
                }
                confirmed |= proof.kind() == FactorKind.RECOVERY;
                change = proof.kind() == FactorKind.PASSWORD ? Optional.empty() : change;
            }
            facts = new Facts(
                    BEA,
                    facts.groups(),
                    facts.disabled(),
                    enrolled,
                    confirmed,
                    change,
                    facts.exemptUntil(),
                    facts.approval(),
                    Proofs.NONE,
                    target,
                    PolicyExamples.NOW);
        }
    }
}
