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
import java.util.stream.Stream;
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
    private final List<MoreApps> more;

    TotpFactor(TotpStore store, Vault vault, TotpSettings settings, List<MoreApps> more) {
        this.store = store;
        this.vault = vault;
        this.settings = settings;
        this.more = List.copyOf(more);
    }

    @Override
    public FactorKind kind() {
        return FactorKind.TOTP;
    }

    @Override
    public List<Enrolment> enrolments(AccountId account) {
        return Stream.concat(
                        store
                                .find(account)
                                .map(app -> new Enrolment(kind(), app.enrolledAt(), app.lastUsedAt()))
                                .stream(),
                        moreOf(account).map(phone -> new Enrolment(kind(), phone.since(), phone.usedAt())))
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

    /** The first of the account's apps that knows the code. */
    private Outcome verify(AccountId account, SecretText typed, Attempt attempt) {
        Outcome scanned = best(scanned(account), account, typed, attempt);
        if (scanned instanceof Outcome.Accepted) {
            return scanned; // most have no other, and nobody asks for one
        }
        Outcome other = best(moreOf(account), account, typed, attempt);
        return other instanceof Outcome.Accepted || scanned.equals(WRONG) ? other : scanned;
    }

    private Outcome best(Stream<MoreApps.More> apps, AccountId account, SecretText typed, Attempt attempt) {
        Outcome best = WRONG;
        for (MoreApps.More app : apps.toList()) {
            Outcome outcome = verify(account, app, typed, attempt);
            if (outcome instanceof Outcome.Accepted) {
                return outcome;
            }
            best = best.equals(WRONG) ? outcome : best;
        }
        return best;
    }

    /** The app that was registered with a QR code. */
    private Stream<MoreApps.More> scanned(AccountId account) {
        return store.find(account).stream()
                .flatMap(app -> open(app).stream()
                        .map(secret -> new MoreApps.More(
                                app.totp(),
                                secret,
                                app.driftSteps(),
                                app.lastStep(),
                                app.enrolledAt(),
                                app.lastUsedAt(),
                                (step, now) -> store.consumeStep(app, step, now))));
    }

    private Stream<MoreApps.More> moreOf(AccountId account) {
        return more.stream().flatMap(source -> source.of(account).stream());
    }

    private Outcome verify(AccountId account, MoreApps.More app, SecretText typed, Attempt attempt) {
        Optional<String> digits = CodeText.digits(typed, app.totp().digits());
        if (digits.isEmpty()) {
            return WRONG;
        }
        long centre = app.totp().step(attempt.now()) + app.driftSteps();
        OptionalLong step = app.totp().match(app.secret(), digits.get(), centre, settings.window());
        if (step.isEmpty()) {
            return WRONG;
        }
        if (step.getAsLong() <= app.lastStep()) {
            return new Outcome.Rejected(Outcome.Rejection.REPLAYED);
        }
        Proof proof = new Proof(kind(), account, Proof.Means.ANSWERED, attempt.now());
        return new Outcome.Accepted(proof, () -> app.use().consumeStep(step.getAsLong(), attempt.now()));
    }

    private Optional<SecretBytes> open(TotpStore.Row app) {
        try {
            return Optional.of(vault.open(app.sealedSecret(), Apps.place(app.account(), app.version())));
        } catch (Vault.NotOurs e) {
            LOG.error("integrity: {}", e.getMessage());
            return Optional.empty();
        }
    }
}
