package dev.countersign.signin;

import dev.countersign.factor.Factors;
import dev.countersign.factor.Standing;
import dev.countersign.factor.password.Passwords;
import dev.countersign.kernel.AccountId;
import dev.countersign.policy.Facts;
import dev.countersign.policy.PolicyGate;
import org.springframework.stereotype.Component;

/** What the factors know of an account, in the words of the policy. Thread-safe. */
@Component
public final class FactorFacts {
    private final Factors factors;

    FactorFacts(Factors factors) {
        this.factors = factors;
    }

    public PolicyGate.Enrolments of(AccountId account) {
        Standing standing = factors.standing(account);
        return new PolicyGate.Enrolments(
                standing.second(),
                standing.recoveryConfirmed(),
                standing.mustChangePassword().map(Passwords.MustChange::valueOf).map(FactorFacts::why));
    }

    private static Facts.PasswordChange why(Passwords.MustChange why) {
        return switch (why) {
            case GUESSED -> Facts.PasswordChange.GUESSED;
            case REQUIRED -> Facts.PasswordChange.REQUIRED;
        };
    }
}
