package dev.countersign.mail;

import dev.countersign.configuration.Settings;
import dev.countersign.directory.Environment;
import java.net.URI;
import org.springframework.stereotype.Component;

/**
 * The address people reach the server at, for links: configured, never taken from a request. Thread-safe.
 */
@Component
public final class PublicAddress {
    private final Settings settings;
    private final org.springframework.core.env.Environment running;

    PublicAddress(Settings settings, org.springframework.core.env.Environment running) {
        this.settings = settings;
        this.running = running;
    }

    /** Scheme, host and port, without a path; the host is the environment's own if it has one. */
    public String of(Environment environment) {
        URI base = settings.baseUrl().orElseGet(this::local);
        String host = environment.host().orElse(base.getHost());
        return base.getScheme() + "://" + host + (base.getPort() < 0 ? "" : ":" + base.getPort());
    }

    /** Where the server listens; a port chosen at the start is known only while it runs. */
    private URI local() {
        int port = running.getProperty("local.server.port", Integer.class, settings.port());
        return URI.create((settings.tls().isPresent() ? "https" : "http") + "://localhost:" + port);
    }
}
