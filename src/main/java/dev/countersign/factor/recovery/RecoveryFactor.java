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
import dev.countersign.vault.Token;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * The recovery code as a factor: it works once. Whoever leaves before the new code is confirmed comes back with the used one,
 * in the same browser and for a day: it leads to the new code and the new app again, and never to a session without them.
 */
@Component
final class RecoveryFactor implements Factor {
    /** How long a used code leads back to where its owner left. */
    static final Duration RESUMABLE = Duration.ofHours(24);

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
        Optional<Enrolment> unused = store.find(account)
                .filter(code -> code.confirmedAt().isPresent())
                .map(code -> new Enrolment(kind(), code.issuedAt(), Optional.empty()));
        return unused.or(() -> store.findResumption(account).map(RecoveryFactor::used)).stream()
                .toList();
    }

    private static Enrolment used(RecoveryStore.Resumption resumption) {
        java.time.Instant at = resumption.expiresAt().minus(RESUMABLE);
        return new Enrolment(FactorKind.RECOVERY, at, Optional.of(at));
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
        List<String> presented = RecoveryCodes.parse(typed)
                .map(code -> codes.hashes(account, code))
                .orElse(List.of());
        Proof proof = new Proof(kind(), account, Proof.Means.ANSWERED, attempt.now());
        Optional<RecoveryStore.Row> unused = store.find(account)
                .filter(code -> code.confirmedAt().isPresent())
                .filter(code -> codes.isOwn(account, code))
                .filter(code -> isOneOf(presented, code.codeHash()));
        if (unused.isPresent()) {
            return new Outcome.Accepted(
                    proof, () -> consume(account, unused.get().codeHash(), attempt));
        }
        Optional<RecoveryStore.Resumption> used =
                store.findResumption(account).filter(resumption -> isOneOf(presented, resumption.codeHash()));
        if (used.isEmpty()) {
            return WRONG;
        }
        return isResumedBy(used.get(), attempt)
                ? new Outcome.Accepted(
                        proof, () -> store.isResumable(account, used.get().codeHash()))
                : new Outcome.Rejected(Outcome.Rejection.REPLAYED);
    }

    private static boolean isOneOf(List<String> presented, String stored) {
        return presented.stream().filter(hash -> same(stored, hash)).count() > 0;
    }

    private boolean consume(AccountId account, String codeHash, Attempt attempt) {
        boolean consumed = codes.consume(account, codeHash);
        if (consumed) {
            attempt.browser()
                    .map(browser -> new RecoveryStore.Resumption(
                            codeHash, browser.hash(), attempt.now().plus(RESUMABLE)))
                    .ifPresent(resumption -> store.insertResumption(attempt.environment(), account, resumption));
        }
        return consumed;
    }

    private static boolean isResumedBy(RecoveryStore.Resumption used, Attempt attempt) {
        return used.expiresAt().isAfter(attempt.now())
                && attempt.browser()
                        .map(Token::hash)
                        .filter(hash -> same(used.browserHash(), hash))
                        .isPresent();
    }

    private static boolean same(String stored, String presented) {
        return MessageDigest.isEqual(
                stored.getBytes(StandardCharsets.US_ASCII), presented.getBytes(StandardCharsets.US_ASCII));
    }
}
