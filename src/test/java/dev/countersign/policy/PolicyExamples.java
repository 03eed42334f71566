package dev.countersign.policy;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Proof;
import dev.countersign.kernel.Proof.Means;
import dev.countersign.kernel.Proofs;
import dev.countersign.kernel.Target;
import dev.countersign.support.Dice;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;

/** Random rules and facts about one person, Bea, for property tests of the policy and of the sign-in. */
public final class PolicyExamples {
    public static final AccountId BEA = new AccountId("bea");
    public static final Instant NOW = Instant.parse("2026-03-02T08:00:00Z");

    private static final Set<GroupId> GROUPS =
            Set.of(new GroupId("sales"), new GroupId("support"), new GroupId("board"));

    private PolicyExamples() {}

    public static Rules rules(Dice dice) {
        Rules.Scope scope = dice.oneIn(2)
                ? new Rules.Scope.Everyone()
                : new Rules.Scope.Selected(
                        Set.of(dice.oneOf(GROUPS)), dice.oneIn(3) ? Set.of(BEA) : Set.of(new AccountId("carl")));
        return new Rules(dice.oneOf(Rules.Mode.values()), scope, dice.below(9));
    }

    public static Target target(Dice dice) {
        return new Target(
                dice.oneOf(Target.Place.values()), "/account", dice.maybe(2, () -> dice.oneOf(Target.Wish.values())));
    }

    public static Facts facts(Dice dice, Proofs proofs, Target target) {
        Set<FactorKind> enrolled = EnumSet.noneOf(FactorKind.class);
        enrolled.addAll(dice.someOf(FactorKind.class));
        enrolled.remove(FactorKind.PASSWORD);
        return new Facts(
                BEA,
                dice.oneIn(2) ? Set.of() : Set.of(dice.oneOf(GROUPS), new GroupId("everyone-else")),
                dice.oneIn(20),
                enrolled,
                enrolled.contains(FactorKind.RECOVERY),
                dice.maybe(5, () -> dice.oneOf(Facts.PasswordChange.values())),
                dice.maybe(5, () -> NOW.plus(Duration.ofDays(dice.below(3) - 1))),
                dice.maybe(4, () -> Why.of(Why.Rule.APPROVAL_ALWAYS)),
                proofs,
                target,
                NOW);
    }

    public static Proofs proofs(Dice dice) {
        Proofs proofs = Proofs.NONE;
        while (!dice.oneIn(3)) {
            proofs = proofs.with(proof(dice));
        }
        return proofs;
    }

    public static Proof proof(Dice dice) {
        return new Proof(dice.oneOf(FactorKind.values()), BEA, dice.oneOf(Means.values()), NOW);
    }

    /**
     * Whether these rules demand a second factor of someone, said once more and differently from {@link Policy}: what the
     * product promises its administrators.
     */
    public static boolean isDemanded(Rules rules, Facts facts) {
        boolean hasApp = facts.enrolled().contains(FactorKind.TOTP)
                || facts.enrolled().contains(FactorKind.PUSH)
                || isPhoneReplaced(facts);
        boolean changesSomething = facts.target().wish().isPresent() && hasApp;
        boolean exempt =
                facts.exemptUntil().isPresent() && facts.exemptUntil().get().isAfter(facts.now());
        boolean named = rules.scope() instanceof Rules.Scope.Everyone
                || (rules.scope() instanceof Rules.Scope.Selected selected
                        && (selected.people().contains(facts.account())
                                || selected.groups().stream().anyMatch(facts.groups()::contains)));
        boolean required = rules.mode() == Rules.Mode.REQUIRED && !exempt && (named || hasApp);
        boolean chosen = rules.mode() == Rules.Mode.OPTIONAL && hasApp;
        boolean spared = rules.mode() == Rules.Mode.REQUIRED && exempt && !hasApp;
        boolean phoneAsked = facts.approval().isPresent() && !spared;
        return facts.target().place() == Target.Place.CONSOLE || changesSomething || required || chosen || phoneAsked;
    }

    /** Whether a new phone waits for the code that was read out. */
    public static boolean isPhoneReplaced(Facts facts) {
        return facts.enrolled().contains(FactorKind.REPLACEMENT)
                && !facts.enrolled().contains(FactorKind.TOTP)
                && !facts.enrolled().contains(FactorKind.PUSH);
    }

    /** A second factor: the app, answered or just registered, or the recovery code. */
    public static boolean isShown(Proofs proofs) {
        return proofs.has(FactorKind.TOTP)
                || proofs.has(FactorKind.PUSH)
                || proofs.has(FactorKind.RECOVERY, Means.ANSWERED);
    }
}
