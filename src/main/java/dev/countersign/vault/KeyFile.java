package dev.countersign.vault;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.aead.AeadConfig2026;
import com.google.crypto.tink.prf.PrfConfig2026;
import com.google.crypto.tink.prf.PrfSet;
import dev.countersign.kernel.StartFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.List;

/**
 * The key file: lines of {@code name=value}. {@code sealing} and {@code hashing} are Tink keysets in JSON; {@code made} and
 * {@code primary} say of each key since when it is there and since when new values are sealed with it. It lies outside the
 * database, belongs to the server's user alone (0600), and everything sealed is lost without it.
 */
public final class KeyFile {
    private KeyFile() {}

    /** Writes new keys to {@code file}, which must not exist. */
    public static void create(Path file, Instant now) {
        try {
            String text = KeyRing.create(now).text();
            PrivateFiles.create(file);
            Files.writeString(file, text, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
        } catch (IOException e) {
            throw notWritable(file, e);
        }
    }

    /** Opens the keys in {@code file}; refuses one that other users of the machine can read. */
    public static Vault open(Path file) {
        return new Vault(new WatchedKeys(file));
    }

    /** Adds a key that opens and does not seal yet, so that it can be brought to every node first; its id. */
    public static String add(Path file, Instant now) {
        KeyRing ring = ring(file);
        KeyRing more = ring.withNewKey(now);
        replace(file, more);
        return more.infos().getLast().id();
    }

    /** Seals and hashes with this key from now on. */
    public static void promote(Path file, String id, Instant now) {
        replace(file, ring(file).withPrimary(id, now));
    }

    /** Removes a key, from what seals, from what hashes, or both. Neither may be the primary one. */
    public static void remove(Path file, String id, boolean sealing, boolean hashing) {
        replace(file, ring(file).without(id, sealing, hashing));
    }

    static Keys read(Path file) {
        return keys(ring(file), file);
    }

    private static KeyRing ring(Path file) {
        PrivateFiles.requirePrivate(file);
        try {
            return KeyRing.parse(Files.readAllLines(file, StandardCharsets.UTF_8));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw unreadable(file, e);
        }
    }

    private static Keys keys(KeyRing ring, Path file) {
        try {
            KeysetHandle sealing = ring.sealing();
            KeysetHandle hashing = ring.hashing();
            return new Keys(
                    sealing.getPrimitive(AeadConfig2026.get(), Aead.class),
                    hashing.getPrimitive(PrfConfig2026.get(), PrfSet.class),
                    ring.infos(),
                    ring.hashingIds());
        } catch (GeneralSecurityException e) {
            throw unreadable(file, e);
        }
    }

    /** Another file takes the place of this one at once: whoever reads meanwhile, or after the power failed, finds one or the other whole. */
    private static void replace(Path file, KeyRing ring) {
        Path target = file.toAbsolutePath();
        Path next = target.resolveSibling(target.getFileName() + ".new");
        try {
            Files.deleteIfExists(next);
            PrivateFiles.create(next);
            try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
                ByteBuffer text = ByteBuffer.wrap(ring.text().getBytes(StandardCharsets.UTF_8));
                while (text.hasRemaining()) {
                    channel.write(text);
                }
                channel.force(true);
            }
            Files.move(next, target, StandardCopyOption.ATOMIC_MOVE);
            syncDirectory(target);
        } catch (IOException e) {
            throw notWritable(file, e);
        }
    }

    /** So that the new name survives a power failure too; not every file system lets a directory be opened. */
    private static void syncDirectory(Path file) throws IOException {
        Path directory = file.getParent();
        if (directory == null || !Files.getFileStore(directory).supportsFileAttributeView("posix")) {
            return;
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static StartFailure notWritable(Path file, IOException cause) {
        return new StartFailure(
                StartFailure.Kind.DIRECTORY_NOT_WRITABLE, "Cannot write the key file " + file + ": " + cause, cause);
    }

    private static StartFailure unreadable(Path file, Exception cause) {
        return new StartFailure(
                StartFailure.Kind.KEY_FILE,
                "The key file " + file + " cannot be read as keys. Put back the file this installation was created"
                        + " with; without it nothing that was sealed can be opened.",
                cause);
    }

    /** All files that hold keys beside {@code file}: what a write that was interrupted has left. */
    public static List<Path> leftovers(Path file) {
        Path next = file.toAbsolutePath().resolveSibling(file.getFileName() + ".new");
        return Files.exists(next) ? List.of(next) : List.of();
    }
}
