package dev.countersign.safekeeping;

import dev.countersign.configuration.Settings;
import dev.countersign.directory.Installation;
import dev.countersign.directory.ServingLock;
import dev.countersign.kernel.StartFailure;
import dev.countersign.store.CopyTarget;
import dev.countersign.store.Databases;
import dev.countersign.store.Snapshot;
import dev.countersign.store.TableShape;
import dev.countersign.store.UnfinishedCopy;
import dev.countersign.vault.KeyFile;
import dev.countersign.vault.PrivateFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Makes an installation from a backup. While it is under way a mark in the directory, and on PostgreSQL one in the database, keep
 * every server and command out; stopped at any moment, it is done by doing it again.
 *
 * <p>An embedded database is made beside its place and gets its name at the end. What {@code --replace} replaces keeps its file
 * under another name on SQLite, and goes on PostgreSQL.
 */
public final class Restore implements AutoCloseable {
    private static final String UNFINISHED = ".restoring";

    private final Settings settings;
    private final BackupFile backup;
    private final BackupFile.Verified verified;
    private final ServingLock lock;
    private final Path database;
    private final Path keyFile;

    private Restore(Settings settings, BackupFile backup, BackupFile.Verified verified, ServingLock lock) {
        this.settings = settings;
        this.backup = backup;
        this.verified = verified;
        this.lock = lock;
        this.database = beside(Installation.databaseFile(settings), UNFINISHED);
        this.keyFile = beside(settings.keyFile(), UNFINISHED);
    }

    private static Path beside(Path file, String ending) {
        return file.resolveSibling(file.getFileName() + ending);
    }

    /**
     * Reads the whole backup, looks whether there is room for it, and keeps everybody else out from now on.
     *
     * @param replace whether what is there already may go
     */
    public static Restore begin(Settings settings, BackupFile backup, boolean replace, Progress progress) {
        BackupFile.Verified verified = backup.verify(progress);
        Installation.createDirectory(settings.data());
        ServingLock lock = ServingLock.alone(settings.data());
        try {
            Restore restore = new Restore(settings, backup, verified, lock);
            boolean again = Files.exists(Installation.restoringMark(settings));
            restore.requireRoom(replace || again);
            restore.mark();
            return restore;
        } catch (RuntimeException | IOException e) {
            lock.close();
            throw failed(e);
        }
    }

    private static RuntimeException failed(Exception why) {
        return why instanceof RuntimeException known
                ? known
                : new StartFailure(
                        StartFailure.Kind.DIRECTORY_NOT_WRITABLE, "The restore cannot write a file: " + why, why);
    }

    private void requireRoom(boolean replace) throws IOException {
        if (settings.postgresql().isPresent()) {
            try (CopyTarget target = target()) {
                requireRoomInPostgresql(target, replace);
            }
        } else if (Files.exists(Installation.databaseFile(settings)) && !replace) {
            throw notEmpty(settings.data().toString());
        }
        boolean otherKeys = Files.exists(settings.keyFile())
                && !Arrays.equals(Files.readAllBytes(settings.keyFile()), verified.keyFile());
        if (otherKeys && !replace) {
            throw BackupHeader.refused("There is another key file at " + settings.keyFile()
                    + ". Name an empty directory, or replace what is there with --replace.");
        }
    }

    private static void requireRoomInPostgresql(CopyTarget target, boolean replace) {
        boolean begun = target.unfinished()
                .filter(copy -> copy.kind() == UnfinishedCopy.Kind.RESTORE)
                .isPresent();
        if (begun || target.isEmpty()) {
            return;
        }
        if (!replace) {
            throw notEmpty("the database at database-url");
        }
        if (target.others() > 0) {
            throw BackupHeader.refused("Others have the database open (" + target.others()
                    + " connections). Stop every server, and every pooler between, and run this again.");
        }
    }

    private static StartFailure notEmpty(String where) {
        return BackupHeader.refused("There is an installation in " + where
                + " already. Restore into an empty one, or lose what is there with --replace.");
    }

    private void mark() throws IOException {
        Path mark = Installation.restoringMark(settings);
        if (!Files.exists(mark)) {
            PrivateFiles.create(mark);
        }
        PrivateFiles.synchronise(settings.data());
    }

