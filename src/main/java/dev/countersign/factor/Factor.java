package dev.countersign.factor;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.FactorKind;
import java.util.List;

/**
 * One way to prove who one is. Stateless and thread-safe; it knows nothing of HTTP or pages. {@code FactorContract} in the
 * tests says what every factor must do.
 */
public interface Factor {
    FactorKind kind();

    /** What the account has set up; empty when it cannot be asked for this factor. */
    List<Enrolment> enrolments(AccountId account);

    Challenge challenge(Subject subject, Attempt attempt);

    /**
     * Looks at an answer. Changes nothing: what must happen only once happens when the claim of an accepted outcome is
     * consumed. Takes as long for a {@link Subject.Decoy} as for a known account.
     */
    Outcome verify(Challenge challenge, Answer answer, Attempt attempt);
}
