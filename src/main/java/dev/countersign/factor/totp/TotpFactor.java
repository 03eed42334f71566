package dev.countersign.factor.totp;

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
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.SecretText;
import dev.countersign.vault.Vault;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The code from an authenticator app as a factor: each step is accepted once, and never an older one after a newer. */
@Component
final class TotpFactor implements Factor {
    private static final Logger LOG = LoggerFactory.getLogger(TotpFactor.class);
    private static final Outcome WRONG = new Outcome.Rejected(Outcome.Rejection.WRONG);

    private final TotpStore store;
    private final Vault vault;
    private final TotpSettings settings;

    TotpFactor(TotpStore store, Vault vault, TotpSettings settings) {
        this.store = store;
        this.vault = vault;
        this.settings = settings;
    }

    @Override
    public FactorKind kind() {
        return FactorKind.TOTP;
    }

    @Override
    public List<Enrolment> enrolments(AccountId account) {
        return store.find(account).map(app -> new Enrolment(kind(), app.enrolledAt(), app.lastUsedAt())).stream()
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
            case Subject.Known(AccountId account) ->
                store.find(account).map(app -> verify(app, typed, attempt)).orElse(WRONG);
        };
    }

    private Outcome verify(TotpStore.Row app, SecretText typed, Attempt attempt) {
        Optional<String> digits = CodeText.digits(typed, app.totp().digits());
        Optional<SecretBytes> secret = open(app);
        if (digits.isEmpty() || secret.isEmpty()) {
            return WRONG;
        }
        long centre = app.totp().step(attempt.now()) + app.driftSteps();
        OptionalLong step = app.totp().match(secret.get(), digits.get(), centre, settings.window());
        if (step.isEmpty()) {
            return WRONG;
        }
        if (step.getAsLong() <= app.lastStep()) {
            return new Outcome.Rejected(Outcome.Rejection.REPLAYED);
        }
        Proof proof = new Proof(kind(), app.account(), Proof.Means.ANSWERED, attempt.now());
        return new Outcome.Accepted(proof, () -> store.consumeStep(app, step.getAsLong(), attempt.now()));
    }

    private Optional<SecretBytes> open(TotpStore.Row app) {
        try {
            return Optional.of(vault.open(app.sealedSecret(), Apps.place(app.account())));
        } catch (Vault.NotOurs e) {
            LOG.error("integrity: {}", e.getMessage());
            return Optional.empty();
        }
    }
}
