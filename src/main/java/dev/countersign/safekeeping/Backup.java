package dev.countersign.safekeeping;

import dev.countersign.configuration.Settings;
import dev.countersign.directory.Installation;
import dev.countersign.kernel.StartFailure;
import dev.countersign.store.Snapshot;
import dev.countersign.vault.BackupCipher;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.SecretText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;

/** Makes a backup of an installation, whether its server runs or not. */
public final class Backup {
    private static final int SALT_BYTES = 16;
    private static final int ATTEMPTS = 5;

    private Backup() {}

    /**
     * What was written.
     *
     * @param bytes the size of the file
     */
    public record Written(BackupHeader header, long bytes) {}

    /** Writes the installation these settings name to {@code file}, which does not exist yet. */
    public static Written write(
            Settings settings,
            Path file,
            SecretText passphrase,
            Randomness randomness,
            Instant now,
            Progress progress) {
        requireLong(passphrase);
        if (Files.exists(file)) {
            throw BackupHeader.refused(file + " is there already, and is not overwritten. Name another file.");
        }
        for (int attempt = 1; ; attempt++) {
            byte[] keyFile = keyFile(settings);
            try (Snapshot snapshot = snapshot(settings)) {
                // Keys change while others write: those that fit the snapshot are there before it and after it.
                if (Arrays.equals(keyFile, keyFile(settings))) {
                    BackupHeader header = new BackupHeader(
                            randomness.identifier(),
                            snapshot.schema(),
                            snapshot.installation(),
                            now,
                            randomness.bytes(SALT_BYTES).reveal(),
                            BackupCipher.Cost.DEFAULT);
                    new BackupWriter(snapshot, header, passphrase, progress).write(file, keyFile);
                    return new Written(header, size(file));
                }
            }
            if (attempt == ATTEMPTS) {
                throw BackupHeader.refused("The key file changes all the time. Try again in a minute.");
            }
        }
    }

    private static void requireLong(SecretText passphrase) {
        if (passphrase.reveal().length() < BackupCipher.SHORTEST_PASSPHRASE) {
            throw BackupHeader.refused("The passphrase needs " + BackupCipher.SHORTEST_PASSPHRASE
                    + " characters or more: whoever has the file can try as many as they like.");
        }
    }

    /** The installation's database as it is now. */
    static Snapshot snapshot(Settings settings) {
        return settings.postgresql()
                .map(there -> Snapshot.ofPostgresql(there.url(), there.user(), Installation.databasePassword(there)))
                .orElseGet(() -> Snapshot.ofSqlite(Installation.databaseFile(settings)));
    }

    private static byte[] keyFile(Settings settings) {
        try {
            return Files.readAllBytes(settings.keyFile());
        } catch (IOException e) {
            throw new StartFailure(
                    StartFailure.Kind.KEY_FILE, "Cannot read the key file " + settings.keyFile() + ": " + e, e);
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new StartFailure(StartFailure.Kind.NOT_FOUND, "The backup " + file + " is gone again: " + e, e);
        }
    }
}
