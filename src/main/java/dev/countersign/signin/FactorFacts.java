package dev.countersign.signin;

import dev.countersign.factor.Factors;
import dev.countersign.factor.password.Passwords;
import dev.countersign.factor.recovery.RecoveryCodes;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.policy.Facts;
import dev.countersign.policy.PolicyGate;
import java.util.Set;
import org.springframework.stereotype.Component;

/** What the factors know of an account, in the words of the policy. Thread-safe. */
@Component
public final class FactorFacts {
    private final Factors factors;
    private final RecoveryCodes recoveryCodes;
    private final Passwords passwords;

    FactorFacts(Factors factors, RecoveryCodes recoveryCodes, Passwords passwords) {
        this.factors = factors;
        this.recoveryCodes = recoveryCodes;
        this.passwords = passwords;
    }

    public PolicyGate.Enrolments of(AccountId account) {
        Set<FactorKind> second = factors.enrolledSecond(account);
        return new PolicyGate.Enrolments(
                second,
                recoveryCodes.isConfirmed(account),
                passwords.mustChange(account).map(FactorFacts::why));
    }

    private static Facts.PasswordChange why(Passwords.MustChange why) {
        return switch (why) {
            case GUESSED -> Facts.PasswordChange.GUESSED;
            case REQUIRED -> Facts.PasswordChange.REQUIRED;
        };
    }
}
