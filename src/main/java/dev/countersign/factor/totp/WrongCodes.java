package dev.countersign.factor.totp;

import dev.countersign.kernel.AccountId;
import dev.countersign.store.Database;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.SecretText;
import dev.countersign.vault.Vault;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.springframework.stereotype.Component;

/**
 * Explains wrong codes: searches an hour before and after now, once for each counted guess. Whoever guesses must learn
 * nothing they can use: a code that is recognised as one of another time is never accepted from then on. Thread-safe.
 */
@Component
public final class WrongCodes {
    private static final Duration SEARCHED = Duration.ofHours(1);

    private final Database database;
    private final TotpStore store;
    private final FormerTotpStore former;
    private final Vault vault;
    private final TotpSettings settings;

    WrongCodes(Database database, TotpStore store, FormerTotpStore former, Vault vault, TotpSettings settings) {
        this.database = database;
        this.store = store;
        this.former = former;
        this.vault = vault;
        this.settings = settings;
    }

    /** Why this code of an account was refused, in the transaction that notes the refusal. */
    public Optional<WrongCode> explain(AccountId account, SecretText typed, Instant now) {
        database.requireTransaction();
        Optional<TotpStore.Row> app = store.find(account);
        Optional<SecretBytes> secret = app.flatMap(row -> open(row.sealedSecret(), Apps.place(account, row.version())));
        if (app.isEmpty() || secret.isEmpty()) {
            return Optional.empty();
        }
        Totp totp = app.get().totp();
        OptionalLong step =
                nearest(totp, secret.get(), typed, totp.step(now) + app.get().driftSteps(), searched(totp));
        if (step.isEmpty()) {
            return ofFormer(account, typed, now);
        }
        long expected = totp.step(now) + app.get().driftSteps();
        boolean inWindow = Math.abs(step.getAsLong() - expected) <= settings.window();
        if (inWindow || step.getAsLong() <= app.get().lastStep()) {
            return Optional.of(new WrongCode.AlreadyUsed());
        }
        former.nameStep(app.get(), step.getAsLong());
        return Optional.of(new WrongCode.ClockOff(offset(totp, step.getAsLong(), now)));
    }

    /** Why this code does not confirm the secret that someone is registering. */
    public Optional<WrongCode> explainNew(AccountId account, SecretBytes secret, SecretText typed, Instant now) {
        Totp totp = Totp.DEFAULT;
        OptionalLong step = nearest(totp, secret, typed, totp.step(now), searched(totp));
        if (step.isPresent()) {
            return Optional.of(new WrongCode.ClockOff(offset(totp, step.getAsLong(), now)));
        }
        Optional<TotpStore.Row> current = store.find(account);
        boolean ofCurrent = current.flatMap(row -> open(row.sealedSecret(), Apps.place(account, row.version())))
                .filter(old -> isNear(current.get().totp(), old, typed, now))
                .isPresent();
        return ofCurrent ? Optional.of(new WrongCode.OlderApp()) : ofFormer(account, typed, now);
    }

    /** By how much the clock of the phone was off when the app was registered, where typing slowly does not explain it. */
    public Optional<Duration> learnedOffset(AccountId account) {
        return store.find(account)
                .filter(row -> row.driftSteps() > 0 || row.driftSteps() < -1)
                .map(row -> row.totp().period().multipliedBy(row.driftSteps()));
    }

    /** Removes secrets of former apps whose time is over; answers how many. */
    public int forgetExpired(Instant now) {
        return database.write(() -> former.deleteUntil(now));
    }

    private Optional<WrongCode> ofFormer(AccountId account, SecretText typed, Instant now) {
        return former.find(account, now)
                .filter(row -> open(row.sealedSecret(), FormerTotpStore.place(account, row.version()))
                        .filter(secret -> isNear(row.totp(), secret, typed, now))
                        .isPresent())
                .map(_ -> new WrongCode.OlderApp());
    }

    private boolean isNear(Totp totp, SecretBytes secret, SecretText typed, Instant now) {
        return nearest(totp, secret, typed, totp.step(now), settings.enrolmentWindow())
                .isPresent();
    }

    private static OptionalLong nearest(Totp totp, SecretBytes secret, SecretText typed, long centre, int radius) {
        Optional<String> digits = CodeText.digits(typed, totp.digits());
        if (digits.isEmpty()) {
            return OptionalLong.empty();
        }
        for (int distance = 0; distance <= radius; distance++) {
            for (long step : new long[] {centre - distance, centre + distance}) {
                if (totp.code(secret, step).equals(digits.get())) {
                    return OptionalLong.of(step);
                }
            }
        }
        return OptionalLong.empty();
    }

    private static int searched(Totp totp) {
        return Math.toIntExact(SEARCHED.dividedBy(totp.period()));
    }

    /** From now to the middle of the step, to ten seconds: more cannot be known. */
    private static Duration offset(Totp totp, long step, Instant now) {
        long middle = step * totp.period().toSeconds() + totp.period().toSeconds() / 2;
        return Duration.ofSeconds(Math.round((middle - now.getEpochSecond()) / 10.0) * 10);
    }

    private Optional<SecretBytes> open(byte[] sealedSecret, dev.countersign.vault.Place place) {
        try {
            return Optional.of(vault.open(sealedSecret, place));
        } catch (Vault.NotOurs e) {
            return Optional.empty();
        }
    }
}
