package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.configuration.SettingKey;
import dev.countersign.configuration.SettingsLoader;
import dev.countersign.diagnosis.Finding.Level;
import dev.countersign.diagnosis.MachineCheck;
import dev.countersign.kernel.Role;
import dev.countersign.kernel.StartFailure;
import dev.countersign.store.Databases;
import dev.countersign.support.Postbox;
import dev.countersign.support.TestClock;
import dev.countersign.support.TestInstallation;
import dev.countersign.support.TestServer;
import dev.countersign.vault.KeyFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is broken is named with what to do; what is fine is green; nothing is changed by looking. */
class DoctorTest {
    private static final int UNHEALTHY = StartFailure.Kind.UNHEALTHY.exitCode();

    private static Path installation() {
        Path data = TestInstallation.newDirectory();
        TestClock clock = new TestClock();
        Path database = data.resolve("countersign.db");
        try {
            Files.createFile(
                    database, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        KeyFile.create(data.resolve("countersign.keys"), TestInstallation.NOW);
        assertThat(Typed.on(data, clock, "environment", "list").code()).isZero();
        return data;
    }

    private static Typed doctor(Path data) {
        return Typed.on(data, new TestClock(), "doctor", "--json");
    }

    @Test
    void a_running_server_with_two_administrators_is_green() {
        try (TestServer server = TestServer.start()) {
            server.person("ada", Role.ADMINISTRATOR);
            server.person("max", Role.ADMINISTRATOR);
            Typed said = Typed.on(server.directory(), server.clock(), "doctor");
            assertThat(said.code()).as("%s", said).isZero();
            assertThat(said.out())
                    .contains("2 administrators can sign in")
                    .contains("key file can be read")
                    .contains("answers and is whole")
                    .contains("No proxy is trusted")
                    .doesNotContain("NOT OK");
        }
    }

    @Test
    void without_an_administrator_it_is_red() {
        Typed said = doctor(installation());
        assertThat(said.code()).isEqualTo(UNHEALTHY);
        assertThat(said.out()).contains("administrators-none").contains("countersign account create");
    }

    @Test
    void a_damaged_database_is_said_and_the_rest_is_looked_at_all_the_same() throws IOException {
        Path data = installation();
        try (RandomAccessFile file =
                new RandomAccessFile(data.resolve("countersign.db").toFile(), "rw")) {
            file.setLength(file.length() / 2);
            file.seek(4_096);
            file.write(new byte[8_192]);
        }
        Typed said = doctor(data);
        assertThat(said.code()).isEqualTo(UNHEALTHY);
        assertThat(said.out())
                .contains("database-broken")
                .contains("keys-readable")
                .contains("proxies-fine");
        assertThat(said.err()).doesNotContain("\tat ");
        Files.writeString(data.resolve("countersign.db"), "this is no database at all".repeat(100));
        assertThat(doctor(data).out()).contains("database-broken");
        Files.delete(data.resolve("countersign.db"));
        assertThat(doctor(data).out()).contains("There is no database");
        assertThat(data.resolve("countersign.db")).as("looking makes none").doesNotExist();
    }

    /** The directory of processes can be written by nobody, root included, though its permissions say otherwise to root. */
    @Test
    void a_directory_that_cannot_be_written_or_is_none_is_said_and_trying_leaves_nothing_behind() throws IOException {
        Typed unwritable = doctor(Path.of("/proc/self"));
        assertThat(unwritable.code()).isEqualTo(UNHEALTHY);
        assertThat(unwritable.out()).contains("data-not-writable").contains("Give it to the user the server runs as.");
        assertThat(unwritable.err()).doesNotContain("\tat ");
        Path file = Files.writeString(TestInstallation.newDirectory().resolve("data"), "a file in its place");
        Typed none = doctor(file);
        assertThat(none.code()).isEqualTo(UNHEALTHY);
        assertThat(none.out()).contains("data-missing").contains("Name the directory with --data.");
        Path data = installation();
        assertThat(doctor(data).out()).contains("disk-").doesNotContain("data-not-writable");
        try (var files = Files.list(data)) {
            assertThat(files.map(each -> each.getFileName().toString())).noneMatch(name -> name.contains("doctor"));
        }
    }

    @Test
    void keys_that_are_missing_or_open_to_others_are_said() throws IOException {
        Path data = installation();
        Path keys = data.resolve("countersign.keys");
        Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(doctor(data).out()).contains("keys-unusable").contains("chmod 600");
        Files.delete(keys);
        assertThat(doctor(data).out()).contains("keys-missing");
        KeyFile.create(keys, TestInstallation.NOW);
        Typed other = doctor(data);
        assertThat(other.code()).isEqualTo(UNHEALTHY);
        assertThat(other.out()).as("keys of another installation").contains("does not belong to this database");
    }

    @Test
    void proxies_that_are_everyone_are_warned_of_and_a_wrong_setting_is_red() throws IOException {
        Path data = installation();
        Path settings = data.resolve("countersign.yaml");
        Files.writeString(settings, "trusted-proxies: 0.0.0.0/0, 203.0.113.7, 10.0.0.0/8\n");
        assertThat(doctor(data).out()).contains("proxies-everyone").contains("proxies-public");
        Files.writeString(settings, "trusted-proxy: 10.0.0.1\n");
        Typed said = doctor(data);
        assertThat(said.code()).isEqualTo(UNHEALTHY);
        assertThat(said.out()).contains("Did you mean trusted-proxies?");
    }

    @Test
    void a_clock_that_went_back_is_red() {
        Path data = installation();
        TestClock clock = new TestClock();
        var settings = SettingsLoader.load(Map.of(SettingKey.DATA, data.toString()), Map.of(), Optional.empty());
        assertThat(MachineCheck.run(settings, clock.instant().plusSeconds(5)).findings())
                .noneMatch(finding -> finding.level() == Level.RED);
        assertThat(Typed.on(data, clock, "group", "create", "Sales").code()).isZero();
        assertThat(MachineCheck.run(settings, clock.instant().minus(Duration.ofHours(1)))
                        .findings())
                .anyMatch(finding -> finding.code().equals("clock-went-back"));
    }

    @Test
    void postgresql_is_looked_at_too() {
        String url = TestInstallation.newPostgresqlDatabase();
        Map<SettingKey, String> options = Map.of(
                SettingKey.DATA,
                installation().toString(),
                SettingKey.DATABASE_URL,
                url,
                SettingKey.DATABASE_USER,
                "postgres");
        var settings = SettingsLoader.load(options, Map.of(), Optional.empty());
        assertThat(MachineCheck.run(settings, Clock.systemUTC().instant()).findings())
                .anyMatch(finding -> finding.code().equals("schema-older"))
                .anyMatch(finding -> finding.code().equals("clock-agrees"));
        Databases.openPostgresql(url, "postgres", "").close();
        assertThat(MachineCheck.run(settings, Clock.systemUTC().instant().plusSeconds(60))
                        .findings())
                .anyMatch(finding -> finding.code().equals("schema-current"))
                .anyMatch(finding -> finding.code().equals("clock-differs"));
    }

    @Test
    void the_mail_server_is_greeted_and_what_was_given_up_is_said() {
        Path data = installation();
        TestClock clock = new TestClock();
        assertThat(Typed.on(data, clock, "doctor", "--json").out()).contains("mail-off");
        int port;
        try (Postbox post = new Postbox()) {
            port = post.port();
            String address = Integer.toString(port);
            assertThat(Typed.on(
                                    data,
                                    clock,
                                    "mail",
                                    "set",
                                    "--host",
                                    "127.0.0.1",
                                    "--port",
                                    address,
                                    "--security",
                                    "none",
                                    "--from",
                                    "login@northwind.example")
                            .code())
                    .isZero();
            assertThat(Typed.on(data, clock, "doctor", "--json").out()).contains("mail-answers");
            assertThat(post.all()).as("nothing is sent").isEmpty();
        }
        Typed gone = Typed.on(data, clock, "doctor", "--json");
        assertThat(gone.code()).isEqualTo(UNHEALTHY);
        assertThat(gone.out()).contains("mail-unreachable").contains("countersign mail test --to");
        assertThat(Typed.on(data, clock, "mail", "test", "--to", "ada@northwind.example")
                        .code())
                .isNotZero();
        assertThat(Typed.on(data, clock, "doctor", "--json").out())
                .contains("mail-failed")
                .contains("countersign mail queue");
    }
}
