package dev.countersign.vault;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The keys in a file that may change while the server runs. A file that cannot be read leaves the keys as they were. Thread-safe. */
final class WatchedKeys {
    private static final Logger LOG = LoggerFactory.getLogger(WatchedKeys.class);
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Path file;
    private volatile Keys keys;
    private volatile @Nullable Stamp stamp;
    private volatile Optional<String> fault = Optional.empty();
    private volatile long lookedAt = System.nanoTime();

    /** What changes when a file is written or another takes its place. */
    private record Stamp(
            FileTime modified, long size, @Nullable Object file) {
        static @Nullable Stamp of(Path file) {
            try {
                BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
                return new Stamp(now.lastModifiedTime(), now.size(), now.fileKey());
            } catch (IOException e) {
                return null;
            }
        }
    }

    WatchedKeys(Path file) {
        this.file = file;
        this.stamp = Stamp.of(file);
        this.keys = KeyFile.read(file);
    }

    /** The keys, at most a second behind the file. */
    Keys current() {
        long now = System.nanoTime();
        if (now - lookedAt >= LOOK_NANOS) {
            lookedAt = now;
            return lookAgain();
        }
        return keys;
    }

    /** The keys of the file at this moment. */
    Keys lookAgain() {
        Stamp now = Stamp.of(file);
        if (now != null && !now.equals(stamp)) {
            readAgain(now);
        }
        return keys;
    }

    /** Why the file cannot be used as it is now, if so. */
    Optional<String> fault() {
        lookAgain();
        return Files.isReadable(file)
                ? fault
                : Optional.of("The key file " + file + " is not there, or cannot be read.");
    }

    private synchronized void readAgain(Stamp now) {
        if (now.equals(stamp)) {
            return;
        }
        try {
            keys = KeyFile.read(file);
            fault = Optional.empty();
            LOG.info("the key file has changed: {} keys", keys.infos().size());
        } catch (RuntimeException e) {
            fault = Optional.of(String.valueOf(e.getMessage()));
            LOG.warn("the key file has changed and cannot be used; the keys stay as they were: {}", e.getMessage());
        }
        stamp = now;
    }
}
