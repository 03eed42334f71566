package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.configuration.SettingKey;
import dev.countersign.support.Launcher;
import dev.countersign.support.ServerProcess;
import dev.countersign.support.Soon;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The jar that is shipped, started with the flags of the launcher: its beans were put together when it was built, which no test of
 * classes sees. Runs after the jar was made.
 */
@Tag("shipped")
class ShippedServerTest {
    private static final Path JAR = Path.of("target", "countersign.jar");

    @TempDir
    private Path data;

    @Test
    void serves_with_every_part_that_settings_switch_on() throws Exception {
        Map<SettingKey, String> everything = Map.of(
                SettingKey.DATA, data.toString(),
                SettingKey.PORT, "0",
                SettingKey.MANAGEMENT_PORT, "0",
                SettingKey.TRACES_ENDPOINT, "http://127.0.0.1:9/v1/traces");
        try (ServerProcess server = ServerProcess.startWith(program(), everything)) {
            assertServes(server);
            assertThat(server.output()).doesNotContain("Exception");
        }
    }

    @Test
    void ac_245_serves_with_nothing_but_a_directory_on_one_port_and_ends_well() throws Exception {
        try (ServerProcess server = ServerProcess.start(program(), data)) {
            assertServes(server);
            assertThat(listening(server.pid()))
                    .as("no port for debuggers or management")
                    .containsExactly(server.port());
            server.askToEnd();
            assertThat(server.exitCode()).as(server.output()).isZero();
            assertThat(server.output()).doesNotContain("Exception");
        }
    }

    /** The ports on which a process of this machine takes TCP connections, proc(5). */
    private static Set<Integer> listening(long pid) throws IOException {
        Set<String> sockets = new HashSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
            for (Path file : files) {
                if (Files.isSymbolicLink(file)) {
                    sockets.add(Files.readSymbolicLink(file).toString());
                }
            }
        }
        Set<Integer> ports = new TreeSet<>();
        for (String table : List.of("tcp", "tcp6")) {
            Files.readAllLines(Path.of("/proc", Long.toString(pid), "net", table)).stream()
                    .map(line -> line.strip().split("\\s+", -1))
                    .filter(words -> words[3].equals("0A") && sockets.contains("socket:[" + words[9] + "]"))
                    .forEach(words -> ports.add(Integer.parseInt(words[1].replaceFirst(".*:", ""), 16)));
        }
        return ports;
    }

    private static void assertServes(ServerProcess server) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            assertThat(Soon.becomes(() -> status(client, server.port(), "/health/ready") == 200))
                    .as(() -> server.output())
                    .isTrue();
            assertThat(status(client, server.port(), "/sign-in")).isEqualTo(200);
            assertThat(status(client, server.port(), "/console")).isEqualTo(303);
            assertThat(status(client, server.port(), "/api/v1/session")).isEqualTo(401);
        }
    }

    private static int status(HttpClient client, int port, String path) {
        try {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> program() throws IOException {
        List<String> program = new ArrayList<>();
        program.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        program.addAll(Launcher.flags());
        program.addAll(List.of("-jar", JAR.toString()));
        return program;
    }
}
