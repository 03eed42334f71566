package dev.countersign.configuration;

import dev.countersign.kernel.StartFailure;
import dev.countersign.vault.OperatorKey;
import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressString;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Reads the configuration: options of the command line first, then variables, then {@code countersign.yaml}. A name nobody
 * knows is refused with the nearest valid one, so that a typo never means a default.
 */
public final class SettingsLoader {
    /** What would let a copy that lags behind answer. */
    private static final Pattern OTHER_SERVERS = Pattern.compile("[?&]targetServerType=(?!primary(&|$))");

    private static final String DEFAULT_PORT = "8480";
    private static final String DEFAULT_REQUESTS_PER_MINUTE = "6000";
    private static final String PREFIX = "COUNTERSIGN_";
    /** Variables of the launcher and the tests, which are not settings. */
    private static final List<String> NOT_SETTINGS =
            List.of("COUNTERSIGN_JAVA_OPTIONS", "COUNTERSIGN_DEV_SOURCES", "COUNTERSIGN_TEST_", "COUNTERSIGN_CONFIG");

    private final Map<SettingKey, String> values = new EnumMap<>(SettingKey.class);

    private SettingsLoader() {}

    /**
     * The settings.
     *
     * @param options what the command line says; wins over everything
     * @param variables the environment
     * @param file the file to read; without one, {@code countersign.yaml} in the data directory if it is there
     */
    public static Settings load(Map<SettingKey, String> options, Map<String, String> variables, Optional<Path> file) {
        SettingsLoader loader = new SettingsLoader();
        loader.readVariables(variables);
        loader.values.putAll(options);
        Optional<Path> named = file.or(
                () -> Optional.ofNullable(variables.get("COUNTERSIGN_CONFIG")).map(Path::of));
        Optional<Path> found = named.or(loader::fileInData);
        found.ifPresent(loader::readFile);
        return loader.settings();
    }

    private Optional<Path> fileInData() {
        return Optional.of(data().resolve("countersign.yaml")).filter(Files::exists);
    }

    private Path data() {
        return Path.of(values.getOrDefault(SettingKey.DATA, "countersign-data"))
                .toAbsolutePath()
                .normalize();
    }

    private void readVariables(Map<String, String> variables) {
        variables.forEach((variable, value) -> {
            boolean ours = variable.startsWith(PREFIX) && NOT_SETTINGS.stream().noneMatch(variable::startsWith);
            if (ours) {
                String name = variable.substring(PREFIX.length())
                        .toLowerCase(Locale.ROOT)
                        .replace('_', '-');
                SettingKey key = SettingKey.of(name).orElseThrow(() -> unknown(variable, name, true));
                values.put(key, value);
            }
        });
    }

    private void readFile(Path file) {
        Map<SettingKey, String> fromFile = new EnumMap<>(SettingKey.class);
        parse(file).forEach((name, value) -> {
            SettingKey key = SettingKey.of(String.valueOf(name))
                    .orElseThrow(() -> unknown(file + ": " + name, String.valueOf(name), false));
            fromFile.put(key, text(file, key, value));
        });
        fromFile.forEach(values::putIfAbsent);
    }

