package dev.countersign.factor.recovery;

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
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** The recovery code as a factor: it works once. */
@Component
final class RecoveryFactor implements Factor {
    private static final Outcome WRONG = new Outcome.Rejected(Outcome.Rejection.WRONG);

    private final RecoveryStore store;
    private final RecoveryCodes codes;

    RecoveryFactor(RecoveryStore store, RecoveryCodes codes) {
        this.store = store;
        this.codes = codes;
    }

    @Override
    public FactorKind kind() {
        return FactorKind.RECOVERY;
    }

    @Override
    public List<Enrolment> enrolments(AccountId account) {
        return store
                .find(account)
                .filter(code -> code.confirmedAt().isPresent())
                .map(code -> new Enrolment(kind(), code.issuedAt(), Optional.empty()))
                .stream()
                .toList();
    }

    @Override
    public Challenge challenge(Subject subject, Attempt attempt) {
        return new Challenge(kind(), subject);
    }

    @Override
    public Outcome verify(Challenge challenge, Answer answer, Attempt attempt) {
        SecretText typed = switch (answer) {
            case Answer.Typed(SecretText text) -> text;
        };
        return switch (challenge.subject()) {
            case Subject.Decoy _ -> WRONG;
            case Subject.Known(AccountId account) -> verify(account, typed, attempt);
        };
    }

    private Outcome verify(AccountId account, SecretText typed, Attempt attempt) {
        String presented = RecoveryCodes.parse(typed)
                .map(code -> codes.hash(account, code))
                .orElse("");
        Optional<String> stored = store.find(account).map(RecoveryStore.Row::codeHash);
        boolean right = stored.filter(hash -> MessageDigest.isEqual(
                        hash.getBytes(StandardCharsets.US_ASCII), presented.getBytes(StandardCharsets.US_ASCII)))
                .isPresent();
        if (!right) {
            return WRONG;
        }
        Proof proof = new Proof(kind(), account, Proof.Means.ANSWERED, attempt.now());
        return new Outcome.Accepted(proof, () -> store.consume(account, presented));
    }
}
