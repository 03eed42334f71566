package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code bin/countersign} says to the Java it finds, in an unpacked release, where nothing is built. */
class LauncherTest {
    private static final String OF_ONE_RELEASE = "-XX:+UnlockDiagnosticVMOptions";

    @TempDir
    private Path directory;

    @Test
    void only_java_25_is_told_what_later_ones_may_not_know() throws Exception {
        assertThat(startWith("25.0.1")).contains(OF_ONE_RELEASE).contains("-XX:+UseSerialGC");
        assertThat(startWith("26")).doesNotContain(OF_ONE_RELEASE).contains("-XX:+UseSerialGC");
    }

    @Test
    void options_of_the_user_come_after_ours_so_that_they_win() throws Exception {
        List<String> arguments = startWith("25.0.1");
        assertThat(arguments).contains("-Xmx1g").endsWith("serve");
        assertThat(arguments.indexOf("-Xmx1g")).isGreaterThan(arguments.indexOf("-Xmx384m"));
    }

    /** What a Java of this release is started with: a script in its place writes it down. */
    private List<String> startWith(String release) throws Exception {
        Path root = Files.createDirectory(directory.resolve(release));
        Path bin = Files.createDirectory(root.resolve("bin"));
        for (String script : List.of("countersign", "lib.sh")) {
            Files.copy(Path.of("bin", script), bin.resolve(script));
        }
        Files.createFile(Files.createDirectory(root.resolve("app")).resolve("countersign.jar"));
        Path java = Files.createDirectories(root.resolve("jdk/bin")).resolve("java");
        executable(java, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        Files.writeString(root.resolve("jdk/release"), "JAVA_VERSION=\"" + release + "\"\n");
        Files.setPosixFilePermissions(bin.resolve("countersign"), PosixFilePermissions.fromString("rwxr-xr-x"));
        Path output = root.resolve("output");
        ProcessBuilder process = new ProcessBuilder(bin.resolve("countersign").toString(), "serve")
                .redirectOutput(output.toFile())
                .redirectError(root.resolve("errors").toFile());
        process.environment().put("JAVA_HOME", root.resolve("jdk").toString());
        process.environment().put("COUNTERSIGN_JAVA_OPTIONS", "-Xmx1g");
        assertThat(process.start().waitFor())
                .as(() -> read(root.resolve("errors")))
                .isZero();
        return Files.readAllLines(output);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static void executable(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
