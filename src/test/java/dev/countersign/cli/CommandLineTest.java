package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.kernel.Role;
import dev.countersign.kernel.StartFailure.Kind;
import dev.countersign.policy.Rules;
import dev.countersign.signal.Signals;
import dev.countersign.store.Database;
import dev.countersign.store.Databases;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestClock;
import dev.countersign.support.TestInstallation;
import dev.countersign.support.TestServer;
import dev.countersign.vault.KeyFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands, on a stopped and on a running server, and how a start fails. */
class CommandLineTest {
    private static final String PASSWORD = "correct horse battery staple";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** What a command said. */
    private record Said(int code, String out, String err) {
        JsonNode json() {
            assertThat(code).as("%s", this).isZero();
            return JSON.readTree(out);
        }

        void isRefused(Kind kind, String... says) {
            assertThat(code).as("%s", this).isEqualTo(kind.exitCode());
            assertThat(err).contains(says).doesNotContain("\tat ").doesNotContain("Exception");
            assertThat(err.strip().lines()).as("one line").hasSize(1);
        }
    }

    private static synchronized Said type(TestClock clock, String input, List<String> arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        InputStream in = System.in;
        ByteArrayOutputStream typedOut = new ByteArrayOutputStream();
        ByteArrayOutputStream typedErr = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(typedOut, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(typedErr, true, StandardCharsets.UTF_8));
            System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
            int code = Program.run(TestServer.parts(clock), arguments.toArray(String[]::new));
            return new Said(code, typedOut.toString(StandardCharsets.UTF_8), typedErr.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
            System.setIn(in);
        }
    }

    /** A terminal in front of one installation. */
    private record Terminal(Path data, TestClock clock) {
        Said type(String... words) {
            return typeWith("", words);
        }

        Said typeWith(String input, String... words) {
            List<String> arguments = new ArrayList<>(List.of(words));
            arguments.addAll(List.of("--data", data.toString()));
            return CommandLineTest.type(clock, input, arguments);
        }

        JsonNode json(String... words) {
            return type(Stream.concat(Stream.of(words), Stream.of("--json")).toArray(String[]::new))
                    .json();
        }

        Said create(String username, String role) {
            return typeWith(
                    PASSWORD + "\n",
                    "account",
                    "create",
                    "--username",
                    username,
                    "--email",
                    username + "@northwind.example",
                    "--name",
                    "Person " + username,
                    "--role",
                    role,
                    "--password-file",
                    "-");
        }
    }

