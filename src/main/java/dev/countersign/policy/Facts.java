package dev.countersign.policy;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Proofs;
import dev.countersign.kernel.Target;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Everything a decision depends on.
 *
 * @param groups the groups the account belongs to
 * @param enrolled the second factors the account has set up
 * @param recoveryConfirmed whether the person has confirmed keeping the current recovery code
 * @param mustChangePassword why the password may not stay, if it may not
 * @param exemptUntil the end of an exemption that is granted, if one is
 * @param approval why a phone is asked beyond the rules, if it is
 * @param proofs what has been shown; for a wish, only what was shown recently
 */
public record Facts(
        AccountId account,
        Set<GroupId> groups,
        boolean disabled,
        Set<FactorKind> enrolled,
        boolean recoveryConfirmed,
        Optional<PasswordChange> mustChangePassword,
        Optional<Instant> exemptUntil,
        Optional<Why> approval,
        Proofs proofs,
        Target target,
        Instant now) {

    /** Why a password must be changed. */
    public enum PasswordChange {
        /** Someone who knows it has tried to guess codes. */
        GUESSED,
        /** An administrator set it or asked for a new one. */
        REQUIRED
    }

    public Facts {
        groups = Set.copyOf(groups);
        enrolled = Set.copyOf(enrolled);
    }

    /** Facts of a sign-in at which no phone is asked beyond the rules. */
    public Facts(
            AccountId account,
            Set<GroupId> groups,
            boolean disabled,
            Set<FactorKind> enrolled,
            boolean recoveryConfirmed,
            Optional<PasswordChange> mustChangePassword,
            Optional<Instant> exemptUntil,
            Proofs proofs,
            Target target,
            Instant now) {
        this(
                account,
                groups,
                disabled,
                enrolled,
                recoveryConfirmed,
                mustChangePassword,
                exemptUntil,
                Optional.empty(),
                proofs,
                target,
                now);
    }

    /** The same facts with other proofs. */
    public Facts withProofs(Proofs other) {
        return new Facts(
                account,
                groups,
                disabled,
                enrolled,
                recoveryConfirmed,
                mustChangePassword,
                exemptUntil,
                approval,
                other,
                target,
                now);
    }
}
