package dev.countersign.moving;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The lines of a file in UTF-8, none longer than a bound: of one that is, only that it is there is remembered. */
final class BoundedLines implements AutoCloseable {
    private static final int LONGEST_BYTES = 64 * 1024;
    private static final int BUFFER_BYTES = 1 << 16;

    private final InputStream stream;
    private long number;

    BoundedLines(InputStream stream) {
        this.stream = new BufferedInputStream(stream, BUFFER_BYTES);
    }

    /** A line without its end. */
    sealed interface Line {
        record Text(long number, String text) implements Line {}

        record TooLong(long number) implements Line {}

        record NotUtf8(long number) implements Line {}
    }

    /** The next line; nothing at the end. */
    Optional<Line> next() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        boolean tooLong = false;
        int read = stream.read();
        if (read < 0) {
            return Optional.empty();
        }
        number++;
        for (; read >= 0 && read != '\n'; read = stream.read()) {
            if (bytes.size() < LONGEST_BYTES) {
                bytes.write(read);
            } else {
                tooLong = true;
            }
        }
        return Optional.of(tooLong ? new Line.TooLong(number) : decode(bytes.toByteArray()));
    }

    private Line decode(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            String line = text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
            return new Line.Text(number, number == 1 && line.startsWith("\uFEFF") ? line.substring(1) : line);
        } catch (CharacterCodingException e) {
            return new Line.NotUtf8(number);
        }
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
