package dev.countersign.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.configuration.SettingKey;
import dev.countersign.configuration.SettingsLoader;
import dev.countersign.diagnosis.Finding.Level;
import dev.countersign.diagnosis.Finding.Subject;
import dev.countersign.support.TestInstallation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the doctor finds of disk and certificate; each finding is green or says what to do. */
class MachineCheckTest {
    private static final Path DATA = Path.of("/data");
    private static final String SECRET = "only a test";

    @ParameterizedTest
    @CsvSource({
        "0, disk-full, RED",
        "199, disk-full, RED",
        "200, disk-nearly-full, WARNING",
        "1023, disk-nearly-full, WARNING",
        "1024, disk-free, GREEN"
    })
    void the_disk_is_green_while_there_is_room(long mebibytes, String code, Level level) {
        Finding finding = MachineCheck.space(mebibytes, DATA);
        assertThat(finding.code()).isEqualTo(code);
        assertThat(finding.level()).isEqualTo(level);
        assertThat(finding.text()).contains(mebibytes + " MiB");
    }

    @Test
    void a_directory_that_is_not_there_is_red() {
        assertThat(of(Subject.DISK, Map.of(SettingKey.DATA, "/nowhere/at/all"), Instant.now()))
                .extracting(Finding::code)
                .containsExactly("data-missing");
        assertThat(of(Subject.DISK, Map.of(), Instant.now()))
                .extracting(Finding::code)
                .containsAnyOf("disk-free", "disk-nearly-full", "disk-full");
    }

    @Test
    void whatever_is_wrong_says_what_to_do_and_what_is_green_does_not() {
        assertThatThrownBy(() -> new Finding(Subject.DISK, Level.RED, "disk-full", "It is full.", ""))
                .hasMessageContaining("disk-full");
        assertThatThrownBy(() -> new Finding(Subject.DISK, Level.GREEN, "disk-free", "It is empty.", "Fill it."))
                .hasMessageContaining("disk-free");
    }

    private static List<Finding> of(Subject subject, Map<SettingKey, String> more, Instant now) {
        Map<SettingKey, String> options = new EnumMap<>(SettingKey.class);
        options.put(SettingKey.DATA, TestInstallation.newDirectory().toString());
        options.putAll(more);
        return MachineCheck.run(SettingsLoader.load(options, Map.of(), Optional.empty()), now).findings().stream()
                .filter(finding -> finding.subject() == subject)
                .toList();
    }

    /** Two PEM files. */
    private record Pair(Path certificate, Path key, Instant until) {
        Map<SettingKey, String> settings() {
            return Map.of(
                    SettingKey.TLS_CERTIFICATE, certificate.toString(),
                    SettingKey.TLS_KEY, key.toString(),
                    SettingKey.BASE_URL, "https://login.northwind.example");
        }
    }

    private static Pair pair(String host) throws Exception {
        Path directory = TestInstallation.newDirectory();
        Path store = directory.resolve("store");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "one",
                        "-dname",
                        "CN=" + host,
                        "-ext",
                        "san=dns:" + host,
                        "-validity",
                        "90",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        SECRET)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore opened = KeyStore.getInstance(store.toFile(), SECRET.toCharArray());
        X509Certificate certificate = (X509Certificate) opened.getCertificate("one");
        return new Pair(
                pem(directory.resolve("certificate"), "CERTIFICATE", certificate.getEncoded()),
                pem(
                        directory.resolve("key"),
                        "PRIVATE KEY",
                        opened.getKey("one", SECRET.toCharArray()).getEncoded()),
                certificate.getNotAfter().toInstant());
    }

    private static Path pem(Path file, String name, byte[] content) throws IOException {
        return Files.writeString(
                file,
                "-----BEGIN " + name + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content) + "\n-----END " + name
                        + "-----\n");
    }

    private static List<String> codes(Map<SettingKey, String> settings, Instant now) {
        return of(Subject.CERTIFICATE, settings, now).stream()
                .map(Finding::code)
                .toList();
    }

    @Test
    void a_certificate_is_looked_at_for_time_name_and_key() throws Exception {
        Pair good = pair("login.northwind.example");
        Pair other = pair("mail.northwind.example");
        Instant before = good.until().minus(Duration.ofDays(60));
        assertThat(codes(good.settings(), before)).containsExactly("certificate-valid");
        assertThat(codes(good.settings(), good.until().minus(Duration.ofDays(20))))
                .containsExactly("certificate-ends");
        assertThat(codes(good.settings(), good.until().plusSeconds(1))).containsExactly("certificate-not-valid");
        assertThat(codes(good.settings(), good.until().minus(Duration.ofDays(91))))
                .containsExactly("certificate-not-valid");
        assertThat(codes(other.settings(), before)).containsExactly("certificate-other-name");
        assertThat(codes(new Pair(good.certificate(), other.key(), good.until()).settings(), before))
                .contains("certificate-other-key");
        Files.writeString(good.key(), "no key");
        assertThat(codes(good.settings(), before)).containsExactly("certificate-unreadable");
        assertThat(codes(pair("*.northwind.example").settings(), before)).containsExactly("certificate-valid");
        assertThat(codes(Map.of(), before)).isEmpty();
    }
}
