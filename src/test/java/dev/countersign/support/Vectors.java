package dev.countersign.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Published test vectors: files of {@code src/test/resources/vectors}, one case a line, fields separated by one space. */
public final class Vectors {
    private Vectors() {}

    /** The fields of every line that is not a comment; at least one, so that a lost file fails. */
    public static List<List<String>> read(String file) {
        try (InputStream stream = Vectors.class.getResourceAsStream("/vectors/" + file)) {
            if (stream == null) {
                throw new IllegalStateException("there is no file vectors/" + file);
            }
            List<List<String>> cases = new String(stream.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> List.of(line.split(" ", -1)))
                    .toList();
            if (cases.isEmpty()) {
                throw new IllegalStateException("vectors/" + file + " holds no case");
            }
            return cases;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
