package dev.countersign.safekeeping;

import dev.countersign.kernel.StartFailure;
import dev.countersign.store.RowCode;
import dev.countersign.store.Snapshot;
import dev.countersign.store.TableDigest;
import dev.countersign.store.TableShape;
import dev.countersign.vault.SecretText;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/** A backup that is read. What is in it is believed only where it is as it was written, and used only when all of it is. */
public final class BackupFile {
    private static final int LONGEST_KEY_FILE = 1 << 20;
    private static final int MOST_COLUMNS = 1_000;

    private final Path path;
    private final BackupHeader.Opened opened;

    private BackupFile(Path path, BackupHeader.Opened opened) {
        this.path = path;
        this.opened = opened;
    }

    /** What a backup holds, and that it holds it to its end. */
    public record Verified(BackupHeader header, long tables, long rows, byte[] keyFile) {}

    /** Takes what is in a backup, in its order. */
    interface Visitor {
        /** @param lastNumber the highest number the table has given */
        Snapshot.Reader table(TableShape table, long rows, long lastNumber);

        void done(TableShape table, long lastNumber);
    }

    /** Reads the header. */
    public static BackupFile open(Path path, SecretText passphrase) {
        try (DataInputStream in = data(path)) {
            return new BackupFile(path, BackupHeader.read(in, passphrase));
        } catch (IOException e) {
            throw new StartFailure(StartFailure.Kind.NOT_FOUND, "Cannot read " + path + ": " + e.getMessage(), e);
        }
    }

    public BackupHeader header() {
        return opened.header();
    }

    private static DataInputStream data(Path path) throws IOException {
        return new DataInputStream(new BufferedInputStream(Files.newInputStream(path), 1 << 16));
    }

    /** Reads it to its end. */
    public Verified verify(Progress progress) {
        long[] seen = {0, 0};
        byte[] keyFile = read(new Visitor() {
            @Override
            public Snapshot.Reader table(TableShape table, long rows, long lastNumber) {
                seen[0]++;
                return (place, _) -> {
                    seen[1]++;
                    if (place % 10_000 == 0) {
                        progress.rows(table.name(), place, rows);
                    }
                };
            }

            @Override
            public void done(TableShape table, long lastNumber) {
                // Counts and digests are compared by whoever reads.
            }
        });
        return new Verified(header(), seen[0], seen[1], keyFile);
    }

    /** @return the key file */
    byte[] read(Visitor visitor) {
        try (DataInputStream file = data(path)) {
            file.skipNBytes(opened.length());
            InputStream decrypted = opened.cipher().decrypting(file, opened.about());
            DataInputStream in =
                    new DataInputStream(new BufferedInputStream(new InflaterInputStream(decrypted), 1 << 16));
            byte[] keyFile = keyFile(in);
            while (in.readBoolean()) {
                table(in, visitor);
            }
            requireEnd(in, decrypted, file);
            return keyFile;
        } catch (IOException | IllegalArgumentException e) {
            throw BackupHeader.damaged(e);
        }
    }

    private static void requireEnd(InputStream... streams) throws IOException {
        for (InputStream stream : streams) {
            if (stream.read() != -1) {
                throw new IOException("something follows the end");
            }
        }
    }

    private static byte[] keyFile(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > LONGEST_KEY_FILE) {
            throw new IOException("a key file of " + length + " bytes");
        }
        byte[] keyFile = new byte[length];
        in.readFully(keyFile);
        return keyFile;
    }

    private static void table(DataInputStream in, Visitor visitor) throws IOException {
        TableShape table = shape(in);
        long rows = in.readLong();
        long lastNumber = in.readLong();
        Snapshot.Reader reader = visitor.table(table, rows, lastNumber);
        TableDigest digest = new TableDigest();
        RowCode code = new RowCode();
        while (in.readBoolean()) {
            @Nullable Object[] values = RowCode.decode(table.columns(), in);
            digest.add(code.encode(values));
            reader.row(digest.rows(), values);
        }
        byte[] written = new byte[digest.value().length];
        boolean counted = in.readLong() == digest.rows() && digest.rows() == rows;
        in.readFully(written);
        if (!counted || !Arrays.equals(written, digest.value())) {
            throw new IOException("the rows of " + table.name() + " are not those that were written");
        }
        visitor.done(table, lastNumber);
    }

    private static TableShape shape(DataInputStream in) throws IOException {
        String name = in.readUTF();
        int count = in.readInt();
        if (count < 1 || count > MOST_COLUMNS) {
            throw new IOException("a table of " + count + " columns");
        }
        List<TableShape.Column> columns = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            columns.add(new TableShape.Column(in.readUTF(), TableShape.Kind.valueOf(in.readUTF())));
        }
        return new TableShape(name, columns, Set.of(), Optional.empty());
    }
}
