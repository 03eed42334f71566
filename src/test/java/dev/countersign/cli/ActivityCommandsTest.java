package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.kernel.StartFailure.Kind;
import dev.countersign.support.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** {@code countersign activity export} and {@code keep}. */
class ActivityCommandsTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static Typed type(TestServer server, String... words) {
        return Typed.on(server.directory(), server.clock(), words);
    }

    @Test
    void entries_are_written_to_a_new_file_oldest_first_filtered_and_without_formulas() throws IOException {
        try (TestServer server = TestServer.start()) {
            server.person("bea");
            server.clock().advance(Duration.ofHours(1));
            server.person("carl");
            Path table = server.directory().resolve("entries.csv");
            Typed said = type(server, "activity", "export", table.toString());
            assertThat(said.code()).as("%s", said).isZero();
            List<String> lines = Files.readAllLines(table);
            assertThat(said.out()).contains(lines.size() - 1 + " entries in " + table);
            assertThat(lines.getFirst()).startsWith("\"sequence\",\"at\",\"kind\"");
            assertThat(lines).allMatch(line -> line.startsWith("\""));
            assertThat(String.join("\n", lines)).containsSubsequence("\"bea\"", "\"carl\"");

            Typed again = type(server, "activity", "export", table.toString());
            assertThat(again.code()).isEqualTo(Kind.REFUSED.exitCode());
            assertThat(again.err()).contains("exists. Name a new file.");
            assertThat(Files.readAllLines(table)).as("untouched").isEqualTo(lines);

            Path objects = server.directory().resolve("entries.jsonl");
            assertThat(type(
                                    server,
                                    "activity",
                                    "export",
                                    "--format",
                                    "jsonl",
                                    "--account",
                                    "carl",
                                    "--kind",
                                    "account-created",
                                    objects.toString())
                            .code())
                    .isZero();
            List<String> found = Files.readAllLines(objects);
            assertThat(found).hasSize(1);
            assertThat(JSON.readTree(found.getFirst()).path("username").asString())
                    .isEqualTo("carl");
            assertThat(type(server, "activity", "export", "--format", "xml", "x")
                            .err())
                    .contains("csv or jsonl");
            assertThat(type(server, "activity", "export", "--from", "yesterday", "x")
                            .err())
                    .contains("is not a time");
            Typed nowhere = type(server, "activity", "export", "/nowhere/at/all.csv");
            assertThat(nowhere.code()).isEqualTo(Kind.REFUSED.exitCode());
            assertThat(nowhere.err()).contains("Cannot write").doesNotContain("\tat ");
        }
    }

    @Test
    void how_long_entries_are_kept_is_shown_set_and_logged() {
        try (TestServer server = TestServer.start()) {
            assertThat(type(server, "activity", "keep").out()).contains("Entries are kept ");
            assertThat(type(server, "activity", "keep", "--days", "90").out()).contains("kept 90 days");
            assertThat(type(server, "activity", "keep", "--json").out()).contains("\"days\" : 90");
            assertThat(type(server, "activity", "keep", "--days", "0").out()).contains("for ever");
            Typed wrong = type(server, "activity", "keep", "--days", "29");
            assertThat(wrong.code()).isEqualTo(Kind.REFUSED.exitCode());
            assertThat(wrong.err()).contains("from 30 to 36500");
            assertThat(type(server, "activity", "keep", "--json").out()).contains("\"days\" : 0");
            assertThat(type(server, "activity", "list").out()).contains("retention-changed");
        }
    }
}
