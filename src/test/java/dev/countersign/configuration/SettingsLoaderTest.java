package dev.countersign.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.kernel.StartFailure;
import dev.countersign.support.TestInstallation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What a configuration means, and what is refused. */
class SettingsLoaderTest {
    private final Path directory = TestInstallation.newDirectory();

    private Settings load(Map<SettingKey, String> options, Map<String, String> variables, Optional<Path> file) {
        Map<SettingKey, String> all = new HashMap<>(options);
        all.putIfAbsent(SettingKey.DATA, directory.toString());
        return SettingsLoader.load(all, variables, file);
    }

    private Settings load(Map<SettingKey, String> options) {
        return load(options, Map.of(), Optional.empty());
    }

    private Path file(String... lines) {
        try {
            return Files.write(Files.createTempFile(directory, "settings", ".yaml"), List.of(lines));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertRefused(ThrowingCallable loading, String... says) {
        assertThatThrownBy(loading).isInstanceOfSatisfying(StartFailure.class, failure -> {
            assertThat(failure.kind()).isEqualTo(StartFailure.Kind.CONFIGURATION);
            assertThat(failure.getMessage()).contains(says);
        });
    }

    @Test
    void without_a_word_it_listens_on_this_machine_alone_with_an_embedded_database() {
        Settings settings = SettingsLoader.load(Map.of(), Map.of(), Optional.empty());
        Path data = Path.of("countersign-data").toAbsolutePath();
        assertThat(settings)
                .isEqualTo(new Settings(
                        data,
                        "127.0.0.1",
                        8480,
                        Optional.empty(),
                        "Countersign",
                        List.of(),
                        Optional.empty(),
                        Optional.empty(),
                        data.resolve("countersign.keys"),
                        Optional.empty(),
                        Optional.empty(),
                        6_000,
                        Settings.Push.DEFAULT,
                        Settings.Whereabouts.UNKNOWN,
                        Settings.Log.NOWHERE,
                        new Settings.Operation(
                                Optional.empty(),
                                settings.operation().nodeName(),
                                Settings.LogFormat.TEXT,
                                Optional.empty(),
                                Duration.ZERO)));
        assertThat(settings.operation().nodeName()).as("the machine's own").matches("[A-Za-z0-9._-]{1,64}");
        assertThat(settings.isSecure()).isFalse();
    }

    /** The first test vector of RFC 8032. */
    private static final String OPERATOR_KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

    /** One value for each key there is: a new key has to be added here. */
    private Map<SettingKey, String> everything() {
        Map<SettingKey, String> values = new LinkedHashMap<>();
        for (SettingKey key : SettingKey.values()) {
            values.put(
                    key,
                    switch (key) {
                        case DATA -> directory.toString();
                        case LISTEN -> "0.0.0.0";
                        case PORT -> "8443";
                        case BASE_URL -> "https://login.northwind.example/";
                        case NAME -> "Northwind";
                        case TRUSTED_PROXIES -> "10.0.0.0/8, 2001:db8::1";
                        case TLS_CERTIFICATE -> file("certificate").toString();
                        case TLS_KEY -> file("key").toString();
                        case TRUSTED_CERTIFICATES -> present("authorities.pem").toString();
                        case KEY_FILE -> directory.resolve("other.keys").toString();
                        case DATABASE_URL -> "jdbc:postgresql://db/countersign";
                        case DATABASE_USER -> "northwind";
                        case DATABASE_PASSWORD_FILE -> "/run/secrets/db";
                        case OPERATOR_KEY -> OPERATOR_KEY;
                        case REQUESTS_PER_MINUTE -> "600";
                        case PUSH_ALLOWED_ENDPOINTS -> "http://127.0.0.1:8991, HTTPS://Push.Northwind.Example:443";
                        case PUSH_CONTACT -> "mailto:it@northwind.example";
                        case MANAGEMENT_PORT -> "8481";
                        case MANAGEMENT_LISTEN -> "10.0.0.5";
                        case MANAGEMENT_TOKEN_FILE ->
                            present("management.token").toString();
                        case NODE_NAME -> "north-1";
                        case LOG_FORMAT -> "json";
                        case TRACES_ENDPOINT -> "http://127.0.0.1:4318/v1/traces";
                        case SHUTDOWN_DELAY -> "5";
                        case PLACE_DATABASE -> present("places.mmdb").toString();
                        case NETWORK_DATABASE -> present("networks.mmdb").toString();
                        case LOG_FILE -> directory.resolve("checkpoints.jsonl").toString();
                        case LOG_SYSLOG -> "tls://logs.northwind.example:6514";
                        case LOG_WEBHOOK -> "https://logs.northwind.example/countersign";
                    });
        }
        return values;
    }

    private Path present(String name) {
        try {
            return Files.writeString(directory.resolve(name), "x");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertEverything(Settings settings, Map<SettingKey, String> values) {
        assertThat(settings.data()).isEqualTo(directory);
        assertThat(settings.whereabouts())
                .isEqualTo(new Settings.Whereabouts(
                        Optional.of(directory.resolve("places.mmdb")),
                        Optional.of(directory.resolve("networks.mmdb"))));
        assertThat(settings.operation())
                .isEqualTo(new Settings.Operation(
                        Optional.of(new Settings.Management(
                                "10.0.0.5", 8481, Optional.of(directory.resolve("management.token")))),
                        "north-1",
                        Settings.LogFormat.JSON,
                        Optional.of(URI.create("http://127.0.0.1:4318/v1/traces")),
                        Duration.ofSeconds(5)));
        assertThat(settings.listen()).isEqualTo("0.0.0.0");
        assertThat(settings.port()).isEqualTo(8443);
        assertThat(settings.baseUrl()).contains(URI.create("https://login.northwind.example"));
        assertThat(settings.name()).isEqualTo("Northwind");
        assertThat(settings.trustedProxies().toString()).isEqualTo("[10.0.0.0/8, 2001:db8::1]");
        assertThat(settings.tls())
                .contains(new Settings.Tls(
                        Path.of(values.get(SettingKey.TLS_CERTIFICATE)), Path.of(values.get(SettingKey.TLS_KEY))));
        assertThat(settings.trustedCertificates()).contains(directory.resolve("authorities.pem"));
        assertThat(settings.keyFile()).isEqualTo(directory.resolve("other.keys"));
        assertThat(settings.postgresql())
                .contains(new Settings.Postgresql(
                        "jdbc:postgresql://db/countersign", "northwind", Optional.of(Path.of("/run/secrets/db"))));
        assertThat(settings.isSecure()).isTrue();
        assertThat(settings.operatorKey()).isPresent();
        assertThat(settings.requestsPerMinute()).isEqualTo(600);
        assertThat(settings.push().allowedEndpoints())
                .containsExactly(URI.create("http://127.0.0.1:8991"), URI.create("https://push.northwind.example"));
        assertThat(settings.push().contact()).contains(URI.create("mailto:it@northwind.example"));
    }

    @Test
    void metrics_are_not_shown_to_the_network_without_a_token() {
        assertRefused(
                () -> load(SettingKey.MANAGEMENT_PORT, "8481", SettingKey.MANAGEMENT_LISTEN, "0.0.0.0"),
                "management-token-file");
        assertRefused(() -> load(SettingKey.MANAGEMENT_LISTEN, "127.0.0.1"), "management-port");
        assertRefused(() -> load(SettingKey.LOG_FORMAT, "xml"), "text or json");
        assertRefused(() -> load(SettingKey.TRACES_ENDPOINT, "http://user:secret@collector/"), "OTLP");
        assertRefused(() -> load(SettingKey.SHUTDOWN_DELAY, "301"), "0 to 300");
        assertRefused(() -> load(SettingKey.NODE_NAME, "north 1"), "node-name", "letters");
    }

    private static Settings load(SettingKey key, String value) {
        return SettingsLoader.load(Map.of(key, value), Map.of(), Optional.empty());
    }

    private static Settings load(SettingKey key, String value, SettingKey other, String otherValue) {
        return SettingsLoader.load(Map.of(key, value, other, otherValue), Map.of(), Optional.empty());
    }

    @Test
    void every_key_works_as_a_variable() {
        Map<SettingKey, String> values = everything();
        Map<String, String> variables = new HashMap<>();
        values.forEach((key, value) -> variables.put(key.variable(), value));
        assertEverything(SettingsLoader.load(Map.of(), variables, Optional.empty()), values);
        assertThat(variables).containsKey("COUNTERSIGN_DATABASE_PASSWORD_FILE");
    }

    @Test
    void every_key_works_in_the_file() throws IOException {
        Map<SettingKey, String> values = everything();
        Path file = Files.createTempFile(directory, "all", ".yaml");
        Files.write(
                file,
                values.entrySet().stream()
                        .map(entry -> entry.getKey().configName() + ": \"" + entry.getValue() + "\"")
                        .toList());
        assertEverything(SettingsLoader.load(Map.of(), Map.of(), Optional.of(file)), values);
    }

    @Test
    void options_win_over_variables_and_variables_over_the_file() {
        Path file = file("port: 1001", "name: file");
        Map<String, String> variables = Map.of("COUNTERSIGN_PORT", "1002", "COUNTERSIGN_LISTEN", "::1");
        Settings settings = load(Map.of(SettingKey.PORT, "1003"), variables, Optional.of(file));
        assertThat(settings.port()).isEqualTo(1003);
        assertThat(settings.listen()).isEqualTo("::1");
        assertThat(settings.name()).isEqualTo("file");
        assertThat(load(Map.of(), variables, Optional.of(file)).port()).isEqualTo(1002);
        assertThat(load(Map.of(), Map.of(), Optional.of(file)).port()).isEqualTo(1001);
    }

    @Test
    void the_file_in_the_data_directory_is_read_unless_another_is_named() throws IOException {
        Files.writeString(directory.resolve("countersign.yaml"), "port: 1001\n");
        Path other = file("port: 1002");
        assertThat(load(Map.of()).port()).isEqualTo(1001);
        assertThat(load(Map.of(), Map.of("COUNTERSIGN_CONFIG", other.toString()), Optional.empty())
                        .port())
                .isEqualTo(1002);
        assertThat(load(Map.of(), Map.of(), Optional.of(other)).port()).isEqualTo(1002);
    }

    @Test
    void a_typo_is_refused_with_the_nearest_name() {
        assertRefused(() -> load(Map.of(), Map.of(), Optional.of(file("prot: 1"))), "prot", "Did you mean port?");
        assertRefused(
                () -> load(Map.of(), Map.of(), Optional.of(file("trusted_proxies: []"))),
                "Did you mean trusted-proxies?");
        assertRefused(
                () -> load(Map.of(), Map.of("COUNTERSIGN_TRUSTED_PROXY", "10.0.0.1"), Optional.empty()),
                "COUNTERSIGN_TRUSTED_PROXY is not a setting",
                "Did you mean COUNTERSIGN_TRUSTED_PROXIES?");
        assertRefused(
                () -> load(Map.of(), Map.of(), Optional.of(file("something-else-entirely: 1"))),
                "Valid names: data, listen, port");
    }

    @Test
    void variables_of_the_launcher_and_of_others_are_none_of_its_business() {
        Map<String, String> variables =
                Map.of("COUNTERSIGN_JAVA_OPTIONS", "-Xmx1g", "COUNTERSIGN_TEST_HOST", "x", "PATH", "/bin", "PORT", "1");
        assertThat(load(Map.of(), variables, Optional.empty()).port()).isEqualTo(8480);
    }

    @Test
    void a_file_that_is_none_is_refused() {
        assertRefused(() -> load(Map.of(), Map.of(), Optional.of(directory.resolve("missing.yaml"))), "Cannot read");
        assertRefused(() -> load(Map.of(), Map.of(), Optional.of(file("- a", "- b"))), "name: value");
        assertRefused(() -> load(Map.of(), Map.of(), Optional.of(file("port: [", "name"))), "not valid YAML");
        assertRefused(() -> load(Map.of(), Map.of(), Optional.of(file("port:"))), "port needs a single value");
        assertRefused(() -> load(Map.of(), Map.of(), Optional.of(file("port: {a: 1}"))), "port needs a single value");
        assertRefused(
                () -> load(Map.of(), Map.of(), Optional.of(file("name: !!java.net.URL [http://a.example]"))),
                "not valid YAML");
        assertThat(load(Map.of(), Map.of(), Optional.of(file("# nothing"))).port())
                .isEqualTo(8480);
    }

    @Test
    void a_list_may_be_written_as_one() {
        Path file = file("trusted-proxies:", "  - 10.0.0.1", "  - 192.168.0.0/16");
        assertThat(load(Map.of(), Map.of(), Optional.of(file)).trustedProxies().toString())
                .isEqualTo("[10.0.0.1, 192.168.0.0/16]");
    }

    @Test
    void plain_http_is_served_on_loopback_only() {
        for (String loopback : List.of("127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost")) {
            assertThat(load(Map.of(SettingKey.LISTEN, loopback)).listen()).isEqualTo(loopback);
        }
        for (String open : List.of("0.0.0.0", "::", "[::]", "192.168.1.7", "2001:db8::1")) {
            assertRefused(
                    () -> load(Map.of(SettingKey.LISTEN, open)),
                    "Plain HTTP is served on loopback only",
                    "trusted-proxies");
            Map<SettingKey, String> behindProxy =
                    Map.of(SettingKey.LISTEN, open, SettingKey.TRUSTED_PROXIES, "10.0.0.1");
            assertThat(load(behindProxy).listen()).isEqualTo(open);
        }
        for (String none : List.of("login.example", "", "10.0.0.0/8", "127.0.0.1:80")) {
            assertRefused(() -> load(Map.of(SettingKey.LISTEN, none)), "listen");
        }
    }

    @Test
    void values_that_cannot_be_are_refused() {
        for (String port : List.of("", "-1", "65536", "http", "8480 ", "99999999999")) {
            assertRefused(() -> load(Map.of(SettingKey.PORT, port)), "port must be a number from 0 to 65535");
        }
        for (String url : List.of(
                "login.example", "ftp://login.example", "https://", "https://a b", "https://a/x", "https://a?x")) {
            assertRefused(() -> load(Map.of(SettingKey.BASE_URL, url)), "base-url must be an address");
        }
        for (String proxies : List.of("everyone", "10.0.0.0/40", "10.0.0.1,", "10.0.0.1;10.0.0.2", "*")) {
            assertRefused(() -> load(Map.of(SettingKey.TRUSTED_PROXIES, proxies)), "trusted-proxies must be");
        }
        assertRefused(() -> load(Map.of(SettingKey.DATABASE_URL, "postgres://db")), "database-url must begin with");
        for (String servers : List.of("any", "preferSecondary", "secondary", "primaryOrAny")) {
            assertRefused(
                    () -> load(Map.of(
                            SettingKey.DATABASE_URL, "jdbc:postgresql://a,b/c?ssl=true&targetServerType=" + servers)),
                    "database-url must not set targetServerType");
        }
        assertRefused(() -> load(Map.of(SettingKey.TLS_KEY, "/some.key")), "belong together");
    }

    @Test
    void a_certificate_that_is_not_there_is_a_failure_of_its_own_kind() {
        Map<SettingKey, String> options =
                Map.of(SettingKey.TLS_CERTIFICATE, "/none.pem", SettingKey.TLS_KEY, "/none.key");
        assertThatThrownBy(() -> load(options))
                .isInstanceOfSatisfying(
                        StartFailure.class,
                        failure -> assertThat(failure.kind()).isEqualTo(StartFailure.Kind.TLS));
    }

    @Test
    void a_proxy_that_speaks_https_makes_it_secure() {
        assertThat(load(Map.of(SettingKey.BASE_URL, "https://login.example")).isSecure())
                .isTrue();
        assertThat(load(Map.of(SettingKey.BASE_URL, "http://localhost:8480")).isSecure())
                .isFalse();
    }

    @Test
    void the_exit_codes_are_these() {
        Map<String, Integer> codes = new LinkedHashMap<>();
        for (StartFailure.Kind kind : StartFailure.Kind.values()) {
            codes.put(kind.name(), kind.exitCode());
        }
        assertThat(codes.toString())
                .isEqualTo("{USAGE=2, NOT_FOUND=3, REFUSED=4, CONFIGURATION=10, PORT_BUSY=11,"
                        + " DIRECTORY_NOT_WRITABLE=12, KEY_FILE=13, SCHEMA_NEWER=14, DATABASE=15, FILE_PERMISSIONS=16,"
                        + " TLS=17, UNHEALTHY=20, LOG_ALTERED=21}");
    }
}