    /** A new installation that no server runs on. */
    private static Terminal stopped() {
        Path data = TestInstallation.newDirectory();
        try {
            Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
            Files.createFile(
                    data.resolve("countersign.db"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        KeyFile.create(data.resolve("countersign.keys"), TestInstallation.NOW);
        return new Terminal(data, new TestClock());
    }

    // Every command

    @Test
    void every_command_works_on_a_stopped_server() {
        everyCommand(stopped());
    }

    @Test
    void every_command_works_on_a_running_server() {
        try (TestServer server = TestServer.start()) {
            everyCommand(new Terminal(server.directory(), server.clock()));
        }
    }

    private static void everyCommand(Terminal terminal) {
        assertThat(terminal.create("ada", "administrator").code()).isZero();
        assertThat(terminal.create("bea", "user").out()).isEqualTo("Created bea (user)." + System.lineSeparator());

        assertThat(terminal.json("account", "list").findValuesAsString("username"))
                .containsExactly("ada", "bea");
        assertThat(terminal.json("account", "list", "person b").findValuesAsString("username"))
                .containsExactly("bea");
        assertThat(terminal.type("account", "list").out()).contains("USERNAME").contains("Person bea");
        assertThat(terminal.json("account", "show", "BEA").path("email").asString())
                .isEqualTo("bea@northwind.example");
        assertThat(terminal.type("account", "show", "bea").out()).contains("Person bea");

        terminal.json("group", "create", "Sales");
        assertThat(terminal.json("group", "add", "sales", "bea", "ada")
                        .path("added")
                        .asInt())
                .isEqualTo(2);
        assertThat(terminal.json("group", "remove", "Sales", "ada")
                        .path("removed")
                        .asInt())
                .isEqualTo(1);
        assertThat(terminal.json("group", "list").path(0).path("members").asInt())
                .isEqualTo(1);
        assertThat(terminal.json("account", "show", "bea")
                        .path("groups")
                        .path(0)
                        .asString())
                .isEqualTo("Sales");

        assertThat(terminal.json("account", "phones", "bea")).isEmpty();
        assertThat(terminal.type("account", "remove-phone", "bea", "Pixel").code())
                .isNotZero();
        assertThat(terminal.json("policy", "approval", "--group", "sales", "--mode", "always")
                        .path("groups")
                        .path("Sales")
                        .path("mode")
                        .asString())
                .isEqualTo("always");
        terminal.json("policy", "approval", "--group", "sales", "--mode", "inherit");
        assertThat(terminal.json("policy", "approval").path("text").asString()).isEqualTo("off --confirm number");

        assertThat(terminal.json("policy", "show").path("mode").asString()).isEqualTo("off");
        JsonNode policy = terminal.json("policy", "set", "required", "--groups", "Sales", "--people", "ada");
        assertThat(policy.path("covered").asInt()).isEqualTo(2);
        assertThat(policy.path("text").asString()).isEqualTo("required --groups Sales --people ada");
        assertThat(terminal.json("account", "show", "bea")
                        .path("twoFactorRequired")
                        .asBoolean())
                .isTrue();
        terminal.json("policy", "exempt", "bea", "--days", "3", "--reason", "waits for a phone");
        assertThat(terminal.json("account", "show", "bea")
                        .path("twoFactorRequired")
                        .asBoolean())
                .isFalse();
        terminal.json("policy", "end-exemption", "bea");
        assertThat(terminal.json("account", "show", "bea")
                        .path("twoFactorRequired")
                        .asBoolean())
                .isTrue();
        assertThat(terminal.type("policy", "set", "required", "--everyone").out())
                .contains("covers 2 people");
        assertThat(terminal.json("policy", "set", "optional").path("mode").asString())
                .isEqualTo("optional");
        JsonNode history = terminal.json("policy", "history");
        assertThat(history.get(0).path("policy").asString()).isEqualTo("optional");
        assertThat(history.get(1).path("policy").asString()).isEqualTo("required --everyone");
        JsonNode start = terminal.json(
                "policy", "automatic-start", "--event", "customer.paid", "--delay-hours", "48", "--everyone");
        assertThat(start.path("delayHours").asLong()).isEqualTo(48);
        assertThat(terminal.json("policy", "event", "customer.paid")
                        .path("startsAt")
                        .asString())
                .isNotEmpty();
        assertThat(terminal.type("policy", "automatic-start", "--off").out()).contains("No automatic start");
        terminal.type("policy", "event", "customer.paid").isRefused(Kind.REFUSED, "not there");
        assertThat(terminal.json("account", "list", "--role", "administrator", "--status", "not-covered")
                        .findValuesAsString("username"))
                .contains("ada");
        terminal.type("account", "list", "--status", "odd").isRefused(Kind.REFUSED, "no status 'odd'");

        assertThat(terminal.json("account", "disable", "bea").path("disabled").asBoolean())
                .isTrue();
        assertThat(terminal.json("account", "enable", "bea").path("disabled").asBoolean())
                .isFalse();
        assertThat(terminal.typeWith(
                                "another good password\n", "account", "set-password", "bea", "--password-file", "-")
                        .code())
                .isZero();
        assertThat(terminal.json("reset-2fa", "bea").path("reset").asBoolean()).isTrue();

        terminal.json("environment", "create", "acme", "--host", "login.acme.example");
        assertThat(terminal.json("environment", "list").findValuesAsString("name"))
                .containsExactly("acme", "default");
        assertThat(terminal.json("account", "list", "--environment", "acme").size())
                .isZero();

        assertThat(terminal.json("activity", "list", "--limit", "3").size()).isEqualTo(3);
        JsonNode newest = terminal.json("activity", "list", "--account", "bea").path(0);
        assertThat(newest.path("kind").asString()).isEqualTo("two-factor-reset");
        assertThat(newest.path("door").asString()).isEqualTo("cli");
        assertThat(terminal.type("activity", "list").out())
                .contains("two-factor-reset")
                .doesNotContain(PASSWORD);
    }

    @Test
    void what_a_command_does_takes_effect_on_the_running_server() {
        try (TestServer server = TestServer.start()) {
            server.person("bea");
            Terminal terminal = new Terminal(server.directory(), server.clock());
            TestBrowser browser = server.browser();
            browser.signIn("bea", TestServer.PASSWORD);
            assertThat(browser.get("/account").status()).isEqualTo(200);
            assertThat(terminal.type("account", "disable", "bea").code()).isZero();
            assertThat(browser.get("/account").location()).startsWith("/sign-in");

            server.person("carl");
            TestBrowser carls = server.browser();
            carls.signIn("carl", TestServer.PASSWORD);
            terminal.json("policy", "set", "required", "--everyone");
            server.get(Signals.class).read(); // a quarter of a second later at most
            assertThat(carls.get("/account").location()).startsWith("/sign-in?problem=session-ended-policy");
        }
    }

    @Test
    void what_breaks_the_glass_works_on_a_stopped_server_and_is_logged() {
        breakGlass(stopped());
    }

    @Test
    void what_breaks_the_glass_works_on_a_running_server_and_every_administrator_sees_it_in_the_console() {
        try (TestServer server = TestServer.start()) {
            TestServer.Enrolled eve = server.enrolled("eve", Role.ADMINISTRATOR);
            server.policy(Rules.Mode.OPTIONAL);
            breakGlass(new Terminal(server.directory(), server.clock()));
            TestBrowser browser = server.browser();
            browser.signIn("eve", TestServer.PASSWORD, eve.app().code());
            assertThat(browser.get("/account").body()).doesNotContain("On the server itself");
            for (int left = 5; left > 0; left--) {
                String page = browser.visit("/console/people").body();
                assertThat(page.split("On the server itself", -1)).hasSize(Math.min(left, 3) + 1);
                String id = page.replaceAll("(?s).*?name=\"id\" value=\"([a-z2-7]{26})\".*", "$1");
                assertThat(browser.post("/console/alerts/acknowledge", "id", id, "return", "/console/people")
                                .location())
                        .isEqualTo("/console/people");
            }
            assertThat(browser.visit("/console/people").body()).doesNotContain("On the server itself");
        }
    }

    private static void breakGlass(Terminal terminal) {
        assertThat(terminal.create("ada", "administrator").code()).isZero();
        terminal.json("reset-2fa", "ada");
        assertThat(terminal.json("account", "unlock", "ada").path("unlocked").asBoolean())
                .isTrue();
        JsonNode code = terminal.json("account", "replace-phone", "ada");
        assertThat(code.path("code").asString()).matches("[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}");
        assertThat(terminal.type("account", "replace-phone", "nobody").code()).isEqualTo(Kind.NOT_FOUND.exitCode());
        assertThat(terminal.typeWith(PASSWORD + "\n", "account", "set-password", "ada", "--password-file", "-")
                        .code())
                .isZero();
        JsonNode log = terminal.json("activity", "list", "--account", "ada");
        assertThat(log.findValuesAsString("kind"))
                .contains(
                        "two-factor-reset", "guesses-lifted", "phone-replaced", "password-changed", "account-created");
        assertThat(log.toString()).doesNotContain(code.path("code").asString()).doesNotContain(PASSWORD);
    }

    @Test
    void ac_254_a_reset_is_the_way_back_for_an_administrator_who_lost_everything() {
        try (TestServer server = TestServer.start()) {
            server.enrolled("ada", Role.ADMINISTRATOR);
            server.policy(Rules.Mode.REQUIRED);
            new Terminal(server.directory(), server.clock()).json("reset-2fa", "ada");
            TestBrowser browser = server.browser();
            assertThat(browser.signIn("ada", TestServer.PASSWORD).location()).isEqualTo("/sign-in/enrol");
        }
    }

    // Refusals

    @Test
    void the_last_administrator_cannot_be_disabled() {
        Terminal terminal = stopped();
        terminal.create("ada", "administrator");
        terminal.type("account", "disable", "ada").isRefused(Kind.REFUSED, "Nobody could run the console");
        terminal.create("max", "administrator");
        assertThat(terminal.type("account", "disable", "ada").code()).isZero();
        terminal.type("account", "disable", "max").isRefused(Kind.REFUSED, "Nobody could run the console");
    }

    @Test
    void who_or_what_is_not_there_is_said() {
        Terminal terminal = stopped();
        terminal.create("ada", "administrator");
        terminal.type("account", "show", "eve").isRefused(Kind.NOT_FOUND, "no account 'eve'");
        terminal.type("group", "add", "sales", "ada").isRefused(Kind.NOT_FOUND, "no group 'sales'");
        terminal.type("policy", "set", "required", "--groups", "sales").isRefused(Kind.NOT_FOUND, "no group 'sales'");
        terminal.type("policy", "end-exemption", "ada").isRefused(Kind.NOT_FOUND, "not exempt");
        terminal.type("account", "list", "--environment", "acme").isRefused(Kind.NOT_FOUND, "no environment 'acme'");
    }

    @Test
    void what_makes_no_sense_is_refused_and_nothing_is_changed() {
        Terminal terminal = stopped();
        terminal.create("ada", "administrator");
        terminal.create("Ada", "user").isRefused(Kind.REFUSED, "taken");
        terminal.create("bob", "king").isRefused(Kind.REFUSED, "no role 'king'");
        terminal.typeWith("short\n", "account", "set-password", "ada", "--password-file", "-")
                .isRefused(Kind.REFUSED, "fewer than 8");
        terminal.type("policy", "set", "required").isRefused(Kind.REFUSED, "Say for whom");
        terminal.type("policy", "set", "required", "--everyone", "--people", "ada")
                .isRefused(Kind.REFUSED, "Say for whom");
        terminal.type("policy", "set", "off", "--everyone").isRefused(Kind.REFUSED, "'required' only");
        terminal.type("policy", "set", "sometimes").isRefused(Kind.REFUSED, "not off, optional or required");
        terminal.type("policy", "exempt", "ada", "--days", "0", "--reason", "x")
                .isRefused(Kind.REFUSED, "1 to 366 days");
        terminal.type("policy", "exempt", "ada", "--days", "1", "--reason", " ").isRefused(Kind.REFUSED, "reason");
        terminal.type("policy", "exempt", "ada", "--days", "1", "--reason", "x".repeat(501))
                .isRefused(Kind.REFUSED, "reason");
        terminal.type("environment", "create", "Acme!", "--host", "a.example").isRefused(Kind.REFUSED, "a-z, 0-9");
        terminal.type("group", "create", "  ").isRefused(Kind.REFUSED, "empty");
        assertThat(terminal.json("account", "list").size()).isEqualTo(1);
        assertThat(terminal.json("policy", "show").path("version").asInt()).isZero();
    }

    @Test
    void a_command_that_is_none_says_what_was_meant() {
        Said said = stopped().type("acount", "list");
        assertThat(said.code()).isEqualTo(Kind.USAGE.exitCode());
        assertThat(said.err()).contains("account").contains("--help").doesNotContain("\tat ");
        assertThat(stopped().type("account", "show").code()).isEqualTo(Kind.USAGE.exitCode());
        assertThat(type(new TestClock(), "", List.of("--help")).out())
                .contains("reset-2fa")
                .contains("policy");
        assertThat(type(new TestClock(), "", List.of("--version")).out()).startsWith("countersign ");
    }

    // Secrets

    @Test
    void a_password_comes_from_a_file_or_standard_input() throws IOException {
        Terminal terminal = stopped();
        Path file = Files.writeString(terminal.data().resolve("password"), PASSWORD + "\r\nmore lines\n");
        terminal.create("ada", "administrator");
        assertThat(terminal.type("account", "set-password", "ada", "--password-file", file.toString())
                        .code())
                .isZero();
        terminal.type("account", "set-password", "ada", "--password-file", "/none")
                .isRefused(Kind.NOT_FOUND, "Cannot read the password from /none");
        terminal.typeWith("", "account", "set-password", "ada", "--password-file", "-")
                .isRefused(Kind.REFUSED, "fewer than 8");
        terminal.type("account", "set-password", "ada").isRefused(Kind.REFUSED, "--password-file");
    }

    @Test
    void no_command_takes_a_secret_as_an_argument() {
        CommandLine line = Program.commands(new Program());
        List<String> options = new ArrayList<>();
        collect(line, options);
        assertThat(options).contains("--password-file", "--json", "--reason");
        assertThat(options)
                .filteredOn(option -> option.matches(".*(password|secret|token|code|key|pin).*"))
                .containsOnly(
                        "--password-file", "--public-key", "--key-id", "--nodes-have-the-key", "--revoke-api-keys");
        assertThat(stopped()
                        .type("account", "create", "--username", "a", "--password", "x")
                        .code())
                .isEqualTo(Kind.USAGE.exitCode());
    }

    private static void collect(CommandLine line, List<String> options) {
        line.getCommandSpec().options().forEach(option -> options.addAll(List.of(option.names())));
        line.getSubcommands().values().forEach(sub -> collect(sub, options));
    }

    // Starting

    @Test
    void a_command_never_makes_an_installation() {
        Path none = TestInstallation.newDirectory().resolve("typo");
        new Terminal(none, new TestClock())
                .type("account", "list")
                .isRefused(Kind.NOT_FOUND, "no installation in " + none);
        assertThat(none).doesNotExist();
    }

    @Test
    void an_unknown_setting_stops_the_start() throws IOException {
        Terminal terminal = stopped();
        Files.writeString(terminal.data().resolve("countersign.yaml"), "trusted-proxy: 10.0.0.1\n");
        terminal.type("serve", "--port", "0").isRefused(Kind.CONFIGURATION, "Did you mean trusted-proxies?");
        terminal.type("account", "list").isRefused(Kind.CONFIGURATION, "Did you mean trusted-proxies?");
    }

    @Test
    void a_busy_port_stops_the_start() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String port = Integer.toString(taken.getLocalPort());
            stopped().type("serve", "--port", port).isRefused(Kind.PORT_BUSY, "Port " + port, "--port");
        }
    }

    @Test
    void a_directory_that_cannot_be_written_stops_the_start() throws IOException {
        Path file = Files.createTempFile(TestInstallation.newDirectory(), "a", "file");
        new Terminal(file.resolve("data"), new TestClock())
                .type("serve", "--port", "0")
                .isRefused(Kind.DIRECTORY_NOT_WRITABLE, "Cannot write to the directory", "--data");
        new Terminal(file, new TestClock())
                .type("serve", "--port", "0")
                .isRefused(Kind.DIRECTORY_NOT_WRITABLE, "Cannot write to the directory");
    }

    @Test
    void a_missing_key_file_stops_the_start() throws IOException {
        Terminal terminal = stopped();
        terminal.create("ada", "administrator");
        Files.delete(terminal.data().resolve("countersign.keys"));
        terminal.type("serve", "--port", "0").isRefused(Kind.KEY_FILE, "countersign.keys does not");
        terminal.type("account", "list").isRefused(Kind.KEY_FILE, "countersign.keys does not");
        assertThat(terminal.data().resolve("countersign.keys")).doesNotExist();
    }

    @Test
    void the_key_file_of_another_installation_stops_the_start() throws IOException {
        Terminal terminal = stopped();
        terminal.create("ada", "administrator");
        Path keys = terminal.data().resolve("countersign.keys");
        Files.delete(keys);
        KeyFile.create(keys, TestInstallation.NOW);
        terminal.type("serve", "--port", "0").isRefused(Kind.KEY_FILE, "does not belong to this database");
        Files.writeString(keys, "nonsense\n");
        terminal.type("serve", "--port", "0").isRefused(Kind.KEY_FILE, "cannot be read as keys");
    }

    @Test
    void files_that_others_can_read_stop_the_start() throws IOException {
        for (String name : List.of("countersign.keys", "countersign.db")) {
            Terminal terminal = stopped();
            terminal.create("ada", "administrator");
            Path file = terminal.data().resolve(name);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
            terminal.type("serve", "--port", "0").isRefused(Kind.FILE_PERMISSIONS, "chmod 600 " + file);
        }
    }

    @Test
    void a_newer_schema_stops_the_start() {
        Terminal terminal = stopped();
        terminal.create("ada", "administrator");
        try (Database database = Databases.openSqlite(terminal.data().resolve("countersign.db"))) {
            database.write(() -> database.sql().sql("""
                            INSERT INTO schema_history
                            SELECT 999, '999', 'later', type, script, checksum, installed_by, installed_on, execution_time,
                                   success
                            FROM schema_history WHERE version = '1'""").update());
        }
        terminal.type("serve", "--port", "0").isRefused(Kind.SCHEMA_NEWER, "schema version 999");
        terminal.type("account", "list").isRefused(Kind.SCHEMA_NEWER, "schema version 999");
    }

    @Test
    void a_database_that_is_none_stops_the_start() throws IOException {
        Terminal terminal = stopped();
        Files.writeString(terminal.data().resolve("countersign.db"), "this is no database at all".repeat(100));
        terminal.type("serve", "--port", "0").isRefused(Kind.DATABASE, "countersign.db");
    }

    @Test
    void a_certificate_that_is_none_stops_the_start() throws IOException {
        Terminal terminal = stopped();
        Path nonsense = Files.writeString(terminal.data().resolve("nonsense.pem"), "nonsense");
        Files.writeString(
                terminal.data().resolve("countersign.yaml"),
                "tls-certificate: " + nonsense + "\ntls-key: " + nonsense + "\n");
        terminal.type("serve", "--port", "0").isRefused(Kind.TLS, "nonsense.pem");
    }

    @Test
    void the_port_option_is_bounded() {
        stopped().type("serve", "--port", "70000").isRefused(Kind.CONFIGURATION, "0 to 65535");
    }

    @Test
    void names_cannot_move_the_cursor_of_a_terminal() {
        assertThat(Table.of(List.of("NAME"), List.of(List.of("a\u001b[2Jb\nc"))))
                .doesNotContain("\u001b")
                .contains("a\uFFFD[2Jb\uFFFDc");
    }

    @Test
    void accounts_made_at_the_command_line_can_sign_in() {
        try (TestServer server = TestServer.start()) {
            Terminal terminal = new Terminal(server.directory(), server.clock());
            terminal.create("bea", "user");
            assertThat(server.browser().signIn("bea", PASSWORD).location()).isEqualTo("/account");
            terminal.typeWith(
                    "a brand new password\n",
                    "account",
                    "set-password",
                    "bea",
                    "--password-file",
                    "-",
                    "--must-change");
            assertThat(server.browser().signIn("bea", PASSWORD).location()).contains("problem=sign-in-failed");
            assertThat(server.browser().signIn("bea", "a brand new password").location())
                    .isEqualTo("/sign-in/new-password");
        }
    }
}
