package dev.countersign.factor.companion;

import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.PairingId;
import dev.countersign.kernel.PhoneId;
import dev.countersign.store.Database;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.SecretText;
import dev.countersign.vault.Vault;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Pairs phones: companion protocol section 2. Thread-safe. */
@Component
public final class Pairings {
    /** Characters of the code that can be typed in place of the QR code. */
    public static final int CODE_LENGTH = 10;

    private static final String ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    private final Database database;
    private final PairingStore store;
    private final PhoneStore phoneStore;
    private final Phones phones;
    private final Vault vault;
    private final Randomness randomness;
    private final Watch watch;

    Pairings(
            Database database,
            PairingStore store,
            PhoneStore phoneStore,
            Phones phones,
            Vault vault,
            Randomness randomness,
            Watch watch) {
        this.database = database;
        this.store = store;
        this.phoneStore = phoneStore;
        this.phones = phones;
        this.vault = vault;
        this.randomness = randomness;
        this.watch = watch;
    }

    /** A pairing and the code that can be typed, which is shown to its owner alone and computed again for as long as it lives. */
    public record Begun(Pairing pairing, SecretText code) {}

    /**
     * Begins to pair a phone, in the running transaction. Whatever pairing of the account was not finished ends.
     *
     * @param begunFrom the session or sign-in the owner begins it in
     * @param origin scheme and host the phone will call
     * @param language of the page it is begun on
     */
    public Begun begin(Account account, String begunFrom, String origin, Locale language, Instant now) {
        database.requireTransaction();
        store.refuseOthers(account.id(), now);
        Pairing pairing = new Pairing(
                new PairingId(randomness.identifier()),
                account.environment(),
                account.id(),
                begunFrom,
                origin,
                language.getLanguage(),
                Pairing.State.OFFERED,
                Optional.empty(),
                Optional.empty(),
                now.plus(Pairing.LIFE));
        SecretText code = code(pairing.id());
        store.insert(pairing, hash(code.reveal()), now);
        return new Begun(pairing, code);
    }

    /** The pairing that was begun last in this session or sign-in. */
    public Optional<Begun> begunFrom(EnvironmentId environment, String begunFrom) {
        return store.begunFrom(environment, begunFrom).map(pairing -> new Begun(pairing, code(pairing.id())));
    }

    public Optional<Pairing> find(EnvironmentId environment, PairingId id) {
        return store.find(environment, id);
    }

    /** The pairing with this typed code. */
    public Optional<Pairing> findByCode(EnvironmentId environment, String typed) {
        String code = typed.replaceAll("[\\s\\p{Z}\\p{Pd}]", "").toUpperCase(Locale.ROOT);
        return code.length() == CODE_LENGTH ? store.findByCode(environment, hash(code)) : Optional.empty();
    }

    /**
     * A phone offers its key; false when the pairing is used or over, or the key is one that is known. The caller has verified
     * that the phone has the private key.
     */
    public boolean claim(Pairing pairing, Pairing.Offer offer, Instant now) {
        boolean claimed = database.write(
                () -> !phoneStore.exists(offer.key().thumbprint()) && store.consumeOffered(pairing.id(), offer, now));
        if (claimed) {
            watch.changed(pairing.id().value());
        }
        return claimed;
    }

    /** The owner says that the words are the same, in the running transaction; the phone, unless it is too late. */
    public Optional<Phone> confirm(Account account, Pairing pairing, Actor actor, Origin origin, Instant now) {
        database.requireTransaction();
        if (pairing.offer().isEmpty()
                || !pairing.account().equals(account.id())
                || phones.of(account.id()).size() >= Phones.MOST) {
            return Optional.empty();
        }
        Pairing.Offer offer = pairing.offer().get();
        PhoneId id = new PhoneId(randomness.identifier());
        // A key may wait in two pairings; it becomes one phone.
        if (phoneStore.exists(offer.key().thumbprint()) || !store.consumeClaimed(pairing.id(), id, now)) {
            return Optional.empty();
        }
        return Optional.of(
                phones.register(id, account, offer.name(), offer.key(), pairing.origin(), actor, origin, now));
    }

    /** The owner says that they differ, or wants another. */
    public void refuse(Pairing pairing, Instant now) {
        database.write(() -> store.refuse(pairing.id(), now));
        watch.changed(pairing.id().value());
    }

    /** Wakes whoever waits for this pairing. */
    public void wake(Pairing pairing) {
        watch.changed(pairing.id().value());
    }

    /** Removes pairings that are long over, and proofs that cannot be repeated any more; answers how many. */
    public int forgetOld(Instant now) {
        return database.write(() -> store.deleteOld(now.minus(Duration.ofHours(1))) + phoneStore.deleteOldProofs(now));
    }

    /** The code follows from the id and the key file, so that the page can show it again without keeping it. */
    private SecretText code(PairingId id) {
        byte[] hash = vault.lastingHash("pairing-code", id.value().getBytes(StandardCharsets.UTF_8));
        StringBuilder code = new StringBuilder();
        for (int i = 0; i < CODE_LENGTH; i++) {
            code.append(ALPHABET.charAt((hash[i] & 0xff) % ALPHABET.length()));
        }
        return SecretText.of(code.toString());
    }

    private String hash(String code) {
        return HexFormat.of().formatHex(vault.lastingHash("pairing-code-typed", code.getBytes(StandardCharsets.UTF_8)));
    }
}
