package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.Sealing;
import dev.countersign.kernel.StartFailure.Kind;
import dev.countersign.store.Database;
import dev.countersign.support.TestClock;
import dev.countersign.support.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code countersign activity verify}, {@code public-key} and {@code export --format proof}. */
class ActivityProofCommandsTest {
    private static Typed type(TestServer server, String... words) {
        return Typed.on(server.directory(), server.clock(), words);
    }

    @Test
    void a_log_is_proved_here_and_by_a_file_and_a_key_alone() throws IOException {
        try (TestServer server = TestServer.start()) {
            server.person("bea");
            server.get(Sealing.class)
                    .seal(server.environment().id(), server.clock().instant());
            server.clock().advance(Duration.ofMinutes(10));
            Typed intact = type(server, "activity", "verify");
            assertThat(intact.code()).as("%s", intact).isZero();
            assertThat(intact.out()).startsWith("ok").contains("checkpoints 1 to ");
            Path directory = server.directory();
            Path key = directory.resolve("log-key.pem");
            Typed shown = type(server, "activity", "public-key");
            assertThat(shown.out()).contains("-----BEGIN PUBLIC KEY-----");
            Files.writeString(key, shown.out());
            String id = shown.out().substring(2, 34);
            Path proof = directory.resolve("log.proof");
            assertThat(type(server, "activity", "export", "--format", "proof", proof.toString())
                            .out())
                    .contains(" checkpoints in ");
            assertThat(type(server, "activity", "export", "--format", "proof", "--kind", "x", "other")
                            .err())
                    .contains("leave the filters out");

            // From here on there is nothing but the file and the key.
            assertThat(alone("activity", "verify", proof.toString(), "--public-key", key.toString())
                            .code())
                    .isZero();
            assertThat(alone("activity", "verify", proof.toString(), "--key-id", id)
                            .code())
                    .isZero();
            assertThat(alone("activity", "verify", proof.toString(), "--key-id", other(id))
                            .err())
                    .contains("--public-key");
            assertThat(alone("activity", "verify", proof.toString()).code()).isEqualTo(Kind.REFUSED.exitCode());
            List<String> lines = Files.readAllLines(proof);
            Files.writeString(
                    proof,
                    String.join("\n", lines).replace("\"bea\"", "\"bob\"").replace("\\\"bea\\\"", "\\\"bob\\\""));
            Typed altered = alone("activity", "verify", proof.toString(), "--public-key", key.toString());
            assertThat(altered.code()).as("%s", altered).isEqualTo(Kind.LOG_ALTERED.exitCode());
            assertThat(altered.out()).contains("NOT OK  entry-changed: ").contains("is not what was sealed");
            assertThat(alone("activity", "verify", key.toString(), "--public-key", key.toString())
                            .err())
                    .contains("is no proof file");
            assertThat(alone("activity", "verify", "/nowhere/at/all").code()).isEqualTo(Kind.NOT_FOUND.exitCode());
        }
    }

    private static String other(String id) {
        return (id.startsWith("0") ? "1" : "0") + id.substring(1);
    }

    private static Typed alone(String... words) {
        return Typed.type(new TestClock(), words);
    }

    @Test
    void what_was_removed_is_said_with_its_number_while_the_server_runs_and_when_it_has_stopped() {
        TestServer server = TestServer.start();
        server.person("bea");
        server.get(Sealing.class).seal(server.environment().id(), server.clock().instant());
        long gone = server.count("SELECT max(sequence) FROM activity WHERE kind = 'account-created'");
        server.get(Database.class)
                .write(() -> server.get(Database.class)
                        .sql()
                        .sql("DELETE FROM activity WHERE sequence = ?")
                        .param(gone)
                        .update());
        Typed running = type(server, "activity", "verify", "--json");
        assertThat(running.code()).isEqualTo(Kind.LOG_ALTERED.exitCode());
        assertThat(running.out())
                .contains("\"intact\" : false")
                .contains("\"kind\" : \"entry-removed\"")
                .contains("\"entry\" : " + gone);
        try (TestServer again = server.restart()) {
            Typed stopped = type(again, "activity", "verify", "--environment", "default");
            assertThat(stopped.code()).isEqualTo(Kind.LOG_ALTERED.exitCode());
            assertThat(stopped.out()).contains("entry " + gone + " (checkpoint ");
            assertThat(type(again, "activity", "verify", "--environment", "nobody")
                            .code())
                    .isEqualTo(Kind.NOT_FOUND.exitCode());
        }
    }
}
