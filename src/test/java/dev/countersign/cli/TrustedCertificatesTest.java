package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.configuration.SettingKey;
import dev.countersign.support.ServerProcess;
import dev.countersign.support.Soon;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestCertificate;
import dev.countersign.support.TestInstallation;
import dev.countersign.support.TlsStranger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Authorities of one's own: whom a process trusts is decided once, so each of these is a process of its own. */
class TrustedCertificatesTest {
    private static final TestCertificate AUTHORITY = TestCertificate.of("dns:localhost,ip:127.0.0.1");

    private final Path data = TestInstallation.newDirectory();

    @Test
    void servers_with_certificates_of_a_named_authority_are_told_what_strangers_are_not() throws Exception {
        try (TlsStranger syslog = TlsStranger.fromTheBeginning(AUTHORITY);
                TlsStranger webhook = TlsStranger.fromTheBeginning(AUTHORITY);
                TlsStranger collector = TlsStranger.fromTheBeginning(AUTHORITY);
                TlsStranger mail = TlsStranger.afterStartTls();
                ServerProcess server = ServerProcess.startClasses(Map.of(
                        SettingKey.DATA,
                        data.toString(),
                        SettingKey.PORT,
                        "0",
                        SettingKey.TRUSTED_CERTIFICATES,
                        AUTHORITY.pem().toString(),
                        SettingKey.LOG_SYSLOG,
                        "tls://127.0.0.1:" + syslog.port(),
                        SettingKey.LOG_WEBHOOK,
                        "https://127.0.0.1:" + webhook.port() + "/hook",
                        SettingKey.TRACES_ENDPOINT,
                        "https://127.0.0.1:" + collector.port() + "/v1/traces"))) {
            new TestBrowser("http://127.0.0.1:" + server.port()).get("/sign-in");
            sendTestMail(mail);
            assertThat(mail.refused()).isPositive();
            assertThat(mail.told()).as("its certificate is nobody's").isZero();
            assertThat(Soon.becomes(() -> syslog.told() > 0))
                    .as("the change of the mail server was sealed: %s", server.output())
                    .isTrue();
            assertThat(Soon.becomes(() -> webhook.told() > 0)).isTrue();
            assertThat(Soon.becomes(() -> collector.told() > 0)).isTrue();
        }
    }

    private void sendTestMail(TlsStranger server) throws Exception {
        command(
                "mail",
                "set",
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(server.port()),
                "--security",
                "starttls",
                "--from",
                "login@northwind.example");
        command("mail", "test", "--to", "ada@northwind.example");
    }

    private void command(String... words) throws Exception {
        List<String> command = new ArrayList<>(ServerProcess.classes());
        command.addAll(List.of(words));
        command.addAll(List.of("--data", data.toString()));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment()
                .put(SettingKey.TRUSTED_CERTIFICATES.variable(), AUTHORITY.pem().toString());
        builder.start().waitFor();
    }

    @Test
    void a_file_without_certificates_is_refused_in_one_line() throws Exception {
        Path empty = Files.writeString(TestInstallation.newDirectory().resolve("empty.pem"), "nothing\n");
        try (ServerProcess server = ServerProcess.startClasses(Map.of(
                SettingKey.DATA, data.toString(),
                SettingKey.PORT, "0",
                SettingKey.TRUSTED_CERTIFICATES, empty.toString()))) {
            assertThat(server.exitCode()).isEqualTo(10);
            assertThat(server.output()).contains("trusted-certificates").doesNotContain("Exception");
        }
    }
}
