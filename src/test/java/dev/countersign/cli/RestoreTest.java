package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.apikey.ApiKeys;
import dev.countersign.apikey.Scopes;
import dev.countersign.configuration.SettingKey;
import dev.countersign.directory.Account;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Rules;
import dev.countersign.support.RestClient;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestInstallation;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A backup of a running server, restored into the other database: what was used before is dead afterwards (AC-011). */
class RestoreTest {
    private static final String PASSPHRASE = "a passphrase for the safe";

    @Test
    void ac_011_from_the_embedded_database_to_postgresql() throws IOException {
        Map<SettingKey, String> there = postgresql();
        afterARestoreNothingThatWasUsedWorksAgain(TestServer.start(), there);
    }

    @Test
    void ac_011_from_postgresql_to_the_embedded_database() throws IOException {
        afterARestoreNothingThatWasUsedWorksAgain(TestServer.onPostgresql(), Map.of());
    }

    private static Map<SettingKey, String> postgresql() {
        return Map.of(
                SettingKey.DATABASE_URL,
                TestInstallation.newPostgresqlDatabase(),
                SettingKey.DATABASE_USER,
                "postgres");
    }

    private static void afterARestoreNothingThatWasUsedWorksAgain(TestServer source, Map<SettingKey, String> target)
            throws IOException {
        Path safe = TestInstallation.newDirectory();
        source.policy(Rules.Mode.OPTIONAL);
        Enrolled anna = source.enrolled("anna", Role.ADMINISTRATOR);
        Enrolled bea = source.enrolled("bea");
        String usedBefore = anna.app().code();
        assertThat(source.browser()
                        .signIn("anna", TestServer.PASSWORD, usedBefore)
                        .location())
                .isEqualTo("/account");

        Typed made = typed(
                source.directory(),
                source.settings(),
                safe,
                source,
                "backup",
                safe.resolve("b").toString());
        assertThat(made.err() + made.out()).contains("Wrote").doesNotContain(PASSPHRASE);
        assertThat(made.code()).isZero();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(safe.resolve("b"))))
                .isEqualTo("rw-------");

        source.clock().advance(Duration.ofSeconds(30));
        String usedAfter = anna.app().code();
        assertThat(source.browser()
                        .signIn("anna", TestServer.PASSWORD, usedAfter)
                        .location())
                .isEqualTo("/account");
        source.stop();

        Path data = TestInstallation.newDirectory();
        Typed restored =
                typed(data, target, safe, source, "restore", safe.resolve("b").toString());
        assertThat(restored.err() + restored.out()).contains("Restored the installation");
        assertThat(restored.code()).isZero();
        assertThat(Files.exists(data.resolve("countersign.restoring"))).isFalse();

        try (TestServer server = TestServer.over(data, source.clock(), target)) {
            assertThat(server.count("SELECT count(*) FROM session")).isZero();
            assertThat(List.of(
                            usedBefore, usedAfter, anna.app().code(), anna.app().code(Duration.ofSeconds(30))))
                    .allSatisfy(code -> assertThat(server.browser()
                                    .signIn("anna", TestServer.PASSWORD, code)
                                    .location())
                            .isNotEqualTo("/account")
                            .startsWith("/sign-in/code"));
            assertThat(server.browser()
                            .signIn("bea", TestServer.PASSWORD, bea.recoveryCode())
                            .location())
                    .startsWith("/sign-in/code");

            server.clock().advance(Duration.ofSeconds(60));
            TestBrowser browser = server.browser();
            TestBrowser.Reply reply =
                    browser.signIn("anna", TestServer.PASSWORD, anna.app().code());
            assertThat(reply.location()).isEqualTo("/sign-in/recovery-code");

            assertThat(server.count("SELECT count(*) FROM activity WHERE kind = 'installation-restored'"))
                    .isEqualTo(1);
            assertThat(server.count("SELECT count(*) FROM activity WHERE kind = 'backup-made'"))
                    .isZero();
            assertThat(server.count("SELECT count(*) FROM alert WHERE kind = 'INSTALLATION_RESTORED'"))
                    .isEqualTo(1);
            assertThat(server.count("SELECT count(*) FROM unfinished_copy")).isZero();
        }
    }

    @Test
    void api_keys_go_on_or_are_revoked_as_the_administrator_says() throws IOException {
        TestServer source = TestServer.start();
        Account owner = source.person("anna", Role.ADMINISTRATOR);
        ApiKeys.Creation created = source.get(ApiKeys.class)
                .create(
                        new ApiKeys.Wish(
                                owner,
                                "program",
                                Scopes.parse(List.of("view-people")).orElseThrow(),
                                source.clock().instant().plus(Duration.ofDays(30))),
                        new ApiKeys.Giver.CommandLine(),
                        TestInstallation.ACTOR,
                        Origin.SYSTEM,
                        source.clock().instant());
        String key = ((ApiKeys.Creation.Created) created).secret().reveal();
        Path safe = TestInstallation.newDirectory();
        String file = safe.resolve("b").toString();
        assertThat(typed(source.directory(), Map.of(), safe, source, "backup", file)
                        .code())
                .isZero();
        source.stop();
        assertThat(keyOpens(source, key, safe, "restore", file)).isEqualTo(200);
        assertThat(keyOpens(source, key, safe, "restore", file, "--revoke-api-keys"))
                .isEqualTo(401);
    }

    private static int keyOpens(TestServer source, String key, Path safe, String... words) throws IOException {
        Path data = TestInstallation.newDirectory();
        assertThat(typed(data, Map.of(), safe, source, words).code()).isZero();
        try (TestServer server = TestServer.over(data, source.clock(), Map.of());
                RestClient client = new RestClient(server.port())) {
            return client.get("/api/v1/people", key).status();
        }
    }

    private static Typed typed(
            Path data, Map<SettingKey, String> settings, Path safe, TestServer server, String... words)
            throws IOException {
        Path passphrase = safe.resolve("passphrase");
        if (!Files.exists(passphrase)) {
            Files.createFile(
                    passphrase, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(passphrase, PASSPHRASE + "\n");
        }
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--passphrase-file", passphrase.toString()));
        if (settings.containsKey(SettingKey.DATABASE_URL)) {
            Path config = data.resolve("test.yaml");
            Files.writeString(
                    config, "database-url: " + settings.get(SettingKey.DATABASE_URL) + "\ndatabase-user: postgres\n");
            all.addAll(List.of("--config", config.toString()));
        }
        return Typed.on(data, server.clock(), all.toArray(String[]::new));
    }
}
