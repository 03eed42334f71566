package dev.countersign.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What {@code bin/countersign} starts Java with. */
public final class Launcher {
    private static final Path SCRIPT = Path.of("bin", "countersign");
    /** A line of one or two, as in {@code flags="$flags -Xss512k"}. */
    private static final Pattern FLAGS = Pattern.compile("flags=\"(?:\\$flags )?(-[^\"$]+)\"");

    private Launcher() {}

    public static List<String> flags() throws IOException {
        List<String> flags = FLAGS.matcher(Files.readString(SCRIPT))
                .results()
                .flatMap(line -> Stream.of(line.group(1).split(" ")))
                .toList();
        assertThat(flags)
                .contains("-XX:+UseSerialGC", "-Xmx384m", "-Dspring.aot.enabled=true")
                .hasSizeGreaterThan(8);
        return flags;
    }
}