    private static Map<?, ?> parse(Path file) {
        try {
            Object document = new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file));
            if (document == null) {
                return Map.of();
            }
            if (document instanceof Map<?, ?> map) {
                return map;
            }
            throw invalid(file + " must hold lines of the form 'name: value'.");
        } catch (YAMLException e) {
            throw invalid(file + " is not valid YAML: " + e.getMessage());
        } catch (IOException e) {
            throw invalid("Cannot read " + file + ": " + e);
        }
    }

    private static String text(Path file, SettingKey key, @Nullable Object value) {
        if (value instanceof List<?> list) {
            return String.join(",", list.stream().map(String::valueOf).toList());
        }
        if (value == null || value instanceof Map<?, ?>) {
            throw invalid(file + ": " + key.configName() + " needs a single value.");
        }
        return value.toString();
    }

    private Settings settings() {
        Path data = data();
        Optional<Settings.Tls> tls = tls();
        List<IPAddress> proxies = proxies();
        String listen = values.getOrDefault(SettingKey.LISTEN, "127.0.0.1");
        refusePlainHttpBeyondLoopback(listen, tls.isPresent(), !proxies.isEmpty());
        return new Settings(
                data,
                listen,
                port("port", values.getOrDefault(SettingKey.PORT, DEFAULT_PORT)),
                baseUrl(),
                values.getOrDefault(SettingKey.NAME, "Countersign"),
                proxies,
                tls,
                readable(SettingKey.TRUSTED_CERTIFICATES),
                Path.of(values.getOrDefault(
                                SettingKey.KEY_FILE,
                                data.resolve("countersign.keys").toString()))
                        .toAbsolutePath(),
                postgresql(),
                operatorKey(),
                requestsPerMinute(),
                new Settings.Push(pushEndpoints(), pushContact()),
                new Settings.Whereabouts(readable(SettingKey.PLACE_DATABASE), readable(SettingKey.NETWORK_DATABASE)),
                new Settings.Log(
                        find(SettingKey.LOG_FILE)
                                .map(file -> Path.of(file).toAbsolutePath().normalize()),
                        logSyslog(),
                        logWebhook()),
                new OperationReader(values).read());
    }

    private static void refusePlainHttpBeyondLoopback(String listen, boolean tls, boolean proxies) {
        boolean loopback =
                listen.equals("localhost") || listenAddress("listen", listen).isLoopback();
        if (!loopback && !tls && !proxies) {
            throw invalid("Plain HTTP is served on loopback only. To listen on " + listen
                    + " set tls-certificate and tls-key, or name the reverse proxy in trusted-proxies.");
        }
    }

    static IPAddress listenAddress(String name, String listen) {
        String bare =
                listen.startsWith("[") && listen.endsWith("]") ? listen.substring(1, listen.length() - 1) : listen;
        IPAddress address = bare.isBlank() ? null : new IPAddressString(bare).getAddress();
        if (address == null || address.isMultiple()) {
            throw invalid(name + " must be an address such as 127.0.0.1, 0.0.0.0 or [::], not '" + listen + "'.");
        }
        return address;
    }

    static int port(String name, String text) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= 65_535) {
                return port;
            }
        } catch (NumberFormatException e) {
            throw invalid(name + " must be a number from 0 to 65535, not '" + text + "'.");
        }
        throw invalid(name + " must be a number from 0 to 65535, not '" + text + "'.");
    }

    private Optional<URI> baseUrl() {
        return find(SettingKey.BASE_URL).map(text -> {
            try {
                URI url = new URI(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
                boolean web = "https".equals(url.getScheme()) || "http".equals(url.getScheme());
                if (web && url.getHost() != null && url.getPath().isEmpty() && url.getQuery() == null) {
                    return url;
                }
            } catch (URISyntaxException e) {
                throw invalid("base-url must be an address such as https://login.example.org, not '" + text + "'.");
            }
            throw invalid("base-url must be an address such as https://login.example.org, not '" + text + "'.");
        });
    }

    private List<IPAddress> proxies() {
        List<IPAddress> networks = new ArrayList<>();
        find(SettingKey.TRUSTED_PROXIES).ifPresent(text -> {
            for (String part : text.split(",", -1)) {
                networks.add(network(part.strip()));
            }
        });
        return networks;
    }

    /** The library reads empty text as loopback and a star as every address: neither is what anyone means to trust. */
    private static IPAddress network(String text) {
        IPAddress network = text.isBlank() || text.equals("*") ? null : new IPAddressString(text).getAddress();
        if (network == null) {
            throw invalid("trusted-proxies must be addresses or networks such as 10.0.0.0/8, not '" + text + "'.");
        }
        return network.toPrefixBlock();
    }

    private Optional<Settings.Tls> tls() {
        Optional<String> certificate = find(SettingKey.TLS_CERTIFICATE);
        Optional<String> key = find(SettingKey.TLS_KEY);
        if (certificate.isPresent() != key.isPresent()) {
            throw invalid("tls-certificate and tls-key belong together; set both or neither.");
        }
        return certificate.map(file -> new Settings.Tls(readable(file), readable(key.orElseThrow())));
    }

    private static Path readable(String file) {
        Path path = Path.of(file).toAbsolutePath();
        if (!Files.isReadable(path)) {
            throw new StartFailure(StartFailure.Kind.TLS, "Cannot read " + path + ".");
        }
        return path;
    }

    private Optional<Settings.Postgresql> postgresql() {
        Optional<String> url = find(SettingKey.DATABASE_URL);
        if (url.filter(text -> !text.startsWith("jdbc:postgresql:")).isPresent()) {
            throw invalid(
                    "database-url must begin with jdbc:postgresql:// - without it the embedded database is used.");
        }
        if (url.filter(text -> OTHER_SERVERS.matcher(text).find()).isPresent()) {
            throw invalid("database-url must not set targetServerType: Countersign uses the server that takes writes.");
        }
        return url.map(text -> new Settings.Postgresql(
                text,
                values.getOrDefault(SettingKey.DATABASE_USER, "countersign"),
                find(SettingKey.DATABASE_PASSWORD_FILE).map(Path::of)));
    }

    private Optional<OperatorKey> operatorKey() {
        return find(SettingKey.OPERATOR_KEY)
                .map(text -> OperatorKey.parse(text)
                        .orElseThrow(
                                () -> invalid("operator-key must be an Ed25519 public key: 32 bytes in Base64, or the"
                                        + " block that 'openssl pkey -pubout' writes.")));
    }

    private int requestsPerMinute() {
        String text = values.getOrDefault(SettingKey.REQUESTS_PER_MINUTE, DEFAULT_REQUESTS_PER_MINUTE);
        if (text.matches("[1-9][0-9]{1,6}|10000000")) {
            return Integer.parseInt(text);
        }
        throw invalid("requests-per-minute must be a number from 10 to 10000000, not '" + text + "'.");
    }

    private List<URI> pushEndpoints() {
        List<URI> origins = new ArrayList<>();
        find(SettingKey.PUSH_ALLOWED_ENDPOINTS).ifPresent(text -> {
            for (String part : text.split(",", -1)) {
                origins.add(pushOrigin(part.strip()));
            }
        });
        return origins;
    }

    /** As the address of an endpoint is compared with it: small letters, and no port where it is the usual one. */
    private static URI pushOrigin(String text) {
        try {
            URI url = new URI(text.toLowerCase(Locale.ROOT));
            boolean web = "https".equals(url.getScheme()) || "http".equals(url.getScheme());
            if (web && url.getHost() != null && url.getRawPath().isEmpty() && url.getRawUserInfo() == null) {
                int usual = "https".equals(url.getScheme()) ? 443 : 80;
                String port = url.getPort() < 0 || url.getPort() == usual ? "" : ":" + url.getPort();
                return URI.create(url.getScheme() + "://" + url.getHost() + port);
            }
        } catch (URISyntaxException e) {
            throw noPushOrigin(text);
        }
        throw noPushOrigin(text);
    }

    private static StartFailure noPushOrigin(String text) {
        return invalid("push-allowed-endpoints must be addresses without a path such as https://push.example.org or"
                + " http://10.0.0.7:8080, not '" + text + "'.");
    }

    private Optional<URI> pushContact() {
        return find(SettingKey.PUSH_CONTACT).map(text -> {
            if (text.matches("(mailto:[A-Za-z0-9._+-]{1,100}@|https://)[A-Za-z0-9][A-Za-z0-9./-]{0,200}")) {
                return URI.create(text);
            }
            throw invalid("push-contact must be mailto:someone@example.org or an https address, not '" + text + "'.");
        });
    }

    private Optional<URI> logSyslog() {
        return find(SettingKey.LOG_SYSLOG).map(text -> {
            URI address = address(text, SettingKey.LOG_SYSLOG, "tls://logs.example.org:6514");
            boolean known = Set.of("udp", "tcp", "tls").contains(address.getScheme());
            if (!known || address.getPort() < 1 || address.getPort() > 65_535) {
                throw noAddress(text, SettingKey.LOG_SYSLOG, "tls://logs.example.org:6514");
            }
            return address;
        });
    }

    private Optional<URI> logWebhook() {
        return find(SettingKey.LOG_WEBHOOK).map(text -> {
            String example = "https://logs.example.org/countersign";
            URI address = address(text, SettingKey.LOG_WEBHOOK, example);
            boolean here = "http".equals(address.getScheme())
                    && Set.of("localhost", "127.0.0.1", "[::1]").contains(address.getHost());
            if (!here && !"https".equals(address.getScheme())) {
                throw noAddress(text, SettingKey.LOG_WEBHOOK, example);
            }
            return address;
        });
    }

    private static URI address(String text, SettingKey key, String example) {
        try {
            URI address = new URI(text);
            if (address.getHost() != null && address.getRawUserInfo() == null && address.getRawFragment() == null) {
                return address;
            }
        } catch (URISyntaxException e) {
            throw noAddress(text, key, example);
        }
        throw noAddress(text, key, example);
    }

    private static StartFailure noAddress(String text, SettingKey key, String example) {
        return invalid(key.configName() + " must be an address such as " + example + ", not '" + text + "'.");
    }

    /** A file that is there; what is in it is looked at later. */
    private Optional<Path> readable(SettingKey key) {
        return find(key).map(text -> {
            Path file = Path.of(text).toAbsolutePath();
            if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
                throw invalid(key.configName() + " names " + file + ", which cannot be read.");
            }
            return file;
        });
    }

    private Optional<String> find(SettingKey key) {
        return Optional.ofNullable(values.get(key)).filter(value -> !value.isBlank());
    }

    private static StartFailure unknown(String where, String name, boolean variable) {
        String nearest = SettingKey.nearest(name)
                .map(key -> " Did you mean " + (variable ? key.variable() : key.configName()) + "?")
                .orElse(" Valid names: " + String.join(", ", allNames(variable)) + ".");
        return invalid(where + " is not a setting." + nearest);
    }

    private static List<String> allNames(boolean variable) {
        List<String> names = new ArrayList<>();
        for (SettingKey key : SettingKey.values()) {
            names.add(variable ? key.variable() : key.configName());
        }
        return names;
    }

    static StartFailure invalid(String message) {
        return new StartFailure(StartFailure.Kind.CONFIGURATION, message);
    }
}
