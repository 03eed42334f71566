package dev.countersign.signin;

import dev.countersign.factor.Factors;
import dev.countersign.factor.password.Passwords;
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
    private final Passwords passwords;

    FactorFacts(Factors factors, Passwords passwords) {
        this.factors = factors;
        this.passwords = passwords;
    }

    public PolicyGate.Enrolments of(AccountId account) {
        Set<FactorKind> second = factors.enrolledSecond(account);
        // A recovery code counts as set up once its owner has confirmed keeping it.
        return new PolicyGate.Enrolments(
                second,
                second.contains(FactorKind.RECOVERY),
                passwords.mustChange(account).map(FactorFacts::why));
    }

    private static Facts.PasswordChange why(Passwords.MustChange why) {
        return switch (why) {
            case GUESSED -> Facts.PasswordChange.GUESSED;
            case REQUIRED -> Facts.PasswordChange.REQUIRED;
        };
    }
}
