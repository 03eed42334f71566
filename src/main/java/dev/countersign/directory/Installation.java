package dev.countersign.directory;

import dev.countersign.kernel.StartFailure;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import dev.countersign.vault.Place;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.Vault;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/** Proves at start that database and key file belong together, before anything is read with the wrong keys. */
public final class Installation {
    private static final String ID = "countersign";
    private static final Place CHECK = new Place("installation", "sealed_check", ID);

    private Installation() {}

    /** Whether this database has been started before; then its key file must exist already. */
    public static boolean isStarted(Database database) {
        return InstallationStore.findCheck(database, ID).isPresent();
    }

    /** Writes the check into a new database, or opens it with these keys and refuses when it does not open. */
    public static void requireMatchingKeys(Database database, Vault vault, Instant now) {
        Optional<byte[]> check = InstallationStore.findCheck(database, ID);
        if (check.isEmpty()) {
            byte[] sealed = vault.seal(SecretBytes.of(ID.getBytes(StandardCharsets.UTF_8)), CHECK);
            database.write(() -> InstallationStore.insert(database, ID, sealed, Times.toMillis(now)));
            return;
        }
        try {
            vault.open(check.get(), CHECK);
        } catch (Vault.NotOurs e) {
            throw new StartFailure(
                    StartFailure.Kind.KEY_FILE,
                    "The key file does not belong to this database. Put back the key file this installation was created"
                            + " with, or name it with key-file.",
                    e);
        }
    }
}
