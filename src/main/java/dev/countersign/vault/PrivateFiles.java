package dev.countersign.vault;

import dev.countersign.kernel.StartFailure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Files and directories that belong to the server's user alone. On file systems without POSIX modes nothing is checked. */
public final class PrivateFiles {
    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    private static final AtomicLong TRIALS = new AtomicLong();

    private PrivateFiles() {}

    /** Creates an empty file with mode 0600; fails if it exists. */
    public static void create(Path file) throws IOException {
        if (hasModes(file)) {
            Files.createFile(file, mode("rw-------"));
        } else {
            Files.createFile(file);
        }
    }

    /** Tried with a file that is gone at once: permissions alone say yes to root, also where nothing can be written. */
    public static boolean takesFiles(Path directory) {
        Path trial = directory.resolve(
                ".countersign-trial-" + ProcessHandle.current().pid() + "-" + TRIALS.incrementAndGet());
        try {
            Files.newByteChannel(
                            trial,
                            StandardOpenOption.CREATE_NEW,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.DELETE_ON_CLOSE)
                    .close();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Creates the directory, and those above it, with mode 0700 where they are missing. */
    public static void createDirectory(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        if (hasModes(directory)) {
            Files.createDirectories(directory, mode("rwx------"));
        } else {
            Files.createDirectories(directory);
        }
    }

    /** Names in this directory are on disk when this returns, where the system can say so. */
    public static void synchronise(@Nullable Path directory) {
        if (directory == null) {
            return;
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Windows opens no directories, and writes names through by itself.
        }
    }

    /** Refuses a file that users other than its owner can read or write. */
    public static void requirePrivate(Path file) {
        try {
            if (!hasModes(file)) {
                return;
            }
            Set<PosixFilePermission> modes = EnumSet.copyOf(Files.getPosixFilePermissions(file));
            modes.retainAll(OTHERS);
            if (!modes.isEmpty()) {
                throw new StartFailure(
                        StartFailure.Kind.FILE_PERMISSIONS,
                        "Other users of this machine can read or change " + file + ". Run: chmod 600 " + file);
            }
        } catch (IOException e) {
            throw new StartFailure(StartFailure.Kind.FILE_PERMISSIONS, "Cannot look at " + file + ": " + e, e);
        }
    }

    private static boolean hasModes(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private static FileAttribute<Set<PosixFilePermission>> mode(String mode) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode));
    }
}
