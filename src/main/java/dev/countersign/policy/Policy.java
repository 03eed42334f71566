package dev.countersign.policy;

import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Proof.Means;
import dev.countersign.kernel.Target;
import dev.countersign.policy.Decision.Allow;
import dev.countersign.policy.Decision.Ask;
import dev.countersign.policy.Decision.Deny;
import dev.countersign.policy.Decision.Enrol;
import dev.countersign.policy.Why.Rule;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What is asked of whom. Pure: the same rules and facts give the same decision, with the rule that decided.
 *
 * <p>The order: a disabled account is denied; the password comes first; then the second factor where one is demanded, or
 * its registration, for which the code that was read out is asked for when the phone is being replaced; then a recovery code
 * the person has confirmed keeping; then a new app after a recovery code was used; then a password that must be changed; then what the person asked to set up. Adding a proof never turns Allow into Deny.
 */
public final class Policy {
    private Policy() {}

    public static Decision decide(Rules rules, Facts facts) {
        if (facts.disabled()) {
            return new Deny(Why.of(Rule.DISABLED));
        }
        if (!facts.proofs().has(FactorKind.PASSWORD)) {
            return new Ask(Set.of(FactorKind.PASSWORD), Why.of(Rule.PASSWORD_FIRST));
        }
        Demand demand = demand(rules, facts);
        if (demand.secondFactor() && (!hasSecondFactor(facts) || isPhoneReplaced(facts))) {
            return askOrEnrol(facts, demand.why());
        }
        return afterFactors(facts, demand.why());
    }

    /** Whether the rules demand a second factor of this account at its own pages, whatever it has shown so far. */
    public static boolean demandsSecondFactor(Rules rules, Facts facts) {
        return demand(rules, facts).secondFactor();
    }

    /** The rule behind {@link #demandsSecondFactor}. */
    public static Why whyDemanded(Rules rules, Facts facts) {
        return demand(rules, facts).why();
    }

    private record Demand(boolean secondFactor, Why why) {}

    /** What the rules demand; where they demand nothing, whether a phone is asked all the same. */
    private static Demand demand(Rules rules, Facts facts) {
        Demand byRules = demandOfRules(rules, facts);
        boolean spared = byRules.why().rule() == Rule.EXEMPT && !hasApp(facts);
        return byRules.secondFactor() || spared
                ? byRules
                : facts.approval().map(why -> new Demand(true, why)).orElse(byRules);
    }

    private static Demand demandOfRules(Rules rules, Facts facts) {
        boolean hasApp = hasApp(facts);
        if (facts.target().place() == Target.Place.CONSOLE) {
            return new Demand(true, Why.of(Rule.CONSOLE));
        }
        if (facts.target().wish().isPresent() && hasApp) {
            return new Demand(true, Why.of(Rule.REQUESTED));
        }
        return switch (rules.mode()) {
            case OFF -> new Demand(false, Why.of(Rule.OFF));
            case OPTIONAL -> optional(hasApp);
            case REQUIRED -> required(rules.scope(), facts, hasApp);
        };
    }

    private static Demand optional(boolean hasApp) {
        return hasApp
                ? new Demand(true, Why.of(Rule.OPTIONAL_SET_UP))
                : new Demand(false, Why.of(Rule.OPTIONAL_NOT_SET_UP));
    }

    private static Demand required(Rules.Scope scope, Facts facts, boolean hasApp) {
        Optional<Instant> exempt = facts.exemptUntil().filter(until -> until.isAfter(facts.now()));
        if (exempt.isPresent()) {
            return new Demand(false, Why.of(Rule.EXEMPT, exempt.get().toString()));
        }
        return switch (scope) {
            case Rules.Scope.Everyone() -> new Demand(true, Why.of(Rule.REQUIRED_EVERYONE));
            case Rules.Scope.Selected selected
            when selected.people().contains(facts.account()) -> new Demand(true, Why.of(Rule.REQUIRED_PERSON));
            case Rules.Scope.Selected selected ->
                coveringGroup(selected, facts)
                        .map(group -> new Demand(true, Why.of(Rule.REQUIRED_GROUP, group.value())))
                        .orElseGet(() -> hasApp
                                ? new Demand(true, Why.of(Rule.OPTIONAL_SET_UP))
                                : new Demand(false, Why.of(Rule.NOT_COVERED)));
        };
    }

