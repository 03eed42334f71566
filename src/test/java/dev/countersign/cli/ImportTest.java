package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.kernel.StartFailure.Kind;
import dev.countersign.support.TestClock;
import dev.countersign.support.TestInstallation;
import dev.countersign.support.TestServer;
import dev.countersign.vault.KeyFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Import and export at the command line, on a running server, and with the plug pulled in the middle. */
class ImportTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String BCRYPT = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

    @Test
    void who_was_imported_on_a_running_server_signs_in_with_the_old_password_and_the_report_lists_the_rest()
            throws IOException {
        try (TestServer server = TestServer.start()) {
            Path file = Files.writeString(server.directory().resolve("people.jsonl"), """
                    {"username":"bea","email":"bea@northwind.example","passwordHash":"%s"}
                    {"username":"carl"}
                    """.formatted(BCRYPT));
            Path report = server.directory().resolve("refused.jsonl");
            Typed preview =
                    Typed.on(server.directory(), server.clock(), "account", "import", file.toString(), "--dry-run");
            assertThat(preview.out())
                    .contains("create bea")
                    .contains("refuse carl")
                    .contains("Nothing was changed");
            Typed said = Typed.on(
                    server.directory(),
                    server.clock(),
                    "account",
                    "import",
                    file.toString(),
                    "--json",
                    "--report",
                    report.toString());
            assertThat(said.code()).as("%s", said).isZero();
            JsonNode answer = JSON.readTree(said.out());
            assertThat(answer.path("created").asInt()).isEqualTo(1);
            assertThat(answer.path("refused").asInt()).isEqualTo(1);
            assertThat(said.out() + said.err()).doesNotContain("$2a$");
            JsonNode refused = JSON.readTree(Files.readString(report));
            assertThat(refused.path("username").asString()).isEqualTo("carl");
            assertThat(refused.path("reason").asString()).contains("mail address");
            assertThat(refused.path("code").asString()).isEqualTo("email-missing");
            assertThat(server.browser().signIn("bea", "U*U").location()).isEqualTo("/account");
            Typed out = Typed.on(server.directory(), server.clock(), "account", "export", "--format", "csv");
            assertThat(out.out()).startsWith("username,email,name").contains("bea,bea@northwind.example");
        }
    }

    @Test
    void what_cannot_be_read_is_refused_in_one_line() throws IOException {
        try (TestServer server = TestServer.start()) {
            Path odd = Files.writeString(server.directory().resolve("people.txt"), "x");
            Typed unknown = Typed.on(server.directory(), server.clock(), "account", "import", odd.toString());
            assertThat(unknown.code()).isEqualTo(Kind.REFUSED.exitCode());
            assertThat(unknown.err()).contains("--format");
            Typed missing = Typed.on(server.directory(), server.clock(), "account", "import", "/none.csv");
            assertThat(missing.code()).isEqualTo(Kind.NOT_FOUND.exitCode());
            assertThat(missing.err().strip().lines()).hasSize(1);
        }
    }

    @Test
    void an_import_that_is_killed_goes_on_where_it_stopped_and_nothing_is_half_done() throws Exception {
        Path data = TestInstallation.newDirectory();
        Files.createFile(
                data.resolve("countersign.db"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        KeyFile.create(data.resolve("countersign.keys"), TestInstallation.NOW);
        assertThat(Typed.on(data, new TestClock(), "environment", "list").code())
                .isZero();
        int people = 20_000;
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < people; i++) {
            text.append(
                    "{\"username\":\"p%d\",\"email\":\"p%d@northwind.example\",\"groups\":[\"All\"],\"passwordHash\":\"%s\"}\n"
                            .formatted(i, i, BCRYPT));
        }
        Path file = Files.writeString(data.resolve("people.jsonl"), text);
        Process first = start(data, file);
        while (count(data, "SELECT count(*) FROM account") < 2_000 && first.isAlive()) {
            Thread.sleep(5);
        }
        first.destroyForcibly().waitFor();
        long before = count(data, "SELECT count(*) FROM account");
        assertThat(before).as("killed in the middle").isBetween(2_000L, people - 1L);
        assertThat(count(data, "SELECT position FROM import_run")).isEqualTo(before);
        Process second = start(data, file);
        assertThat(second.waitFor(300, TimeUnit.SECONDS)).isTrue();
        assertThat(second.exitValue()).isZero();
        for (String query : List.of(
                "SELECT count(*) FROM account",
                "SELECT count(*) FROM password",
                "SELECT count(*) FROM group_member",
                "SELECT created FROM import_run",
                "SELECT count(*) FROM activity WHERE kind = 'account-imported'")) {
            assertThat(count(data, query)).as(query).isEqualTo(people);
        }
        assertThat(count(data, "SELECT count(*) FROM import_run WHERE finished_at IS NOT NULL"))
                .isEqualTo(1);
    }

    private static Process start(Path data, Path file) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        "dev.countersign.Countersign",
                        "account",
                        "import",
                        file.toString(),
                        "--data",
                        data.toString())
                .redirectErrorStream(true)
                .redirectOutput(data.resolve("import.log").toFile())
                .start();
    }

    private static long count(Path data, String query) throws SQLException {
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("countersign.db"));
                Statement statement = database.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }
}
