package dev.countersign.factor.replacement;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.SecretText;
import dev.countersign.vault.Vault;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Issues the codes that are read out: 8 characters of an alphabet of 32 without look-alikes, 40 random bits behind the
 * budget of second-factor guesses, stored as a keyed hash. Thread-safe.
 */
@Component
public final class ReplacementCodes {
    /** Characters in a code. */
    public static final int LENGTH = 8;

    /** How long a code can be used. */
    public static final Duration LIFE = Duration.ofHours(24);

    private static final String ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private static final int LONGEST_TYPED = 60;

    private final Database database;
    private final ReplacementStore store;
    private final Vault vault;
    private final Randomness randomness;
    private final ActivityLog activity;

    ReplacementCodes(
            Database database, ReplacementStore store, Vault vault, Randomness randomness, ActivityLog activity) {
        this.database = database;
        this.store = store;
        this.vault = vault;
        this.randomness = randomness;
        this.activity = activity;
    }

    /** A code to read out, shown once. */
    public record Issued(SecretText code, Instant expiresAt) {}

    /** A new code in place of the account's former one, in the running transaction. */
    public Issued issue(Account account, Actor actor, Origin origin, Instant now) {
        database.requireTransaction();
        SecretText code = newCode();
        Instant expiresAt = now.plus(LIFE);
        store.replace(
                account.environment(),
                account.id(),
                hashes(account.id(), code.reveal()).getFirst(),
                now,
                expiresAt);
        activity.record(
                account.environment(),
                Optional.of(account.id()),
                actor,
                origin,
                new ActivityEvent.PhoneReplaced(actor.name(), expiresAt),
                now);
        return new Issued(code, expiresAt);
    }

    /** Whether a new phone waits for its code: until an app is registered, used and expired codes included. */
    public boolean isWaiting(AccountId account) {
        return store.find(account).isPresent();
    }

    /** Removes the account's code, in the running transaction. */
    public void remove(AccountId account) {
        database.requireTransaction();
        store.delete(account);
    }

    /** The code as it is read out: two groups of four. */
    public static List<String> groups(SecretText code) {
        String text = code.reveal();
        return List.of(text.substring(0, LENGTH / 2), text.substring(LENGTH / 2));
    }

    /** A code as people type it, with spaces and dashes or in lower case; absent when it cannot be one. */
    public static Optional<String> parse(SecretText typed) {
        if (typed.reveal().length() > LONGEST_TYPED) {
            return Optional.empty();
        }
        String code = typed.reveal().replaceAll("[\\s\\p{Z}\\p{Pd}]", "").toUpperCase(Locale.ROOT);
        boolean possible = code.length() == LENGTH
                && code.chars().allMatch(c -> ALPHABET.indexOf(c) >= 0)
                && code.chars().anyMatch(Character::isLetter);
        return possible ? Optional.of(code) : Optional.empty();
    }

    /** The hashes of a code, by the newest key first: it may have been issued before that came. */
    List<String> hashes(AccountId account, String code) {
        byte[] message = (account.value() + ':' + code).getBytes(StandardCharsets.UTF_8);
        return vault.storedHashes("replacement-code", message);
    }

    /** Always with a letter, so that it is never taken for the eight digits of an app. */
    private SecretText newCode() {
        SecretText code = randomness.text(ALPHABET, LENGTH);
        while (parse(code).isEmpty()) {
            code = randomness.text(ALPHABET, LENGTH);
        }
        return code;
    }
}
