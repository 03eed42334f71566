package dev.countersign.safekeeping;

import dev.countersign.configuration.Settings;
import dev.countersign.directory.Installation;
import dev.countersign.directory.ServingLock;
import dev.countersign.kernel.StartFailure;
import dev.countersign.store.CopyTarget;
import dev.countersign.store.Databases;
import dev.countersign.store.RowCode;
import dev.countersign.store.Snapshot;
import dev.countersign.store.TableDigest;
import dev.countersign.store.TableShape;
import dev.countersign.store.UnfinishedCopy;
import dev.countersign.vault.KeyFile;
import dev.countersign.vault.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Copies an embedded installation to PostgreSQL. The source is read only, and is the same byte by byte before and after; its
 * server is stopped, so that nothing is acknowledged that the copy does not have. Stopped at any moment, it goes on where it was.
 */
public final class Move implements AutoCloseable {
    private final Settings settings;
    private final Settings.Postgresql there;
    private final ServingLock lock;
    private final Path file;
    private final String state;

    private Move(Settings settings, Settings.Postgresql there, ServingLock lock) {
        this.settings = settings;
        this.there = there;
        this.lock = lock;
        this.file = Installation.databaseFile(settings);
        this.state = state(file);
    }

    /** What was copied. */
    public record Copied(int tables, long rows, boolean resumed) {}

    /** Keeps servers out of the source until this is closed. */
    public static Move begin(Settings settings, Settings.Postgresql there) {
        if (!Files.isRegularFile(Installation.databaseFile(settings))) {
            throw new StartFailure(
                    StartFailure.Kind.NOT_FOUND,
                    "There is no embedded installation in " + settings.data() + ". Name its directory with --data.");
        }
        if (Files.exists(Installation.restoringMark(settings))) {
            throw BackupHeader.refused("A restore into " + settings.data() + " was not finished. Finish it first.");
        }
        return new Move(settings, there, ServingLock.alone(settings.data()));
    }

    /** The state of the embedded database: all of its bytes, also those in its log that are not copied back yet. */
    private static String state(Path file) {
        MessageDigest digest = Sha256.begin();
        try {
            add(digest, file);
            Path log = file.resolveSibling(file.getFileName() + "-wal");
            if (Files.exists(log)) {
                add(digest, log);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new StartFailure(StartFailure.Kind.DATABASE, "Cannot read " + file + ": " + e, e);
        }
    }

    private static void add(MessageDigest digest, Path file) throws IOException {
        byte[] buffer = new byte[1 << 20];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
    }

    /**
     * Copies what is not copied yet, and compares all of it.
     *
     * @param anew begins anew what an earlier move left
     */
    public Copied copy(boolean anew, Progress progress) {
        try (Snapshot source = Snapshot.ofSqlite(file)) {
            boolean resumed;
            long rows = 0;
            List<TableShape> tables = source.tables();
            try (CopyTarget target = CopyTarget.postgresql(there.url(), there.user(), password())) {
                resumed = prepare(source, target, anew);
                for (TableShape table : tables) {
                    rows += copy(source, target, table, progress);
                }
                target.settle();
            }
            if (!state.equals(state(file))) {
                throw BackupHeader.refused(
                        "Something has written to " + file + " meanwhile. Stop it, and begin anew with --anew.");
            }
            return new Copied(tables.size(), rows, resumed);
        } catch (IOException e) {
            throw new StartFailure(StartFailure.Kind.DATABASE, "The copy stopped: " + e, e);
        }
    }

    private String password() {
        return Installation.databasePassword(there);
    }

    /** Whether an earlier move goes on. */
    private boolean prepare(Snapshot source, CopyTarget target, boolean anew) {
        UnfinishedCopy copy = new UnfinishedCopy(UnfinishedCopy.Kind.MOVE, state);
        if (target.unfinished().filter(copy::equals).isPresent() && !anew) {
            return true;
        }
        if (target.unfinished().isPresent()) {
            if (!anew) {
                throw BackupHeader.refused(
                        "The database has the beginning of another copy: of another installation, or of"
                                + " this one before something was changed in it. Begin anew with --anew.");
            }
            target.clear();
        }
        if (!target.isEmpty()) {
            throw BackupHeader.refused("The database is not empty. Name an empty one.");
        }
        if (source.schema() != target.knownSchema()) {
            throw BackupHeader.refused(
                    "The installation has schema version " + source.schema() + ", this program " + target.knownSchema()
                            + ". Start the server of this program on it once, stop it, and run this again.");
        }
        target.begin(copy, source.schema());
        return false;
    }

    private static long copy(Snapshot source, CopyTarget target, TableShape table, Progress progress)
            throws IOException {
        long all = source.count(table);
        CopyTarget.Rows rows = target.into(table, done -> progress.rows(table.name(), done, all));
        source.read(table, rows.place(), rows);
        return rows.finish(source.lastNumber(table)).rows();
    }

    /** Reads every row on both sides again and compares. */
    public void verify(Progress progress) {
        try (Snapshot source = Snapshot.ofSqlite(file);
                Snapshot copy = Snapshot.ofPostgresql(there.url(), there.user(), password())) {
            List<TableShape> copied = copy.tables();
            for (TableShape table : source.tables()) {
                TableShape twin = copied.stream()
                        .filter(other -> other.name().equals(table.name()))
                        .findAny()
                        .orElseThrow()
                        .inOrderOf(table);
                long all = source.count(table);
                TableDigest ours = digest(source, table);
                TableDigest theirs = digest(copy, twin);
                boolean same = ours.rows() == theirs.rows()
                        && Arrays.equals(ours.value(), theirs.value())
                        && source.lastNumber(table) == copy.lastNumber(twin);
                if (!same) {
                    throw new StartFailure(
                            StartFailure.Kind.DATABASE,
                            "The table " + table.name() + " is not the same on both sides (" + ours.rows()
                                    + " rows here, " + theirs.rows()
                                    + " there). Nothing is served from the copy; begin anew with --anew.");
                }
                progress.rows(table.name(), theirs.rows(), all);
            }
        } catch (IOException e) {
            throw new StartFailure(StartFailure.Kind.DATABASE, "The comparison stopped: " + e, e);
        }
    }

    private static TableDigest digest(Snapshot snapshot, TableShape table) throws IOException {
        TableDigest digest = new TableDigest();
        RowCode code = new RowCode();
        snapshot.read(table, 0, (_, values) -> digest.add(code.encode(values)));
        return digest;
    }

    /** Opens the copy for {@link Moved}, with the same keys. */
    public Installation open() {
        return new Installation(
                Databases.openUnfinishedPostgresql(there.url(), there.user(), password()),
                KeyFile.open(settings.keyFile()));
    }

    @Override
    public void close() {
        lock.close();
    }
}
