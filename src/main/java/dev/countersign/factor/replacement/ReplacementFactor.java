package dev.countersign.factor.replacement;

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

/** The code that was read out, as a factor: it works once, for a day. It is asked for until a new app is registered. */
@Component
final class ReplacementFactor implements Factor {
    private static final Outcome WRONG = new Outcome.Rejected(Outcome.Rejection.WRONG);

    private final ReplacementStore store;
    private final ReplacementCodes codes;

    ReplacementFactor(ReplacementStore store, ReplacementCodes codes) {
        this.store = store;
        this.codes = codes;
    }

    @Override
    public FactorKind kind() {
        return FactorKind.REPLACEMENT;
    }

    @Override
    public List<Enrolment> enrolments(AccountId account) {
        return store.find(account).map(code -> new Enrolment(kind(), code.issuedAt(), code.usedAt())).stream()
                .toList();
    }

    @Override
    public Challenge challenge(Subject subject, Attempt attempt) {
        return new Challenge(kind(), subject);
    }

    @Override
    public Outcome verify(Challenge challenge, Answer answer, Attempt attempt) {
        SecretText typed = answer.typed();
        return switch (challenge.subject()) {
            case Subject.Decoy _ -> WRONG;
            case Subject.Known(AccountId account) -> verify(account, typed, attempt);
        };
    }

    private Outcome verify(AccountId account, SecretText typed, Attempt attempt) {
        List<String> presented = ReplacementCodes.parse(typed)
                .map(code -> codes.hashes(account, code))
                .orElse(List.of());
        Optional<ReplacementStore.Row> right = store.find(account)
                .filter(row -> isOneOf(presented, row.codeHash()))
                .filter(row -> row.expiresAt().isAfter(attempt.now()));
        if (right.isEmpty()) {
            return WRONG;
        }
        if (right.get().usedAt().isPresent()) {
            return new Outcome.Rejected(Outcome.Rejection.REPLAYED);
        }
        Proof proof = new Proof(kind(), account, Proof.Means.ANSWERED, attempt.now());
        return new Outcome.Accepted(
                proof, () -> store.consume(account, right.get().codeHash(), attempt.now()));
    }

    private static boolean isOneOf(List<String> presented, String stored) {
        byte[] kept = stored.getBytes(StandardCharsets.US_ASCII);
        return presented.stream()
                        .filter(hash -> MessageDigest.isEqual(kept, hash.getBytes(StandardCharsets.US_ASCII)))
                        .count()
                > 0;
    }
}