    private static Optional<GroupId> coveringGroup(Rules.Scope.Selected selected, Facts facts) {
        return facts.groups().stream()
                .filter(selected.groups()::contains)
                .min(java.util.Comparator.comparing(GroupId::value));
    }

    private static boolean hasSecondFactor(Facts facts) {
        return hasShownApp(facts) || facts.proofs().has(FactorKind.RECOVERY, Means.ANSWERED);
    }

    /** A code of an app, or the approval of a phone. */
    private static boolean hasShownApp(Facts facts) {
        return facts.proofs().has(FactorKind.TOTP) || facts.proofs().has(FactorKind.PUSH);
    }

    /** Whoever waits for a new phone has an app as far as the rules are concerned: the password alone is not enough. */
    private static boolean hasApp(Facts facts) {
        return facts.enrolled().contains(FactorKind.TOTP)
                || facts.enrolled().contains(FactorKind.PUSH)
                || isPhoneReplaced(facts);
    }

    private static boolean isPhoneReplaced(Facts facts) {
        return facts.enrolled().contains(FactorKind.REPLACEMENT)
                && !facts.enrolled().contains(FactorKind.TOTP)
                && !facts.enrolled().contains(FactorKind.PUSH);
    }

    private static Decision askOrEnrol(Facts facts, Why why) {
        if (isPhoneReplaced(facts)) {
            Why replaced = Why.of(Rule.PHONE_REPLACED);
            return facts.proofs().has(FactorKind.REPLACEMENT, Means.ANSWERED)
                    ? new Enrol(FactorKind.TOTP, replaced)
                    : new Ask(Set.of(FactorKind.REPLACEMENT), replaced);
        }
        EnumSet<FactorKind> usable = EnumSet.noneOf(FactorKind.class);
        usable.addAll(facts.enrolled());
        usable.removeAll(Set.of(FactorKind.PASSWORD, FactorKind.REPLACEMENT));
        boolean canAnswer = usable.contains(FactorKind.TOTP) || usable.contains(FactorKind.PUSH);
        boolean phone = facts.approval().isPresent()
                || facts.target()
                        .wish()
                        .filter(wish -> wish == Target.Wish.PAIR_PHONE)
                        .isPresent();
        FactorKind first = phone ? FactorKind.PUSH : FactorKind.TOTP;
        return canAnswer ? new Ask(usable, why) : new Enrol(first, why);
    }

    private static Decision afterFactors(Facts facts, Why allowedBecause) {
        boolean recovered = facts.proofs().has(FactorKind.RECOVERY, Means.ANSWERED);
        boolean hasApp = hasApp(facts) && hasShownApp(facts);
        if ((hasApp || recovered) && !facts.recoveryConfirmed()) {
            return new Enrol(FactorKind.RECOVERY, Why.of(Rule.NO_RECOVERY_CODE));
        }
        boolean enrolled = facts.proofs().has(FactorKind.TOTP, Means.ENROLLED)
                || facts.proofs().has(FactorKind.PUSH, Means.ENROLLED);
        if (recovered && !enrolled) {
            return new Enrol(FactorKind.TOTP, Why.of(Rule.RECOVERED));
        }
        if (facts.mustChangePassword().isPresent()) {
            Rule rule = switch (facts.mustChangePassword().get()) {
                case GUESSED -> Rule.PASSWORD_GUESSED;
                case REQUIRED -> Rule.PASSWORD_REQUIRED;
            };
            return new Enrol(FactorKind.PASSWORD, Why.of(rule));
        }
        return facts.target()
                .wish()
                .flatMap(Policy::wished)
                .filter(kind -> !facts.proofs().has(kind, Means.ENROLLED))
                .<Decision>map(kind -> new Enrol(kind, Why.of(Rule.REQUESTED)))
                .orElseGet(() -> new Allow(allowedBecause));
    }

    private static Optional<FactorKind> wished(Target.Wish wish) {
        return switch (wish) {
            case SET_UP_APP -> Optional.of(FactorKind.TOTP);
            case PAIR_PHONE -> Optional.of(FactorKind.PUSH);
            case NEW_RECOVERY_CODE -> Optional.of(FactorKind.RECOVERY);
            case CHANGE_PASSWORD -> Optional.of(FactorKind.PASSWORD);
            case CONFIRM -> Optional.empty();
        };
    }
}
