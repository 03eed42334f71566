package dev.countersign.signin;

import dev.countersign.directory.Account;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Proof;
import dev.countersign.kernel.Proofs;
import dev.countersign.kernel.Target;
import dev.countersign.policy.Decision;
import dev.countersign.policy.PolicyGate;
import dev.countersign.policy.Why;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * What would be asked of an account after its password, at each place, if it signed in now, and why: the same decision the
 * sign-in itself would meet. Thread-safe.
 */
@Component
public final class Forecasts {
    private final PolicyGate gate;
    private final FactorFacts facts;

    Forecasts(PolicyGate gate, FactorFacts facts) {
        this.gate = gate;
        this.facts = facts;
    }

    /**
     * One place.
     *
     * @param outcomeKey the sentence that says what would be asked
     * @param why the reason, with names
     */
    public record Forecast(Target.Place place, Decision decision, String outcomeKey, Why why) {}

    /** The places in the order of {@link Target.Place}. */
    public List<Forecast> of(Account account, Instant now) {
        return Stream.of(Target.ACCOUNT, Target.CONSOLE)
                .map(target -> at(account, target, now))
                .toList();
    }

    private Forecast at(Account account, Target target, Instant now) {
        Proof password = new Proof(FactorKind.PASSWORD, account.id(), Proof.Means.ANSWERED, now);
        Decision decision = gate.decide(account.id(), facts.of(account.id()), Proofs.NONE.with(password), target, now);
        return new Forecast(target.place(), decision, outcomeKey(decision), gate.named(account, decision.why()));
    }

    private static String outcomeKey(Decision decision) {
        return switch (decision) {
            case Decision.Allow _ -> "forecast.nothing";
            case Decision.Deny _ -> "forecast.denied";
            case Decision.Ask(Set<FactorKind> anyOf, Why _) ->
                anyOf.contains(FactorKind.REPLACEMENT)
                        ? "forecast.read-out-code"
                        : anyOf.contains(FactorKind.PUSH) ? "forecast.approval" : "forecast.code";
            case Decision.Enrol(FactorKind kind, Why _) ->
                switch (kind) {
                    case TOTP -> "forecast.set-up";
                    case PUSH -> "forecast.pair-phone";
                    case RECOVERY, REPLACEMENT -> "forecast.recovery-code";
                    case PASSWORD -> "forecast.new-password";
                };
        };
    }
}
