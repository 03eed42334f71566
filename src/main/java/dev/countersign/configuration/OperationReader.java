package dev.countersign.configuration;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads what {@link Settings.Operation} holds. */
final class OperationReader {
    private static final String LOOPBACK = "127.0.0.1";
    private static final String UNNAMED = "localhost";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Path KERNEL_NAME = Path.of("/proc/sys/kernel/hostname");
    private static final int LONGEST_DELAY_SECONDS = 300;

    private final Map<SettingKey, String> values;

    OperationReader(Map<SettingKey, String> values) {
        this.values = values;
    }

    Settings.Operation read() {
        return new Settings.Operation(management(), nodeName(), logFormat(), traces(), shutdownDelay());
    }

    private Optional<Settings.Management> management() {
        String listen = find(SettingKey.MANAGEMENT_LISTEN).orElse(LOOPBACK);
        Optional<Path> token = find(SettingKey.MANAGEMENT_TOKEN_FILE).map(OperationReader::readable);
        boolean loopback = listen.equals("localhost")
                || SettingsLoader.listenAddress("management-listen", listen).isLoopback();
        if (!loopback && token.isEmpty()) {
            throw SettingsLoader.invalid("Metrics say much about an installation: to listen on " + listen
                    + " set management-token-file too.");
        }
        Optional<String> port = find(SettingKey.MANAGEMENT_PORT);
        if (port.isEmpty()
                && (token.isPresent() || find(SettingKey.MANAGEMENT_LISTEN).isPresent())) {
            throw SettingsLoader.invalid("Nothing is served for management without management-port.");
        }
        return port.map(text -> new Settings.Management(listen, SettingsLoader.port("management-port", text), token));
    }

    private static Path readable(String text) {
        Path file = Path.of(text).toAbsolutePath();
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw SettingsLoader.invalid("management-token-file names " + file + ", which cannot be read.");
        }
        return file;
    }

    private String nodeName() {
        return find(SettingKey.NODE_NAME)
                .map(text -> {
                    if (NAME.matcher(text).matches()) {
                        return text;
                    }
                    throw SettingsLoader.invalid(
                            "node-name must be 1 to 64 letters, digits, dots, dashes and underscores, not '" + text
                                    + "'.");
                })
                .orElseGet(OperationReader::machine);
    }

    /** The name of this machine, as the kernel says it where it can be asked: elsewhere a name service may be waited for. */
    private static String machine() {
        String name;
        try {
            name = Files.isReadable(KERNEL_NAME)
                    ? Files.readString(KERNEL_NAME).strip()
                    : InetAddress.getLocalHost().getHostName();
        } catch (IOException e) {
            return UNNAMED;
        }
        return NAME.matcher(name).matches() ? name : UNNAMED;
    }

    private Settings.LogFormat logFormat() {
        String text = find(SettingKey.LOG_FORMAT).orElse("text");
        return switch (text) {
            case "text" -> Settings.LogFormat.TEXT;
            case "json" -> Settings.LogFormat.JSON;
            default -> throw SettingsLoader.invalid("log-format must be text or json, not '" + text + "'.");
        };
    }

    private Optional<URI> traces() {
        return find(SettingKey.TRACES_ENDPOINT).map(text -> {
            try {
                URI url = new URI(text);
                boolean web = "https".equals(url.getScheme()) || "http".equals(url.getScheme());
                if (web && url.getHost() != null && url.getRawUserInfo() == null && url.getRawQuery() == null) {
                    return url;
                }
            } catch (URISyntaxException e) {
                throw noTraces(text);
            }
            throw noTraces(text);
        });
    }

    private static RuntimeException noTraces(String text) {
        return SettingsLoader.invalid("traces-endpoint must be where a collector takes OTLP over HTTP, such as"
                + " http://127.0.0.1:4318/v1/traces, not '" + text + "'.");
    }

    private Duration shutdownDelay() {
        String text = find(SettingKey.SHUTDOWN_DELAY).orElse("0");
        if (text.matches("[0-9]{1,3}") && Integer.parseInt(text) <= LONGEST_DELAY_SECONDS) {
            return Duration.ofSeconds(Integer.parseInt(text));
        }
        throw SettingsLoader.invalid(
                "shutdown-delay must be seconds from 0 to " + LONGEST_DELAY_SECONDS + ", not '" + text + "'.");
    }

    private Optional<String> find(SettingKey key) {
        return Optional.ofNullable(values.get(key)).filter(value -> !value.isBlank());
    }
}
