package dev.countersign.safekeeping;

import dev.countersign.kernel.StartFailure;
import dev.countersign.store.RowCode;
import dev.countersign.store.Snapshot;
import dev.countersign.store.TableDigest;
import dev.countersign.store.TableShape;
import dev.countersign.vault.BackupCipher;
import dev.countersign.vault.PrivateFiles;
import dev.countersign.vault.SecretText;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * Writes a backup: the header, then, compressed and encrypted, the key file and every table with a count and a digest behind its
 * rows. The file gets its name when it is whole and on disk.
 */
final class BackupWriter {
    private static final int PROGRESS_ROWS = 10_000;

    private final Snapshot snapshot;
    private final BackupHeader header;
    private final BackupCipher cipher;
    private final Progress progress;
    private final RowCode code = new RowCode();

    BackupWriter(Snapshot snapshot, BackupHeader header, SecretText passphrase, Progress progress) {
        this.snapshot = snapshot;
        this.header = header;
        this.cipher = BackupCipher.of(passphrase, header.salt(), header.cost());
        this.progress = progress;
    }

    void write(Path file, byte[] keyFile) {
        Path part = file.resolveSibling(file.getFileName() + "." + header.id() + ".part");
        try {
            PrivateFiles.create(part);
            try {
                try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
                    OutputStream out = new BufferedOutputStream(java.nio.channels.Channels.newOutputStream(channel));
                    out.write(header.bytes());
                    out.write(header.check(cipher));
                    contents(out, keyFile);
                    channel.force(true);
                }
                Files.move(part, file);
                PrivateFiles.synchronise(file.toAbsolutePath().getParent());
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            throw new StartFailure(
                    StartFailure.Kind.DIRECTORY_NOT_WRITABLE, "The backup " + file + " cannot be written: " + e, e);
        }
    }

    private void contents(OutputStream to, byte[] keyFile) throws IOException {
        OutputStream encrypted = cipher.encrypting(new LeftOpen(to), header.bytes());
        Deflater fast = new Deflater(Deflater.BEST_SPEED);
        DataOutputStream out = new DataOutputStream(
                new BufferedOutputStream(new DeflaterOutputStream(encrypted, fast, 1 << 16), 1 << 16));
        out.writeInt(keyFile.length);
        out.write(keyFile);
        for (TableShape table : snapshot.tables()) {
            out.writeBoolean(true);
            table(table, out);
        }
        out.writeBoolean(false);
        out.close();
        fast.end();
    }

    /** The cipher writes its end when it is closed; what is below is synchronised with the disk after that. */
    private static final class LeftOpen extends OutputStream {
        private final OutputStream to;

        LeftOpen(OutputStream to) {
            this.to = to;
        }

        @Override
        public void write(int b) throws IOException {
            to.write(b);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            to.write(bytes, from, length);
        }

        @Override
        public void close() throws IOException {
            to.flush();
        }
    }

    private void table(TableShape table, DataOutputStream out) throws IOException {
        out.writeUTF(table.name());
        out.writeInt(table.columns().size());
        for (TableShape.Column column : table.columns()) {
            out.writeUTF(column.name());
            out.writeUTF(column.kind().name());
        }
        long all = snapshot.count(table);
        out.writeLong(all);
        out.writeLong(snapshot.lastNumber(table));
        TableDigest digest = new TableDigest();
        snapshot.read(table, 0, (_, values) -> {
            byte[] row = code.encode(values);
            digest.add(row);
            out.writeBoolean(true);
            out.write(row);
            if (digest.rows() % PROGRESS_ROWS == 0) {
                progress.rows(table.name(), digest.rows(), all);
            }
        });
        out.writeBoolean(false);
        out.writeLong(digest.rows());
        out.write(digest.value());
        progress.rows(table.name(), digest.rows(), all);
    }
}
