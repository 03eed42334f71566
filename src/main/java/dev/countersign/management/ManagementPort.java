package dev.countersign.management;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.configuration.Settings;
import dev.countersign.health.Liveness;
import dev.countersign.health.ServerReadiness;
import dev.countersign.kernel.StartFailure;
import dev.countersign.metrics.Metrics;
import dev.countersign.vault.PrivateFiles;
import dev.countersign.vault.SecretText;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * A small HTTP server of its own, Java's: what it says is meant for whoever runs the installation, and nothing of it can be
 * reached through the port people use. It answers on platform threads, also when no virtual thread gets anywhere, and is the
 * last to stop. Thread-safe.
 */
@Component
@ConditionalOnProperty("countersign.management")
public final class ManagementPort implements SmartLifecycle {
    private static final int THREADS = 4;
    private static final int BACKLOG = 50;
    private static final String JSON = "application/json";

    private final Settings.Management settings;
    private final Liveness liveness;
    private final ServerReadiness readiness;
    private final Metrics metrics;
    private final Optional<SecretText> token;
    private final JsonMapper json = JsonMapper.builder().build();
    private volatile @Nullable HttpServer server;
    private volatile @Nullable ExecutorService threads;

    ManagementPort(Settings settings, Liveness liveness, ServerReadiness readiness, Metrics metrics) {
        this.settings = settings.operation().management().orElseThrow();
        this.liveness = liveness;
        this.readiness = readiness;
        this.metrics = metrics;
        this.token = this.settings.tokenFile().map(ManagementPort::token);
    }

    private static SecretText token(Path file) {
        PrivateFiles.requirePrivate(file);
        try {
            String text = Files.readString(file).strip();
            if (text.length() < 16) {
                throw new StartFailure(
                        StartFailure.Kind.CONFIGURATION, file + " holds less than 16 characters: that can be guessed.");
            }
            return SecretText.of(text);
        } catch (IOException e) {
            throw new StartFailure(StartFailure.Kind.CONFIGURATION, "Cannot read " + file + ": " + e, e);
        }
    }

    @Override
    public void start() {
        // Seconds for a request to arrive and for its answer to be taken; read by Java when the first server is made.
        System.setProperty("sun.net.httpserver.maxReqTime", "10");
        System.setProperty("sun.net.httpserver.maxRspTime", "20");
        System.setProperty("jdk.httpserver.maxConnections", "100");
        try {
            HttpServer created = HttpServer.create(new InetSocketAddress(settings.listen(), settings.port()), BACKLOG);
            ExecutorService pool = Executors.newFixedThreadPool(
                    THREADS, Thread.ofPlatform().daemon().name("management-", 1).factory());
            created.setExecutor(pool);
            created.createContext("/", this::handle);
            created.start();
            server = created;
            threads = pool;
        } catch (IOException e) {
            throw new StartFailure(
                    StartFailure.Kind.PORT_BUSY,
                    "The management port " + settings.port() + " on " + settings.listen()
                            + " is in use, or may not be used. Name another with management-port.",
                    e);
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().set("Cache-Control", "no-store");
            exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
            String method = exchange.getRequestMethod();
            if (!method.equals("GET") && !method.equals("HEAD")) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                send(exchange, 405, "text/plain", "Only GET and HEAD.\n".getBytes(StandardCharsets.UTF_8));
            } else if (!isAllowed(exchange)) {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer realm=\"countersign management\"");
                send(exchange, 401, "text/plain", "A token is needed.\n".getBytes(StandardCharsets.UTF_8));
            } else {
                answer(exchange);
            }
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        switch (exchange.getRequestURI().getPath()) {
            case "/metrics" -> send(exchange, 200, Metrics.CONTENT_TYPE, metrics.scrape());
            case "/health/live" -> {
                Map<String, String> wrong = liveness.wrong();
                report(exchange, wrong.isEmpty(), wrong);
            }
            case "/health/ready" -> {
                ServerReadiness.Report report = readiness.report();
                Map<String, String> conditions = new LinkedHashMap<>(report.wrong());
                report.well().forEach(name -> conditions.put(name, "well"));
                report(exchange, report.isReady(), conditions);
            }
            default -> send(exchange, 404, "text/plain", "There is nothing here.\n".getBytes(StandardCharsets.UTF_8));
        }
    }

    private void report(HttpExchange exchange, boolean well, Map<String, String> conditions) throws IOException {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("status", well ? "up" : "down");
        body.put("conditions", conditions);
        send(exchange, well ? 200 : 503, JSON, json.writeValueAsBytes(body));
    }

    private boolean isAllowed(HttpExchange exchange) {
        if (token.isEmpty()) {
            return isNoBrowserLedHere(exchange);
        }
        String sent = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
        return MessageDigest.isEqual(
                sent.getBytes(StandardCharsets.UTF_8),
                ("Bearer " + token.get().reveal()).getBytes(StandardCharsets.UTF_8));
    }

    /** A name of an attacker's that resolves to this machine would let their page read what is here. */
    private static boolean isNoBrowserLedHere(HttpExchange exchange) {
        String host =
                String.valueOf(exchange.getRequestHeaders().getFirst("Host")).replaceFirst(":[0-9]+$", "");
        return host.equals("null") || host.equals("localhost") || host.startsWith("[") || host.matches("[0-9.]+");
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
    }

    /** The port that was taken. */
    public int port() {
        HttpServer running = server;
        return running == null ? settings.port() : running.getAddress().getPort();
    }

    @Override
    public void stop() {
        HttpServer running = server;
        ExecutorService pool = threads;
        server = null;
        if (running != null) {
            running.stop(0);
        }
        if (pool != null) {
            pool.shutdownNow();
        }
    }

    @Override
    public boolean isRunning() {
        return server != null;
    }

    /** The first to start and the last to stop: while people are served to the end, their figures can be read. */
    @Override
    public int getPhase() {
        return Integer.MIN_VALUE + 1;
    }
}
