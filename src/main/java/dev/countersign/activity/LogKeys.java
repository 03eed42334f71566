package dev.countersign.activity;

import dev.countersign.store.Database;
import dev.countersign.store.InstallationSecrets;
import dev.countersign.vault.Ed25519Key;
import dev.countersign.vault.Ed25519PublicKey;
import dev.countersign.vault.Place;
import dev.countersign.vault.Vault;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The key that signs the log of this installation, one for all nodes and all time, made at first use. Thread-safe. */
@Component
public final class LogKeys {
    private static final String NAME = "activity";
    private static final Place PLACE = new Place("installation_secret", "sealed", NAME);

    private final InstallationSecrets secrets;
    private final Vault vault;
    private final Clock clock;
    private final AtomicReference<@Nullable Ed25519Key> known = new AtomicReference<>();

    LogKeys(Database database, Vault vault, Clock clock) {
        this.secrets = new InstallationSecrets(database);
        this.vault = vault;
        this.clock = clock;
    }

    /** What others verify the log with. Not inside a transaction. */
    public Ed25519PublicKey publicKey() {
        return key().publicKey();
    }

    /** Signs a text that a receiver is to know as ours; 128 hexadecimal digits. Not inside a transaction. */
    public String sign(String text) {
        return key().sign(text);
    }

    Ed25519Key key() {
        Ed25519Key cached = known.get();
        if (cached != null) {
            return cached;
        }
        byte[] kept = secrets.find(NAME).orElseGet(this::make);
        try {
            Ed25519Key opened = Ed25519Key.of(vault.open(kept, PLACE));
            known.set(opened);
            return opened;
        } catch (Vault.NotOurs e) {
            throw new IllegalStateException("the key that signs the log cannot be opened", e);
        }
    }

    /** Of several nodes that start together the first wins, and all use its key. */
    private byte[] make() {
        return secrets.keepFirst(NAME, vault.seal(Ed25519Key.create().secret(), PLACE), clock.instant());
    }
}
