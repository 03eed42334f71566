package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.kernel.Role;
import dev.countersign.kernel.StartFailure.Kind;
import dev.countersign.support.Postbox;
import dev.countersign.support.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code countersign mail ...} on a running server. */
class MailCommandsTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static Typed type(TestServer server, String... words) {
        return Typed.on(server.directory(), server.clock(), words);
    }

    private static JsonNode json(TestServer server, String... words) {
        String[] all = java.util.Arrays.copyOf(words, words.length + 1);
        all[words.length] = "--json";
        Typed said = type(server, all);
        assertThat(said.code()).as("%s", said).isZero();
        return JSON.readTree(said.out());
    }

    private static JsonNode set(TestServer server, int port) {
        return json(
                server,
                "mail",
                "set",
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--security",
                "none",
                "--from",
                "login@northwind.example",
                "--language",
                "nl");
    }

    @Test
    void the_server_is_set_shown_changed_and_taken_back_and_no_password_is_ever_said() throws Exception {
        try (TestServer server = TestServer.start()) {
            assertThat(json(server, "mail", "show").path("on").asBoolean()).isFalse();
            Path secret = Files.writeString(server.directory().resolve("mail.password"), "tr0ub4dor\n");
            assertThat(json(
                                    server,
                                    "mail",
                                    "set",
                                    "--host",
                                    "mail.northwind.example",
                                    "--from",
                                    "login@northwind.example",
                                    "--username",
                                    "mailer",
                                    "--password-file",
                                    secret.toString())
                            .path("passwordSaved")
                            .asBoolean())
                    .isTrue();
            JsonNode changed = json(server, "mail", "set", "--from-name", "Help desk");
            assertThat(changed.path("host").asString())
                    .as("what is not named stays")
                    .isEqualTo("mail.northwind.example");
            assertThat(changed.path("fromName").asString()).isEqualTo("Help desk");
            assertThat(changed.path("port").asInt()).isEqualTo(587);
            assertThat(type(server, "mail", "show").out())
                    .contains("mail.northwind.example:587")
                    .contains("Help desk <login@northwind.example>")
                    .contains("saved")
                    .doesNotContain("tr0ub4dor");
            Typed wrong = type(server, "mail", "set", "--security", "none");
            assertThat(wrong.code()).isEqualTo(Kind.REFUSED.exitCode());
            assertThat(wrong.err()).contains("--security starttls or tls");
            assertThat(type(server, "mail", "set", "--port", "70000").err()).contains("--port");
            assertThat(json(server, "mail", "off").path("on").asBoolean()).isFalse();
            assertThat(json(server, "activity", "list", "--kind", "mail-server-changed")
                            .size())
                    .isEqualTo(3);
        }
    }

    @Test
    void a_test_shows_what_the_server_says_and_the_queue_is_listed_tried_again_and_emptied() {
        try (TestServer server = TestServer.start();
                Postbox post = new Postbox()) {
            server.enrolled("ada", Role.ADMINISTRATOR);
            int nobodyListens = freePort();
            set(server, nobodyListens);
            Typed failed = type(server, "mail", "test", "--to", "ada@northwind.example");
            assertThat(failed.code()).isEqualTo(Kind.REFUSED.exitCode());
            assertThat(failed.err()).contains("It did not work: ");
            json(server, "reset-2fa", "ada");
            JsonNode waiting = json(server, "mail", "queue", "--limit", "10");
            assertThat(waiting.findValuesAsString("kind"))
                    .contains("test-mail", "factor-changed", "administrator-alert");
            assertThat(waiting.toString()).doesNotContain("token=");

            while (json(server, "mail", "queue")
                    .valueStream()
                    .anyMatch(mail -> mail.path("attempts").asInt() == 0)) {
                Thread.onSpinWait(); // until the server has tried each once, which leaves them waiting
            }
            set(server, post.port());
            assertThat(json(server, "mail", "test", "--to", "ada@northwind.example")
                            .path("answer")
                            .asString())
                    .startsWith("250");
            waiting.forEach(mail -> {
                if (mail.path("state").asString().equals("queued")) {
                    json(server, "mail", "retry", mail.path("id").asString());
                }
            });
            post.await("ada@northwind.example", "opnieuw ingesteld", 1);
            String test = waiting.valueStream()
                    .filter(mail -> mail.path("kind").asString().equals("test-mail"))
                    .findFirst()
                    .orElseThrow()
                    .path("id")
                    .asString();
            assertThat(type(server, "mail", "retry", test).code())
                    .as("a test is not kept to be sent again")
                    .isEqualTo(Kind.NOT_FOUND.exitCode());
            json(server, "mail", "delete", test);
            assertThat(type(server, "mail", "delete", test).code()).isEqualTo(Kind.NOT_FOUND.exitCode());
            assertThat(json(server, "mail", "queue").findValuesAsString("id")).doesNotContain(test);
            assertThat(type(server, "mail", "queue", "--limit", "0").code()).isEqualTo(Kind.REFUSED.exitCode());
        }
    }

    private static int freePort() {
        try (Postbox post = new Postbox()) {
            return post.port();
        }
    }
}