    private CopyTarget target() {
        return settings.postgresql()
                .map(there -> CopyTarget.postgresql(there.url(), there.user(), Installation.databasePassword(there)))
                .orElseGet(() -> CopyTarget.sqlite(database));
    }

    /** Fills the database, and opens it for {@link Restored}. */
    public Installation build(Progress progress) {
        try {
            write(keyFile, verified.keyFile());
            if (settings.postgresql().isEmpty()) {
                deleteDatabase(database);
                PrivateFiles.create(database);
            }
            fill(progress);
            return new Installation(
                    settings.postgresql()
                            .map(there -> Databases.openUnfinishedPostgresql(
                                    there.url(), there.user(), Installation.databasePassword(there)))
                            .orElseGet(() -> Databases.openUnfinishedSqlite(database)),
                    KeyFile.open(keyFile));
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private static void write(Path file, byte[] contents) throws IOException {
        Files.deleteIfExists(file);
        PrivateFiles.create(file);
        Files.write(file, contents, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
    }

    private static void deleteDatabase(Path file) throws IOException {
        for (String ending : new String[] {"", "-wal", "-shm", "-journal"}) {
            Files.deleteIfExists(beside(file, ending));
        }
    }

    private void fill(Progress progress) {
        try (CopyTarget target = target()) {
            int schema = backup.header().schema();
            if (schema > target.knownSchema()) {
                throw new StartFailure(
                        StartFailure.Kind.SCHEMA_NEWER,
                        "The backup has schema version " + schema + ", this program knows version "
                                + target.knownSchema() + ". Restore it with the newer Countersign.");
            }
            if (settings.postgresql().isPresent()) {
                target.clear();
            }
            target.begin(
                    new UnfinishedCopy(
                            UnfinishedCopy.Kind.RESTORE, backup.header().id()),
                    schema);
            backup.read(new Filling(target, progress));
            target.settle();
        }
    }

    /** Writes what is read. */
    private static final class Filling implements BackupFile.Visitor {
        private final CopyTarget target;
        private final Progress progress;
        private final AtomicReference<CopyTarget.@Nullable Rows> current = new AtomicReference<>();

        Filling(CopyTarget target, Progress progress) {
            this.target = target;
            this.progress = progress;
        }

        @Override
        public Snapshot.Reader table(TableShape table, long rows, long lastNumber) {
            CopyTarget.Rows into = target.into(table, done -> progress.rows(table.name(), done, rows));
            current.set(into);
            return into;
        }

        @Override
        public void done(TableShape table, long lastNumber) {
            CopyTarget.Rows into = current.get();
            if (into == null) {
                throw new IllegalStateException("no table is open");
            }
            into.finish(lastNumber);
        }
    }

    /** Gives everything its name and lets servers in again. The installation is closed, and whole. */
    public void finish() {
        try {
            if (settings.postgresql().isEmpty()) {
                keepFormer(Installation.databaseFile(settings), "", "-wal");
                Files.deleteIfExists(beside(Installation.databaseFile(settings), "-shm"));
                synchronise(database);
                Files.move(database, Installation.databaseFile(settings), StandardCopyOption.ATOMIC_MOVE);
            }
            if (Files.exists(settings.keyFile())
                    && !Arrays.equals(Files.readAllBytes(settings.keyFile()), verified.keyFile())) {
                keepFormer(settings.keyFile(), "");
            }
            Files.move(keyFile, settings.keyFile(), StandardCopyOption.ATOMIC_MOVE);
            PrivateFiles.synchronise(settings.keyFile().toAbsolutePath().getParent());
            PrivateFiles.synchronise(settings.data());
            Files.delete(Installation.restoringMark(settings));
            PrivateFiles.synchronise(settings.data());
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private void keepFormer(Path file, String... endings) throws IOException {
        for (String ending : endings) {
            Path former = beside(file, ending);
            if (Files.exists(former)) {
                Files.move(former, beside(file, ".before-" + backup.header().id() + ending));
            }
        }
    }

    private static void synchronise(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    @Override
    public void close() {
        lock.close();
    }
}
