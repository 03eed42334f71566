package dev.countersign.factor.password;

import dev.countersign.factor.Answer;
import dev.countersign.factor.Attempt;
import dev.countersign.factor.Challenge;
import dev.countersign.factor.Enrolment;
import dev.countersign.factor.Factor;
import dev.countersign.factor.Outcome;
import dev.countersign.factor.Subject;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Proof;
import dev.countersign.vault.SecretText;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** The password as a factor. */
@Component
final class PasswordFactor implements Factor {
    private final Passwords passwords;

    PasswordFactor(Passwords passwords) {
        this.passwords = passwords;
    }

    @Override
    public FactorKind kind() {
        return FactorKind.PASSWORD;
    }

    @Override
    public List<Enrolment> enrolments(AccountId account) {
        return passwords.changedAt(account).map(since -> new Enrolment(kind(), since, Optional.empty())).stream()
                .toList();
    }

    @Override
    public Challenge challenge(Subject subject, Attempt attempt) {
        return new Challenge(kind(), subject);
    }

    @Override
    public Outcome verify(Challenge challenge, Answer answer, Attempt attempt) {
        SecretText typed = answer.typed();
        Passwords.Checked checked = passwords.check(attempt.environment(), challenge.subject(), typed);
        return switch (challenge.subject()) {
            case Subject.Decoy _ -> outcome(Optional.empty(), checked, attempt);
            case Subject.Known(AccountId account) -> outcome(Optional.of(account), checked, attempt);
        };
    }

    private Outcome outcome(Optional<AccountId> account, Passwords.Checked checked, Attempt attempt) {
        return switch (checked) {
            case Passwords.Checked.Busy() -> new Outcome.Busy();
            case Passwords.Checked.Wrong() -> new Outcome.Rejected(Outcome.Rejection.WRONG);
            case Passwords.Checked.Right(long version, Optional<Passwords.Prepared> better) -> {
                AccountId owner = account.orElseThrow();
                Proof proof = new Proof(kind(), owner, Proof.Means.ANSWERED, attempt.now());
                yield new Outcome.Accepted(proof, () -> {
                    better.ifPresent(hash -> passwords.replaceHash(owner, version, hash));
                    return true;
                });
            }
        };
    }
}
