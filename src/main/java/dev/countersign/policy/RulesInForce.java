package dev.countersign.policy;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.signal.KeptByEnvironment;
import dev.countersign.signal.Signals;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * The rules of each environment as decisions use them: kept in memory until they change, here or on another node. Who shows or
 * changes rules reads {@link Policies} and {@link ApprovalRules}. Thread-safe.
 */
@Component
final class RulesInForce {
    private final KeptByEnvironment<Saved> kept;

    RulesInForce(PolicyStore policies, ApprovalRuleStore approvals, Signals signals) {
        this.kept = new KeptByEnvironment<>(
                signals,
                environment -> new Saved(
                        policies.find(environment), policies.findStart(environment), approvals.find(environment)));
    }

    private record Saved(Rules rules, Optional<AutomaticStart> start, ApprovalRuleStore.Saved approvals) {}

    /** The rules that hold now: those saved, with an automatic start that is due. */
    Rules rules(EnvironmentId environment, Instant now) {
        Saved saved = kept.of(environment);
        return AutomaticStart.rulesAt(saved.rules(), saved.start(), now);
    }

    /** When phones are asked beyond the rules. */
    ApprovalRuleStore.Saved approvals(EnvironmentId environment) {
        return kept.of(environment).approvals();
    }
}
