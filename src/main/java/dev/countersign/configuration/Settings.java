package dev.countersign.configuration;

import dev.countersign.vault.OperatorKey;
import inet.ipaddr.IPAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The configuration of one server, checked.
 *
 * @param data the directory of database and keys
 * @param listen the address to listen on
 * @param port 0 to 65535; 0 takes a free one
 * @param baseUrl the address people reach the server at, if it is not {@code http://localhost:port}
 * @param name what people read, and the issuer their app shows
 * @param trustedProxies networks of proxies whose {@code X-Forwarded-*} headers are believed
 * @param trustedCertificates of authorities that are trusted in calls to other servers, beside those Java knows
 * @param keyFile the keys that seal secrets
 * @param operatorKey whose signature under an entitlement counts
 * @param requestsPerMinute how many REST requests one API key, and one address, may send in a minute: 10 to 10,000,000
 * @param push how browsers are woken
 * @param whereabouts what is known of addresses
 * @param log where checkpoints of the log are told
 * @param operation what whoever runs the server sees of it
 */
public record Settings(
        Path data,
        String listen,
        int port,
        Optional<URI> baseUrl,
        String name,
        List<IPAddress> trustedProxies,
        Optional<Tls> tls,
        Optional<Path> trustedCertificates,
        Path keyFile,
        Optional<Postgresql> postgresql,
        Optional<OperatorKey> operatorKey,
        int requestsPerMinute,
        Push push,
        Whereabouts whereabouts,
        Log log,
        Operation operation) {

    /** PEM files; read again when they change. */
    public record Tls(Path certificate, Path key) {}

    /** Where PostgreSQL is. */
    public record Postgresql(String url, String user, Optional<Path> passwordFile) {}

    /**
     * Push services.
     *
     * @param allowedEndpoints origins messages go to although they are not HTTPS or not public: {@code http://host:port}
     * @param contact {@code mailto:} or {@code https:}, said to every push service
     */
    public record Push(List<URI> allowedEndpoints, Optional<URI> contact) {
        public static final Push DEFAULT = new Push(List.of(), Optional.empty());

        public Push {
            allowedEndpoints = List.copyOf(allowedEndpoints);
        }
    }

    /** MaxMind DB files that say where an address is, and whose. */
    public record Whereabouts(Optional<Path> places, Optional<Path> networks) {
        public static final Whereabouts UNKNOWN = new Whereabouts(Optional.empty(), Optional.empty());
    }

    /**
     * Places outside that are told every checkpoint of the log.
     *
     * @param syslog {@code udp:}, {@code tcp:} or {@code tls:}, with a port
     */
    public record Log(Optional<Path> file, Optional<URI> syslog, Optional<URI> webhook) {
        public static final Log NOWHERE = new Log(Optional.empty(), Optional.empty(), Optional.empty());
    }

    /**
     * What whoever runs the server sees of it, and how it stops.
     *
     * @param nodeName what this server is called in the activity log: 1 to 64 of {@code A-Z a-z 0-9 . _ -}
     * @param traces where spans are sent to
     * @param shutdownDelay how long people are still served after {@code /health/ready} says no
     */
    public record Operation(
            Optional<Management> management,
            String nodeName,
            LogFormat logFormat,
            Optional<URI> traces,
            Duration shutdownDelay) {}

    /**
     * Where metrics and health in detail are served.
     *
     * @param tokenFile holds the bearer token that is asked for
     */
    public record Management(String listen, int port, Optional<Path> tokenFile) {}

    /** How lines of the server's log look. */
    public enum LogFormat {
        TEXT,
        /** One object a line, with the names of the Elastic Common Schema. */
        JSON
    }

    public Settings {
        trustedProxies = List.copyOf(trustedProxies);
    }

    /** Whether people reach the server by HTTPS, here or at a proxy. */
    public boolean isSecure() {
        return tls.isPresent()
                || baseUrl.filter(url -> "https".equals(url.getScheme())).isPresent();
    }
}
