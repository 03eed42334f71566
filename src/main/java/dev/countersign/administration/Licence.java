package dev.countersign.administration;

import dev.countersign.entitlement.Entitlements;
import dev.countersign.entitlement.Feature;
import dev.countersign.entitlement.Verdict;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.people.People;
import dev.countersign.policy.ApprovalRules;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * What is agreed with the operator, asked where administrators begin something. What is on stays on: sign-in, registration,
 * reset, requirement, keys in use, break-glass and the mails that tell people of their accounts do not ask. Thread-safe.
 */
@Component
public final class Licence {
    private final Entitlements entitlements;
    private final Policies policies;
    private final People people;

    Licence(Entitlements entitlements, Policies policies, People people) {
        this.entitlements = entitlements;
        this.policies = policies;
        this.people = people;
    }

    /** What it has against beginning this. */
    public Optional<Refusal> against(EnvironmentId environment, Feature feature, Instant now) {
        return against(environment, feature, 0, now);
    }

    /** What it has against these rules. Only what goes beyond those that hold is asked about. */
    Optional<Refusal> against(EnvironmentId environment, Rules rules, Instant now) {
        if (rules.mode() != Rules.Mode.REQUIRED) {
            return Optional.empty();
        }
        Rules before = policies.rules(environment, now);
        boolean required = before.mode() == Rules.Mode.REQUIRED;
        long seats = people.seats(environment, rules, now);
        Optional<Refusal> more = !required || seats > people.seats(environment, before, now)
                ? against(environment, Feature.REQUIRED_MODE, seats, now)
                : Optional.empty();
        boolean chosen = rules.scope() instanceof Rules.Scope.Selected
                && !(required && before.scope() instanceof Rules.Scope.Selected);
        return more.or(() -> chosen ? against(environment, Feature.GROUP_SCOPE, 0, now) : Optional.empty());
    }

    /** What it has against asking phones like this. Only what goes beyond the rules that hold is asked about. */
    Optional<Refusal> against(
            EnvironmentId environment, ApprovalRules.All before, ApprovalRules.All then, Instant now) {
        if (!then.asks()) {
            return Optional.empty();
        }
        Optional<Refusal> more = before.asks() ? Optional.empty() : against(environment, Feature.REQUIRED_MODE, 0, now);
        boolean chosen = !then.groups().isEmpty() && before.groups().isEmpty();
        return more.or(() -> chosen ? against(environment, Feature.GROUP_SCOPE, 0, now) : Optional.empty());
    }

    private Optional<Refusal> against(EnvironmentId environment, Feature feature, long seats, Instant now) {
        return switch (entitlements.allows(environment, feature, seats, now)) {
            case Verdict.Allowed() -> Optional.empty();
            case Verdict.NotIncluded _ -> Optional.of(Refusal.NOT_INCLUDED);
            case Verdict.Ended _ -> Optional.of(Refusal.LICENCE_ENDED);
            case Verdict.TooFewSeats _ -> Optional.of(Refusal.TOO_FEW_SEATS);
        };
    }
}
