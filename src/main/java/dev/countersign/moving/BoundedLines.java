package dev.countersign.moving;

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
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int next;
    private int end;
    private long number;

    BoundedLines(InputStream stream) {
        this.stream = stream;
    }

    /** A line without its end. */
    sealed interface Line {
        record Text(long number, String text) implements Line {}

        record TooLong(long number) implements Line {}

        record NotUtf8(long number) implements Line {}
    }

    /** The next line; nothing at the end. */
    Optional<Line> next() throws IOException {
        if (!fill()) {
            return Optional.empty();
        }
        number++;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        boolean tooLong = false;
        boolean ended = false;
        while (!ended && fill()) {
            int lineEnd = next;
            while (lineEnd < end && buffer[lineEnd] != '\n') {
                lineEnd++;
            }
            tooLong |= bytes.size() + lineEnd - next > LONGEST_BYTES;
            if (!tooLong) {
                bytes.write(buffer, next, lineEnd - next);
            }
            ended = lineEnd < end;
            next = lineEnd + 1;
        }
        return Optional.of(tooLong ? new Line.TooLong(number) : decode(bytes.toByteArray()));
    }

    /** Reads on when everything read has been used; false at the end. */
    private boolean fill() throws IOException {
        if (next >= end) {
            end = stream.read(buffer);
            next = 0;
        }
        return end > 0;
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
