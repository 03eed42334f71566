package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.kernel.Role;
import dev.countersign.kernel.StartFailure.Kind;
import dev.countersign.policy.Rules;
import dev.countersign.support.PhoneOwner;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Phones and rules of approval at the command line, and the command line as a phone. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PhoneCommandsTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern LINK = Pattern.compile("(https?://[^\"\\s]+/companion/#pair=[a-z0-9]+)");
    private static final Pattern DIGITS = Pattern.compile("<output>(\\d+)</output>");

    @TempDir
    private Path directory;

    private TestServer server;

    @BeforeAll
    void start() {
        server = TestServer.start();
        server.policy(Rules.Mode.OPTIONAL);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private record Said(int code, String out) {
        JsonNode json() {
            assertThat(code).as(out).isZero();
            return JSON.readTree(out);
        }
    }

    /** In this process, on the files of the running server. */
    private synchronized Said type(String... words) {
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.addAll(List.of("--data", server.directory().toString()));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream before = System.out;
        PrintStream error = System.err;
        try (PrintStream typed = new PrintStream(out, true, StandardCharsets.UTF_8)) {
            System.setOut(typed);
            System.setErr(typed);
            int code = Program.run(TestServer.parts(server.clock()), arguments.toArray(String[]::new));
            return new Said(code, out.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(before);
            System.setErr(error);
        }
    }

    /** As a process of its own, which knows nothing of the server but its address. */
    private Said run(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.countersign.Countersign"));
        command.addAll(List.of(words));
        command.addAll(List.of("--file", directory.resolve("phone").toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Said(process.exitValue(), out);
    }

    private static String find(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        assertThat(matcher.find()).as("%s in %s", pattern, text).isTrue();
        return matcher.group(1);
    }

    @Test
    void a_terminal_is_paired_and_approves_as_a_phone() throws Exception {
        TestServer.Enrolled person = server.enrolled("headless");
        TestBrowser browser = server.browser();
        browser.follow(
                browser.signIn("headless", TestServer.PASSWORD, person.app().code()));
        browser.get("/account");
        String page = browser.follow(browser.post("/account/phones/pair")).body();

        Said paired = run("phone", "pair", find(LINK, page), "--name", "Build server", "--json");
        List<String> words = paired.json()
                .path("words")
                .valueStream()
                .map(word -> word.asString())
                .toList();
        Path file = directory.resolve("phone");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(browser.get("/sign-in/enrol/phone").body())
                .contains("Build server")
                .contains(words);
        assertThat(run("phone", "pending").out()).contains("Not confirmed yet");
        assertThat(browser.post("/sign-in/enrol/phone").location()).isEqualTo("/account?notice=phone-paired");
        assertThat(run("phone", "pending").out()).contains("Nothing to approve");

        server.clock().advance(java.time.Duration.ofMinutes(1));
        TestBrowser other = server.browser();
        String waits =
                other.follow(other.signIn("headless", TestServer.PASSWORD)).body();
        String digits = find(DIGITS, waits);
        assertThat(run("phone", "approve", digits.equals("11") ? "12" : "11").out())
                .contains("The digits were wrong");
        assertThat(run("phone", "approve", digits).out()).contains("Approved");
        other.get("/sign-in/approval");
        assertThat(other.post("/sign-in/approval").location()).isEqualTo("/account");

        TestBrowser thief = server.browser();
        thief.follow(thief.signIn("headless", TestServer.PASSWORD));
        assertThat(run("phone", "refuse", "--json").json().path("state").asString())
                .isEqualTo("refused");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(run("phone", "pending").code()).isEqualTo(Kind.FILE_PERMISSIONS.exitCode());
    }

    @Test
    void an_address_that_is_no_https_gets_no_key() {
        assertThat(type("phone", "pair", "http://login.example.org/companion/#pair=x")
                        .code())
                .isEqualTo(Kind.USAGE.exitCode());
        assertThat(TestServerless.run(server, "phone", "pair", "http://login.example.org/companion/#pair=x"))
                .contains("is not an https address");
        assertThat(TestServerless.run(server, "phone", "pair", "ABCDEFGHJK")).contains("A code needs --server");
    }

    /** Commands that take no {@code --data}. */
    private static final class TestServerless {
        static synchronized String run(TestServer server, String... words) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            PrintStream error = System.err;
            try (PrintStream typed = new PrintStream(out, true, StandardCharsets.UTF_8)) {
                System.setErr(typed);
                Program.run(TestServer.parts(server.clock()), words);
                return out.toString(StandardCharsets.UTF_8);
            } finally {
                System.setErr(error);
            }
        }
    }

    @Test
    void phones_are_listed_and_removed() {
        PhoneOwner owner = PhoneOwner.of(server, "cli.owner");
        assertThat(type("account", "phones", "cli.owner").out()).contains("Pixel", "LAST SEEN");
        assertThat(type("account", "phones", "cli.owner", "--json")
                        .json()
                        .get(0)
                        .path("id")
                        .asString())
                .isEqualTo(owner.phone().id());
        assertThat(type("account", "remove-phone", "cli.owner", "Nokia").code()).isEqualTo(Kind.NOT_FOUND.exitCode());
        assertThat(type("account", "remove-phone", "cli.owner", "pixel").out()).contains("Removed Pixel");
        assertThat(owner.phone().get("/me").problem()).isEqualTo("phone-proof");
        assertThat(type("account", "phones", "cli.owner").out()).contains("has no phone");
        assertThat(type("account", "list", "--companion", "none", "--json").out())
                .contains("cli.owner");
        assertThat(server.activityOf(owner.account()).stream()
                        .filter(entry -> entry.kind().equals("phone-removed"))
                        .findFirst()
                        .orElseThrow()
                        .origin()
                        .door())
                .isEqualTo("cli");
    }

    @Test
    void rules_of_approval_are_shown_and_changed() {
        server.person("cli.admin", Role.ADMINISTRATOR);
        server.group("Field sales");
        assertThat(type("policy", "approval", "--json")
                        .json()
                        .path("everyone")
                        .path("mode")
                        .asString())
                .isEqualTo("off");
        type("policy", "approval", "--mode", "random", "--share", "30", "--longest-hours", "48");
        JsonNode rules = type("policy", "approval", "--group", "field sales", "--mode", "always", "--json")
                .json();
        assertThat(rules.path("everyone").path("share").asInt()).isEqualTo(30);
        assertThat(rules.path("groups").path("Field sales").path("mode").asString())
                .isEqualTo("always");
        assertThat(rules.path("text").asString())
                .isEqualTo("random --share 30 --longest PT48H --confirm number; Field sales: always");
        assertThat(type("policy", "approval").out()).contains("30 of 100 days", "Field sales", "On the phone: number.");
        assertThat(type("policy", "approval", "--share", "30").out()).contains("go with --mode");
        assertThat(type("policy", "approval", "--mode", "random", "--share", "0")
                        .out())
                .contains("Give 1 to 100 days");
        assertThat(type("policy", "approval", "--mode", "sometimes").out()).contains("--mode is off, random or always");
        type("policy", "approval", "--group", "field sales", "--mode", "inherit");
        assertThat(type("policy", "approval", "--mode", "off", "--confirm", "code", "--json")
                        .json()
                        .path("text")
                        .asString())
                .isEqualTo("off --confirm code");
        assertThat(type("activity", "list", "--kind", "approval-rules-changed").out())
                .contains("always");
        type("policy", "approval", "--confirm", "number");
    }
}
