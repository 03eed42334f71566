package dev.countersign.factor.password;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.SecretText;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Sets and checks passwords. Thread-safe. */
@Component
public final class Passwords {
    private static final int SALT_BYTES = 16;
    private static final PasswordHash.Cost COST = PasswordHash.Cost.DEFAULT;

    private final Database database;
    private final PasswordStore store;
    private final ActivityLog activity;
    private final Randomness randomness;
    private final Argon2id argon2 = Argon2id.best();
    private final HashPermits permits = new HashPermits(Runtime.getRuntime().availableProcessors());
    private final String decoyPhc;

    Passwords(Database database, PasswordStore store, ActivityLog activity, Randomness randomness) {
        this.database = database;
        this.store = store;
        this.activity = activity;
        this.randomness = randomness;
        this.decoyPhc =
                new PasswordHash(COST, new byte[SALT_BYTES], SecretBytes.of(new byte[Argon2id.HASH_BYTES])).phc();
    }

    /** A password that has been hashed and can be stored. */
    public record Prepared(String phc) {
        @Override
        public String toString() {
            return "Prepared(hidden)";
        }
    }

    /** What {@link #check} says of an answer. */
    sealed interface Checked {
        /** @param stronger the same password hashed at today's cost, if the stored hash is weaker */
        record Right(String storedPhc, Optional<String> stronger) implements Checked {}

        record Wrong() implements Checked {}

        record Busy() implements Checked {}
    }

    /** Why the account's password may not stay, if so; one of the constants of {@link MustChange}. */
    public Optional<MustChange> mustChange(AccountId account) {
        return store.find(account).flatMap(PasswordStore.Row::mustChangeWhy).map(MustChange::valueOf);
    }

    /** Why a password must be changed at the next sign-in. */
    public enum MustChange {
        GUESSED,
        REQUIRED
    }

    /** Demands a new password at the next sign-in, in the running transaction. */
    public void demandChange(AccountId account, MustChange why) {
        database.requireTransaction();
        store.updateMustChange(account, why.name());
    }

    /** Hashes a password that {@link PasswordRules} accept; nothing when too much is being hashed already. */
    public Optional<Prepared> prepare(SecretText password) {
        return permits.run(() -> new Prepared(hash(normalise(password))));
    }

    /** Stores a hashed password, in the running transaction or its own, and logs it. */
    public void set(
            Account account,
            Prepared password,
            Optional<MustChange> mustChange,
            Actor actor,
            Origin origin,
            Instant now) {
        database.write(() -> {
            boolean first = store.find(account.id()).isEmpty();
            store.upsert(account.environment(), account.id(), password.phc(), mustChange.map(MustChange::name), now);
            activity.record(
                    account.environment(),
                    Optional.of(account.id()),
                    actor,
                    origin,
                    new ActivityEvent.PasswordChanged(first),
                    now);
        });
    }

    Optional<Instant> changedAt(AccountId account) {
        return store.find(account).map(PasswordStore.Row::changedAt);
    }

    /** Checks a password; without an account it does the same work for nothing. */
    Checked check(Optional<AccountId> account, SecretText typed) {
        if (typed.isEmpty() || typed.reveal().length() > PasswordRules.LONGEST || !isText(typed)) {
            return new Checked.Wrong();
        }
        Optional<String> stored = account.flatMap(store::find).map(PasswordStore.Row::phc);
        return permits.run(() -> compare(stored, normalise(typed))).orElseGet(Checked.Busy::new);
    }

    /** Half a surrogate pair would be encoded as a question mark, and be as good as one. */
    private static boolean isText(SecretText typed) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(typed.reveal());
    }

    private Checked compare(Optional<String> stored, byte[] password) {
        PasswordHash expected = PasswordHash.parse(stored.orElse(decoyPhc))
                .orElseThrow(() -> new IllegalStateException("unknown hash"));
        SecretBytes actual =
                argon2.compute(password, expected.salt(), expected.hash().length(), expected.cost());
        if (!expected.hash().equalsSecretBytes(actual) || stored.isEmpty()) {
            return new Checked.Wrong();
        }
        boolean current = expected.cost().equals(COST);
        return new Checked.Right(stored.get(), current ? Optional.empty() : Optional.of(hash(password)));
    }

    void replaceHash(AccountId account, String oldPhc, String newPhc) {
        database.requireTransaction();
        store.replaceHash(account, oldPhc, newPhc);
    }

    private String hash(byte[] password) {
        byte[] salt = randomness.bytes(SALT_BYTES).reveal();
        return new PasswordHash(COST, salt, argon2.compute(password, salt, Argon2id.HASH_BYTES, COST)).phc();
    }

    /** One normal form, so that the same password typed on another keyboard is the same; spaces are kept. */
    private static byte[] normalise(SecretText password) {
        return Normalizer.normalize(password.reveal(), Normalizer.Form.NFKC).getBytes(StandardCharsets.UTF_8);
    }
}
