package dev.countersign.factor.password;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.factor.Subject;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import dev.countersign.store.SecretVersions;
import dev.countersign.vault.Place;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.SecretText;
import dev.countersign.vault.Vault;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Sets and checks passwords. Thread-safe. */
@Component
public final class Passwords {
    /** What replacements of a password are counted under. */
    static final String PLACE = "password";

    private static final int SALT_BYTES = 16;

    private final Database database;
    private final PasswordStore store;
    private final SecretVersions versions;
    private final ActivityLog activity;
    private final Randomness randomness;
    private final Argon2id argon2 = Argon2id.best();
    private final HashPermits permits = new HashPermits(Runtime.getRuntime().availableProcessors());
    private final HashMemory memory = new HashMemory();
    private final Vault vault;
    private final PasswordHash.Cost cost;
    private final String decoyPhc;

    Passwords(
            Database database,
            PasswordStore store,
            SecretVersions versions,
            ActivityLog activity,
            Randomness randomness,
            Vault vault,
            PasswordSettings settings) {
        this.database = database;
        this.store = store;
        this.versions = versions;
        this.activity = activity;
        this.randomness = randomness;
        this.vault = vault;
        this.cost = settings.cost();
        this.decoyPhc =
                new PasswordHash(cost, new byte[SALT_BYTES], SecretBytes.of(new byte[Argon2id.HASH_BYTES])).phc();
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
        /** @param better the same password hashed at today's cost, or sealed, if what is stored is not */
        record Right(long version, Optional<Prepared> better) implements Checked {}

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

    /**
     * Lets the password open nothing any more until it is changed, in the running transaction: its owner says that somebody
     * else knows it.
     *
     * @param why what it follows from, for the log: the request that was reported
     */
    public void block(AccountId account, String why) {
        database.requireTransaction();
        store.block(account, why);
    }

    /** What the password was blocked for, if it is. */
    public Optional<String> blockedBy(AccountId account) {
        return store.find(account).flatMap(PasswordStore.Row::blockedBy);
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
            byte[] sealed =
                    seal(account.id(), password, versions.raise(account.id().value(), PLACE));
            store.upsert(account.environment(), account.id(), sealed, mustChange.map(MustChange::name), now);
            activity.record(
                    account.environment(),
                    Optional.of(account.id()),
                    actor,
                    origin,
                    new ActivityEvent.PasswordChanged(first),
                    now);
        });
    }

    /** A password that comes with an account from another system. */
    public record Arriving(Prepared password, Optional<MustChange> mustChange) {}

    /** Gives accounts that have no password one, in the running transaction. The caller logs where they came from. */
    public void addAll(EnvironmentId environment, Map<AccountId, Arriving> passwords, Instant now) {
        database.requireTransaction();
        Map<String, Long> known =
                versions.of(passwords.keySet().stream().map(AccountId::value).toList(), PLACE);
        List<PasswordStore.Arriving> rows = passwords.entrySet().stream()
                .map(entry -> new PasswordStore.Arriving(
                        entry.getKey(),
                        seal(
                                entry.getKey(),
                                entry.getValue().password(),
                                known.getOrDefault(entry.getKey().value(), 0L)),
                        entry.getValue().mustChange().map(Enum::name)))
                .toList();
        store.insertAll(environment, rows, now);
    }

    private byte[] seal(AccountId account, Prepared password, long version) {
        return vault.seal(SecretBytes.of(password.phc().getBytes(StandardCharsets.UTF_8)), place(account, version));
    }

    /**
     * The hash in a row; nothing when it is another account's, an older one, or written by whoever has no keys. Then the
     * password opens nothing.
     */
    private Optional<String> phc(PasswordStore.Hash hash) {
        Place place = place(hash.account(), hash.version());
        if (hash.sealed().isPresent()) {
            try {
                return Optional.of(
                        new String(vault.open(hash.sealed().get(), place).reveal(), StandardCharsets.UTF_8));
            } catch (Vault.NotOurs e) {
                return Optional.empty();
            }
        }
        if (!vault.acceptsUnbound()) {
            vault.noteUnopened(place);
            return Optional.empty();
        }
        return Optional.of(hash.unbound());
    }

    private static Place place(AccountId account, long version) {
        return new Place("password", "sealed_hash", account.value()).of(account.value(), version);
    }

    /** Whether exactly this hash is the account's. */
    public boolean isStored(AccountId account, Prepared password) {
        return phc(account).filter(phc -> phc.equals(password.phc())).isPresent();
    }

    /** The account's hash, if it has one that is its own. */
    Optional<String> phc(AccountId account) {
        return store.find(account).flatMap(row -> phc(row.hash()));
    }

    /** Of these accounts, those that have a password. */
    public Set<AccountId> having(Collection<AccountId> accounts) {
        return accounts.isEmpty() ? Set.of() : store.having(accounts);
    }

    Optional<Instant> changedAt(AccountId account) {
        return store.find(account).map(PasswordStore.Row::changedAt);
    }

    /** A hash of another product, as {@link #adopt} reads it. */
    public sealed interface Adopted {
        /** It can be checked here, and is replaced by one of ours at the next right password. */
        record Accepted(Prepared password) implements Adopted {}

        /** Each check would take more memory or time than one person may ask for. */
        record TooMuchWork() implements Adopted {}

        /** No hash, or of a kind that cannot be checked here. */
        record Unknown() implements Adopted {}
    }

    /** Reads a hash that another product made; nothing is hashed. */
    public static Adopted adopt(String hash) {
        return switch (HashReader.read(hash)) {
            case HashReader.Reading.Own(PasswordHash own) -> new Adopted.Accepted(new Prepared(own.phc()));
            case HashReader.Reading.Foreign(ForeignHash foreign) -> new Adopted.Accepted(new Prepared(foreign.phc()));
            case HashReader.Reading.TooMuchWork() -> new Adopted.TooMuchWork();
            case HashReader.Reading.Unknown() -> new Adopted.Unknown();
        };
    }

    /** How much is being hashed at this moment. */
    public HashLoad load() {
        return permits.load();
    }

    /** How many hashes were computed since the start. */
    long hashed() {
        return permits.given();
    }

    /** Checks a password; for who has none it does the work of somebody's hash in this environment for nothing. */
    Checked check(EnvironmentId environment, Subject subject, SecretText typed) {
        if (typed.isEmpty() || typed.reveal().length() > PasswordRules.LONGEST || !isText(typed)) {
            return new Checked.Wrong();
        }
        Optional<PasswordStore.Row> row = switch (subject) {
            case Subject.Known(AccountId account) -> store.find(account);
            case Subject.Decoy _ -> Optional.empty();
        };
        Optional<String> stored = row.map(PasswordStore.Row::hash).flatMap(this::phc);
        String compared = stored.orElseGet(() -> decoy(environment, subject));
        Optional<PasswordStore.Hash> own = row.map(PasswordStore.Row::hash).filter(_ -> stored.isPresent());
        Checked checked = permits.run(() -> compare(own, compared, typed)).orElseGet(Checked.Busy::new);
        boolean blocked = row.flatMap(PasswordStore.Row::blockedBy).isPresent();
        return blocked && checked instanceof Checked.Right ? new Checked.Wrong() : checked;
    }

    /**
     * The hash whose work is done for a name that has none: that of an account which the name selects, always the same one,
     * so that unknown names take as long as known ones do where hashes of other products are still in use.
     */
    private String decoy(EnvironmentId environment, Subject subject) {
        String name = switch (subject) {
            case Subject.Known(AccountId account) -> account.value();
            case Subject.Decoy(String bucket) -> bucket;
        };
        byte[] hash = vault.lastingHash("password-decoy", name.getBytes(StandardCharsets.UTF_8));
        StringBuilder place = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            place.append("234567abcdefghijklmnopqrstuvwxyz".charAt(hash[i] & 31));
        }
        return store.findAtOrAfter(environment, place.toString())
                .flatMap(this::phc)
                .orElse(decoyPhc);
    }

    /** Half a surrogate pair would be encoded as a question mark, and be as good as one. */
    private static boolean isText(SecretText typed) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(typed.reveal());
    }

    private Checked compare(Optional<PasswordStore.Hash> own, String compared, SecretText typed) {
        byte[] password = normalise(typed);
        boolean right = switch (HashReader.read(compared)) {
            case HashReader.Reading.Own(PasswordHash ours) -> matches(ours, password);
            case HashReader.Reading.Foreign(ForeignHash foreign) -> matches(foreign, typed, password);
            case HashReader.Reading.TooMuchWork(), HashReader.Reading.Unknown() ->
                throw new IllegalStateException("unknown hash");
        };
        if (!right || own.isEmpty()) {
            return new Checked.Wrong();
        }
        boolean current = PasswordHash.parse(compared)
                .filter(ours -> ours.cost().equals(cost))
                .isPresent();
        Optional<Prepared> better = current
                ? own.filter(hash -> hash.sealed().isEmpty()).map(_ -> new Prepared(compared))
                : Optional.of(new Prepared(hash(password)));
        return new Checked.Right(own.get().version(), better);
    }

    private boolean matches(PasswordHash own, byte[] password) {
        if (own.cost().equals(cost)) {
            return own.hash()
                    .equalsSecretBytes(
                            argon2.compute(password, own.salt(), own.hash().length(), cost));
        }
        return memory.with(
                own.cost().memoryKib() / 1024,
                () -> own.hash()
                        .equalsSecretBytes(
                                argon2.compute(password, own.salt(), own.hash().length(), own.cost())));
    }

    /** Other products hash what was typed as it is; only where that differs is our normal form tried as well. */
    private boolean matches(ForeignHash foreign, SecretText typed, byte[] normalised) {
        byte[] asTyped = typed.reveal().getBytes(StandardCharsets.UTF_8);
        boolean alike = Arrays.equals(asTyped, normalised);
        return memory.with(2 * foreign.mebibytes(), () -> {
            boolean right = foreign.matches(asTyped);
            return alike ? right : foreign.matches(normalised) | right;
        });
    }

    /** Stores a better hash of the same password, unless the password has been changed since {@code version} was read. */
    void replaceHash(AccountId account, long version, Prepared better) {
        database.requireTransaction();
        versions.raiseFrom(account.value(), PLACE, version)
                .ifPresent(next -> store.replaceHash(account, seal(account, better, next)));
    }

    private String hash(byte[] password) {
        byte[] salt = randomness.bytes(SALT_BYTES).reveal();
        return new PasswordHash(cost, salt, argon2.compute(password, salt, Argon2id.HASH_BYTES, cost)).phc();
    }

    /** One normal form, so that the same password typed on another keyboard is the same; spaces are kept. */
    private static byte[] normalise(SecretText password) {
        return Normalizer.normalize(password.reveal(), Normalizer.Form.NFKC).getBytes(StandardCharsets.UTF_8);
    }
}
