package dev.countersign.configuration;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Every name a configuration may use. In the environment it is {@code COUNTERSIGN_} and the name in capitals. */
public enum SettingKey {
    /** Directory of database and keys. */
    DATA("data"),
    /** Address to listen on. */
    LISTEN("listen"),
    /** Port to listen on. */
    PORT("port"),
    /** The address people reach the server at. */
    BASE_URL("base-url"),
    /** Name shown to people and in their app. */
    NAME("name"),
    /** Networks of reverse proxies whose X-Forwarded headers are believed, separated by commas. */
    TRUSTED_PROXIES("trusted-proxies"),
    /** PEM file of the certificate chain. */
    TLS_CERTIFICATE("tls-certificate"),
    /** PEM file of the private key. */
    TLS_KEY("tls-key"),
    /** PEM file of certificate authorities that are trusted in calls to other servers, beside those Java knows. */
    TRUSTED_CERTIFICATES("trusted-certificates"),
    /** File of the keys that seal secrets. */
    KEY_FILE("key-file"),
    /** JDBC address of a PostgreSQL database. */
    DATABASE_URL("database-url"),
    /** User of the PostgreSQL database. */
    DATABASE_USER("database-user"),
    /** File that holds the password of the PostgreSQL user. */
    DATABASE_PASSWORD_FILE("database-password-file"),
    /** Public key of whoever operates the installation for others; signs what each environment may switch on. */
    OPERATOR_KEY("operator-key"),
    /** REST requests one API key, and one address, may send in a minute. */
    REQUESTS_PER_MINUTE("requests-per-minute"),
    /** Push services that may be reached by plain HTTP or at addresses that are not public, separated by commas. */
    PUSH_ALLOWED_ENDPOINTS("push-allowed-endpoints"),
    /** Where whoever runs a push service reaches whoever runs this installation. */
    PUSH_CONTACT("push-contact"),

    /** Port for metrics and health in detail; nothing is served there without it. */
    MANAGEMENT_PORT("management-port"),
    /** Address of that port. */
    MANAGEMENT_LISTEN("management-listen"),
    /** File with the bearer token that opens that port. */
    MANAGEMENT_TOKEN_FILE("management-token-file"),
    /** What this server is called in the activity log. */
    NODE_NAME("node-name"),
    /** How lines of the server's log look. */
    LOG_FORMAT("log-format"),
    /** Where spans are sent to: OTLP over HTTP. */
    TRACES_ENDPOINT("traces-endpoint"),
    /** How long people are still served after the server was asked to end and says that it is not ready. */
    SHUTDOWN_DELAY("shutdown-delay"),

    /** MaxMind DB file with city and country of addresses. */
    PLACE_DATABASE("place-database"),
    /** MaxMind DB file with who runs the networks of addresses. */
    NETWORK_DATABASE("network-database"),

    /** File that every checkpoint of the log is added to. */
    LOG_FILE("log-file"),
    /** Syslog server that is told every checkpoint of the log. */
    LOG_SYSLOG("log-syslog"),
    /** Address that every checkpoint of the log is posted to. */
    LOG_WEBHOOK("log-webhook");

    private static final int FURTHEST_TYPO = 4;

    private final String configName;

    SettingKey(String configName) {
        this.configName = configName;
    }

    /** The name in {@code countersign.yaml}. */
    public String configName() {
        return configName;
    }

    /** The name of the environment variable. */
    public String variable() {
        return "COUNTERSIGN_" + configName.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    static Optional<SettingKey> of(String name) {
        return Arrays.stream(values())
                .filter(key -> key.configName.equals(name))
                .findFirst();
    }

    /** The valid name most like {@code typed}, if one is near enough to be meant. */
    static Optional<SettingKey> nearest(String typed) {
        return Arrays.stream(values())
                .min(Comparator.comparingInt(key -> distance(key.configName, typed)))
                .filter(key -> distance(key.configName, typed) <= FURTHEST_TYPO);
    }

    /** Levenshtein's distance. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substitution, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
