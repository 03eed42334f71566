package dev.countersign.witness;

import dev.countersign.activity.Checkpoint;
import dev.countersign.activity.LogLines;
import dev.countersign.activity.SealedCheckpoint;
import dev.countersign.vault.PrivateFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A file that only grows, one line a checkpoint, on disk when {@link #tell} returns. It is opened anew each time: tools that
 * rotate it may move it away whenever they want. Used by one thread.
 */
final class FileSink implements Sink {
    private static final int TAIL_BYTES = 4 * 1024 * 1024;

    private final Path file;
    private final String machine;

    FileSink(Path file, String machine) {
        this.file = file;
        this.machine = machine;
    }

    @Override
    public String name() {
        return "file " + machine + " " + file;
    }

    @Override
    public void tell(List<SealedCheckpoint> checkpoints) throws IOException {
        createPrivate();
        StringBuilder lines = new StringBuilder();
        checkpoints.forEach(each -> lines.append(LogLines.of(each)).append('\n'));
        ByteBuffer bytes = ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            while (bytes.hasRemaining()) {
                int ignored = channel.write(bytes);
            }
            channel.force(true);
        }
    }

    private void createPrivate() throws IOException {
        try {
            if (!Files.exists(file)) {
                PrivateFiles.create(file);
            }
        } catch (FileAlreadyExistsException e) {
            // Another process was faster.
        }
    }

    /** The last checkpoint of each environment near the end of the file. */
    Map<String, Checkpoint> lastLines() throws IOException {
        Map<String, Checkpoint> last = new HashMap<>();
        if (Files.exists(file)) {
            tail().lines()
                    .forEach(line -> LogLines.checkpoint(line)
                            .map(SealedCheckpoint::checkpoint)
                            .ifPresent(checkpoint -> last.put(checkpoint.environment(), checkpoint)));
        }
        return last;
    }

    private String tail() throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
            long begin = Math.max(0, open.length() - TAIL_BYTES);
            byte[] bytes = new byte[Math.toIntExact(open.length() - begin)];
            open.seek(begin);
            open.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
