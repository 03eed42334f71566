package dev.countersign.signin;

import dev.countersign.factor.Factors;
import dev.countersign.factor.password.Passwords;
import dev.countersign.factor.recovery.RecoveryCodes;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.policy.Facts;
import dev.countersign.policy.PolicyGate;
import java.util.EnumSet;
import java.util.Set;
import org.springframework.stereotype.Component;

/** What the factors know of an account, in the words of the policy. Thread-safe. */
@Component
public final class FactorFacts {
    private final Factors factors;
    private final Passwords passwords;
    private final RecoveryCodes recoveryCodes;

    FactorFacts(Factors factors, Passwords passwords, RecoveryCodes recoveryCodes) {
        this.factors = factors;
        this.passwords = passwords;
        this.recoveryCodes = recoveryCodes;
    }

    public PolicyGate.Enrolments of(AccountId account) {
        Set<FactorKind> second = EnumSet.noneOf(FactorKind.class);
        second.addAll(factors.enrolled(account));
        second.remove(FactorKind.PASSWORD);
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
