package dev.countersign.factor.totp;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Registers and removes authenticator apps. Thread-safe. */
@Component
public final class Apps {
    /** How long the secret of a former app is kept to explain its codes. */
    static final Duration KEPT = Duration.ofDays(30);

    /** What replacements of an app are counted under. */
    static final String PLACE = "totp";

    private static final Logger LOG = LoggerFactory.getLogger(Apps.class);
    private static final int SECRET_BYTES = 20;

    private final Database database;
    private final TotpStore store;
    private final FormerTotpStore former;
    private final SecretVersions versions;
    private final Vault vault;
    private final Randomness randomness;
    private final ActivityLog activity;
    private final Accounts accounts;
    private final TotpSettings settings;
    private final List<MoreApps> more;

    Apps(
            Database database,
            TotpStore store,
            FormerTotpStore former,
            SecretVersions versions,
            Vault vault,
            Randomness randomness,
            ActivityLog activity,
            Accounts accounts,
            TotpSettings settings,
            List<MoreApps> more) {
        this.database = database;
        this.store = store;
        this.former = former;
        this.versions = versions;
        this.vault = vault;
        this.randomness = randomness;
        this.activity = activity;
        this.accounts = accounts;
        this.settings = settings;
        this.more = List.copyOf(more);
    }

    /** A new secret of 160 bits (RFC 4226 section 4, R6). It is nobody's until {@link #register}. */
    public SecretBytes newSecret() {
        return randomness.bytes(SECRET_BYTES);
    }

    /** The step the code typed while registering belongs to, if it belongs to this secret and is not far from now. */
    public OptionalLong matchForEnrolment(SecretBytes secret, SecretText typed, Instant now) {
        Totp totp = Totp.DEFAULT;
        return CodeText.digits(typed, totp.digits())
                .map(digits -> totp.match(secret, digits, totp.step(now), settings.enrolmentWindow()))
                .orElseGet(OptionalLong::empty);
    }

    /**
     * Makes this secret the account's app, in place of any former one. The code typed to confirm counts as used.
     *
     * @param confirmedStep what {@link #matchForEnrolment} answered
     * @return false when the secret is another account's; nothing is registered then
     */
    public boolean register(
            Account account, SecretBytes secret, long confirmedStep, Actor actor, Origin origin, Instant now) {
        database.requireTransaction();
        boolean replaced = keepFormer(account.environment(), account.id(), Optional.of(secret), now);
        int drift = Math.toIntExact(confirmedStep - Totp.DEFAULT.step(now));
        long version = versions.raise(account.id().value(), PLACE);
        TotpStore.Row row = new TotpStore.Row(
                account.id(),
                vault.seal(secret, place(account.id(), version)),
                version,
                Totp.DEFAULT,
                drift,
                confirmedStep,
                now,
                Optional.empty());
        if (!store.upsert(account.environment(), row, fingerprints(secret))) {
            versions.takeBack(account.id().value(), PLACE);
            return false;
        }
        accounts.noteSecondFactor(account.id(), Optional.of(now));
        ActivityEvent event = replaced ? new ActivityEvent.AppReplaced() : new ActivityEvent.AppEnrolled();
        activity.record(account.environment(), Optional.of(account.id()), actor, origin, event, now);
        return true;
    }

    /** Whether the account has an app that was registered with a QR code. */
    public boolean has(AccountId account) {
        return store.find(account).isPresent();
    }

    /** How many accounts have set up an app. */
    public long count(EnvironmentId environment) {
        return store.count(environment);
    }

    /** Removes the account's app, in the running transaction; false when there is none. */
    public boolean remove(Account account, Instant now) {
        database.requireTransaction();
        keepFormer(account.environment(), account.id(), Optional.empty(), now);
        if (more.stream().allMatch(source -> source.of(account.id()).isEmpty())) {
            accounts.noteSecondFactor(account.id(), Optional.empty());
        }
        versions.raise(account.id().value(), PLACE);
        return store.delete(account.id());
    }

    /**
     * Keeps the secret of the app that goes, for as long as someone may still have it in their phone: sealed for a place of
     * its own, where it explains codes and proves nothing.
     *
     * @return whether there is an app
     */
    private boolean keepFormer(EnvironmentId environment, AccountId account, Optional<SecretBytes> next, Instant now) {
        Optional<TotpStore.Row> app = store.find(account);
        app.ifPresent(row -> {
            try {
                SecretBytes secret = vault.open(row.sealedSecret(), place(account, row.version()));
                if (next.filter(other -> fingerprint(other).equals(fingerprint(secret)))
                        .isEmpty()) {
                    long version = versions.raise(account.value(), FormerTotpStore.PLACE);
                    byte[] kept = vault.seal(secret, FormerTotpStore.place(account, version));
                    former.replace(
                            environment, account, new FormerTotpStore.Row(kept, version, row.totp()), now.plus(KEPT));
                }
            } catch (Vault.NotOurs e) {
                LOG.error("integrity: {}", e.getMessage());
            }
        });
        return app.isPresent();
    }

    /** An app that comes with an account from another system. */
    public record Arriving(Totp totp, SecretBytes secret) {}

    /**
     * Gives accounts that have no app one, in the running transaction. Codes shown until now count as used, as they may have
     * been where the account comes from. The caller knows from {@link #ownersOf} that nobody has one of the secrets, and
     * logs where they came from.
     */
    public void addAll(EnvironmentId environment, Map<AccountId, Arriving> arriving, Instant now) {
        database.requireTransaction();
        Map<String, Long> known =
                versions.of(arriving.keySet().stream().map(AccountId::value).toList(), PLACE);
        List<TotpStore.Row> rows = new ArrayList<>();
        List<String> hashes = new ArrayList<>();
        arriving.forEach((account, app) -> {
            long version = known.getOrDefault(account.value(), 0L);
            byte[] sealedSecret = vault.seal(app.secret(), place(account, version));
            long step = app.totp().step(now);
            rows.add(new TotpStore.Row(account, sealedSecret, version, app.totp(), 0, step, now, Optional.empty()));
            hashes.add(fingerprint(app.secret()));
        });
        store.insertAll(environment, rows, hashes);
        accounts.noteSecondFactors(arriving.keySet(), now);
    }

    /** Of these accounts, those that have an app. */
    public Set<AccountId> having(Collection<AccountId> accounts) {
        return accounts.isEmpty() ? Set.of() : store.having(accounts);
    }

    /** The accounts that have one of these secrets, by {@link #fingerprint}. */
    public Map<String, AccountId> ownersOf(Collection<SecretBytes> secrets) {
        Map<String, String> current = new HashMap<>();
        secrets.forEach(secret -> fingerprints(secret).forEach(each -> current.put(each, fingerprint(secret))));
        Map<String, AccountId> owners = new HashMap<>();
        if (!current.isEmpty()) {
            store.ownersOf(current.keySet())
                    .forEach((hash, owner) -> owners.put(current.getOrDefault(hash, hash), owner));
        }
        return owners;
    }

    /** One secret can be one account's only, so that a code cannot be used once for each of two. */
    public String fingerprint(SecretBytes secret) {
        return HexFormat.of().formatHex(vault.keyedHash("totp-secret", secret.reveal()));
    }

    /** By every key there is: the app may have been registered before the newest key came. */
    private List<String> fingerprints(SecretBytes secret) {
        return vault.keyedHashes("totp-secret", secret.reveal()).stream()
                .map(HexFormat.of()::formatHex)
                .toList();
    }

    static Place place(AccountId account, long version) {
        return new Place("totp", "sealed_secret", account.value()).of(account.value(), version);
    }
}
