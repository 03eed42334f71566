package dev.countersign.directory;

import dev.countersign.kernel.StartFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Whether a directory is served. Each server locks a byte of the file {@code countersign.lock}, and whoever must be alone locks
 * all of them. The operating system takes the lock back when a process ends, however it ends.
 */
public final class ServingLock implements AutoCloseable {
    private static final String FILE = "countersign.lock";
    private static final int MOST_SERVERS = 256;

    private final FileChannel channel;

    private ServingLock(FileChannel channel) {
        this.channel = channel;
    }

    /** For a server. */
    public static ServingLock serving(Path data) {
        ServingLock lock = open(data);
        for (int place = 0; place < MOST_SERVERS; place++) {
            if (lock.tryLock(place, 1)) {
                return lock;
            }
        }
        lock.close();
        throw new StartFailure(
                StartFailure.Kind.REFUSED,
                "A restore or a move is under way in " + data + ". Start the server when it is finished.");
    }

    /** For whoever changes everything at once, or must know that nothing changes. */
    public static ServingLock alone(Path data) {
        ServingLock lock = open(data);
        if (lock.tryLock(0, Long.MAX_VALUE)) {
            return lock;
        }
        lock.close();
        throw new StartFailure(
                StartFailure.Kind.REFUSED, "The server of " + data + " is running. Stop it first, and run this again.");
    }

    private static ServingLock open(Path data) {
        try {
            Path file = data.resolve(FILE);
            return new ServingLock(FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE));
        } catch (IOException e) {
            throw new StartFailure(
                    StartFailure.Kind.DIRECTORY_NOT_WRITABLE,
                    "Cannot write to the directory " + data + ". Name another with --data, or give it to this user.",
                    e);
        }
    }

    private boolean tryLock(long from, long length) {
        try {
            Optional<FileLock> lock = Optional.ofNullable(channel.tryLock(from, length, false));
            return lock.isPresent();
        } catch (OverlappingFileLockException e) {
            return false;
        } catch (IOException e) {
            // A file system without locks: nothing can be known, and serving goes on as before.
            return length == 1;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
