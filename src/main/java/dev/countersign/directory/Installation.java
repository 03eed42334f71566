package dev.countersign.directory;

import dev.countersign.configuration.Settings;
import dev.countersign.kernel.StartFailure;
import dev.countersign.store.Database;
import dev.countersign.store.Databases;
import dev.countersign.store.Times;
import dev.countersign.vault.KeyFile;
import dev.countersign.vault.Place;
import dev.countersign.vault.PrivateFiles;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.TrustedCertificates;
import dev.countersign.vault.Vault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One installation, open: its database and its keys. Opening makes what is missing in a new one, and proves in an old one
 * that database and key file belong together before anything is read with the wrong keys.
 */
public record Installation(Database database, Vault vault) implements AutoCloseable {
    private static final String ID = "countersign";
    private static final Place CHECK = new Place("installation", "sealed_check", ID);
    private static final String DATABASE_FILE = "countersign.db";
    private static final String RESTORING_MARK = "countersign.restoring";

    /** Opens, or creates, the installation these settings name. */
    public static Installation open(Settings settings, Instant now) {
        createDirectory(settings.data());
        settings.trustedCertificates().map(TrustedCertificates::and).ifPresent(TrustedCertificates::useEverywhere);
        refuseUnfinishedRestore(settings);
        boolean newKeys = !Files.exists(settings.keyFile());
        Path file = settings.data().resolve(DATABASE_FILE);
        if (settings.postgresql().isEmpty()) {
            prepareFile(file, newKeys, settings.keyFile());
        }
        if (newKeys && settings.postgresql().isEmpty()) {
            KeyFile.create(settings.keyFile(), now);
        }
        Optional<Vault> vault = newKeys && settings.postgresql().isPresent()
                ? Optional.empty()
                : Optional.of(KeyFile.open(settings.keyFile()));
        Database database =
                settings.postgresql().map(Installation::openPostgresql).orElseGet(() -> Databases.openSqlite(file));
        try {
            Vault opened = vault.orElseGet(() -> newKeysFor(database, settings.keyFile(), now));
            requireMatchingKeys(database, opened, now);
            Accounts.index(database);
            return new Installation(database, opened);
        } catch (StartFailure e) {
            database.close();
            throw e;
        }
    }

    /** Opens an installation that has been started before; a command never makes a new one by a typo in its path. */
    public static Installation openExisting(Settings settings, Instant now) {
        requireExisting(settings);
        return open(settings, now);
    }

    /** Refuses where no installation is. */
    public static void requireExisting(Settings settings) {
        boolean exists = settings.postgresql().isPresent()
                || Files.exists(settings.data().resolve(DATABASE_FILE));
        if (!exists) {
            throw new StartFailure(
                    StartFailure.Kind.NOT_FOUND,
                    "There is no installation in " + settings.data()
                            + ". Name its directory with --data, or create one with: countersign serve --data DIR");
        }
    }

    /** A file that is there while a backup is restored into this directory, and stays if that was not finished. */
    public static Path restoringMark(Settings settings) {
        return settings.data().resolve(RESTORING_MARK);
    }

    private static void refuseUnfinishedRestore(Settings settings) {
        if (Files.exists(restoringMark(settings))) {
            throw new StartFailure(
                    StartFailure.Kind.DATABASE,
                    "A restore into " + settings.data()
                            + " is under way, or was not finished. Run it again: countersign restore FILE");
        }
    }

    /** The file of the embedded database. */
    public static Path databaseFile(Settings settings) {
        return settings.data().resolve(DATABASE_FILE);
    }

    /** The password of the PostgreSQL user; empty without a file for it. */
    public static String databasePassword(Settings.Postgresql settings) {
        return settings.passwordFile().map(Installation::readLine).orElse("");
    }

    /** Makes the directory of an installation where it is missing. */
    public static void createDirectory(Path data) {
        try {
            PrivateFiles.createDirectory(data);
        } catch (IOException e) {
            throw notWritable(data, e);
        }
        if (!Files.isWritable(data)) {
            throw notWritable(data, null);
        }
    }

    private static void prepareFile(Path file, boolean newKeys, Path keyFile) {
        if (Files.exists(file)) {
            PrivateFiles.requirePrivate(file);
            if (newKeys) {
                throw missingKeys(keyFile);
            }
            return;
        }
        try {
            PrivateFiles.create(file);
        } catch (IOException e) {
            throw notWritable(file.toAbsolutePath().getParent(), e);
        }
    }

    private static Vault newKeysFor(Database database, Path keyFile, Instant now) {
        if (isStarted(database)) {
            throw missingKeys(keyFile);
        }
        KeyFile.create(keyFile, now);
        return KeyFile.open(keyFile);
    }

    private static StartFailure missingKeys(Path keyFile) {
        return new StartFailure(
                StartFailure.Kind.KEY_FILE,
                "The database exists but its key file " + keyFile
                        + " does not. Put it back; without it nothing that was sealed can be opened.");
    }

    private static StartFailure notWritable(@Nullable Path directory, @Nullable IOException cause) {
        return new StartFailure(
                StartFailure.Kind.DIRECTORY_NOT_WRITABLE,
                "Cannot write to the directory " + directory + ". Name another with --data, or give it to this user.",
                cause);
    }

    private static Database openPostgresql(Settings.Postgresql settings) {
        return Databases.openPostgresql(settings.url(), settings.user(), databasePassword(settings));
    }

    private static String readLine(Path file) {
        PrivateFiles.requirePrivate(file);
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new StartFailure(StartFailure.Kind.CONFIGURATION, "Cannot read " + file + ": " + e, e);
        }
    }

    @Override
    public void close() {
        database.close();
    }

    private static boolean isStarted(Database database) {
        return InstallationStore.findCheck(database, ID).isPresent();
    }

    /** Whether these keys open what this database holds, now. */
    public boolean hasMatchingKeys() {
        try {
            Optional<byte[]> check = InstallationStore.findCheck(database, ID);
            if (check.isEmpty()) {
                return false;
            }
            vault.open(check.get(), CHECK);
            return true;
        } catch (Vault.NotOurs e) {
            return false;
        }
    }

    /** Writes the check into a new database, or opens it with these keys and refuses when it does not open. */
    private static void requireMatchingKeys(Database database, Vault vault, Instant now) {
        Optional<byte[]> check = InstallationStore.findCheck(database, ID);
        if (check.isEmpty()) {
            byte[] sealed = vault.seal(SecretBytes.of(ID.getBytes(StandardCharsets.UTF_8)), CHECK);
            database.write(() -> InstallationStore.insert(database, ID, sealed, Times.toMillis(now)));
            // Another node may have written its own at the same moment.
            check = InstallationStore.findCheck(database, ID);
        }
        try {
            vault.open(check.orElseThrow(), CHECK);
        } catch (Vault.NotOurs e) {
            throw new StartFailure(
                    StartFailure.Kind.KEY_FILE,
                    "The key file does not belong to this database. Put back the key file this installation was created"
                            + " with, or name it with key-file; where keys were rotated on another node, copy its key"
                            + " file here.",
                    e);
        }
    }
}
