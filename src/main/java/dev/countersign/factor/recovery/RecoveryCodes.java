package dev.countersign.factor.recovery;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import dev.countersign.store.SecretVersions;
import dev.countersign.vault.Place;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.SecretText;
import dev.countersign.vault.Vault;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Issues recovery codes: 24 characters of an alphabet of 32 without look-alikes, 120 random bits, stored as a keyed hash.
 * Thread-safe.
 */
@Component
public final class RecoveryCodes {
    /** What replacements and uses of a code are counted under. */
    static final String PLACE = "recovery_code";

    /** Characters in a code. */
    public static final int LENGTH = 24;

    private static final String ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private static final int LONGEST_TYPED = 100;

    private final Database database;
    private final RecoveryStore store;
    private final SecretVersions versions;
    private final Vault vault;
    private final Randomness randomness;
    private final ActivityLog activity;

    RecoveryCodes(
            Database database,
            RecoveryStore store,
            SecretVersions versions,
            Vault vault,
            Randomness randomness,
            ActivityLog activity) {
        this.database = database;
        this.store = store;
        this.versions = versions;
        this.vault = vault;
        this.randomness = randomness;
        this.activity = activity;
    }

    /** A new code, which the caller shows once. It is worth nothing, and the former one stays as it is, until {@link #confirm}. */
    public SecretText issue(Account account, Actor actor, Origin origin, Instant now) {
        database.requireTransaction();
        SecretText code = randomness.text(ALPHABET, LENGTH);
        log(account, actor, origin, new ActivityEvent.RecoveryCodeIssued(), now);
        return code;
    }

    /** The person keeps this code: it takes the place of the account's former one, in the running transaction. */
    public void confirm(Account account, SecretText code, Actor actor, Origin origin, Instant now) {
        database.requireTransaction();
        String hash = hashes(account.id(), code.reveal()).getFirst();
        byte[] binding = vault.confirm(
                hash, place(account.id(), versions.raise(account.id().value(), PLACE)));
        store.replace(account.environment(), account.id(), hash, binding, now);
        store.deleteResumption(account.id());
        log(account, actor, origin, new ActivityEvent.RecoveryCodeConfirmed(), now);
    }

    /** Removes the account's code, in the running transaction. */
    public void remove(AccountId account) {
        database.requireTransaction();
        versions.raise(account.value(), PLACE);
        store.delete(account);
        store.deleteResumption(account);
    }

    /** Removes what can no longer be resumed; answers how many. */
    public int forgetExpired(Instant now) {
        return database.write(() -> store.deleteResumptionsUntil(now));
    }

    /** The code as people read it: six groups of four. */
    public static List<String> groups(SecretText code) {
        List<String> groups = new ArrayList<>();
        String text = code.reveal();
        for (int start = 0; start < text.length(); start += 4) {
            groups.add(text.substring(start, start + 4));
        }
        return List.copyOf(groups);
    }

    /** A code as people type it, with spaces and dashes or in lower case; absent when it has not 24 characters. */
    public static Optional<String> parse(SecretText typed) {
        if (typed.reveal().length() > LONGEST_TYPED) {
            return Optional.empty();
        }
        String code = typed.reveal().replaceAll("[\\s\\p{Z}\\p{Pd}]", "").toUpperCase(Locale.ROOT);
        return code.length() == LENGTH ? Optional.of(code) : Optional.empty();
    }

    /** The hashes of a code, by the newest key first: it may have been issued before that came. */
    List<String> hashes(AccountId account, String code) {
        byte[] message = (account.value() + ':' + code).getBytes(StandardCharsets.UTF_8);
        return vault.storedHashes("recovery-code", message);
    }

    /** Whether a stored hash is this account's and was not replaced or used since: a row that was copied or put back is not. */
    boolean isOwn(AccountId account, RecoveryStore.Row row) {
        Place place = place(account, row.version());
        if (row.sealedBinding().isPresent()) {
            return vault.confirms(row.sealedBinding().get(), place, row.codeHash());
        }
        if (!vault.acceptsUnbound()) {
            vault.noteUnopened(place);
            return false;
        }
        return true;
    }

    /** Uses up the code, once; a copy of the row that is put back opens nothing. */
    boolean consume(AccountId account, String codeHash) {
        return store.consume(account, codeHash) && versions.raise(account.value(), PLACE) > 0;
    }

    private static Place place(AccountId account, long version) {
        return new Place("recovery_code", "sealed_binding", account.value()).of(account.value(), version);
    }

    private void log(Account account, Actor actor, Origin origin, ActivityEvent event, Instant now) {
        activity.record(account.environment(), Optional.of(account.id()), actor, origin, event, now);
    }
}
