package dev.countersign.cli;

import dev.countersign.configuration.Settings;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.directory.Installation;
import dev.countersign.directory.ServingLock;
import dev.countersign.health.ServerReadiness;
import dev.countersign.kernel.StartFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;

/** A started server. Closing it finishes what is in flight and closes the database. */
public final class RunningServer implements AutoCloseable {
    private static final Duration LONGEST_END = Duration.ofSeconds(5);

    private final ConfigurableApplicationContext context;
    private final Installation installation;
    private final Settings settings;
    private final ServingLock lock;
    private final CountDownLatch closed = new CountDownLatch(1);

    private RunningServer(
            ConfigurableApplicationContext context, Installation installation, Settings settings, ServingLock lock) {
        this.context = context;
        this.installation = installation;
        this.settings = settings;
        this.lock = lock;
    }

    /** Opens the installation and starts serving it. */
    public static RunningServer start(Settings settings, Program.Parts parts) {
        Installation.createDirectory(settings.data());
        ServingLock lock = ServingLock.serving(settings.data());
        try {
            return start(settings, parts, lock);
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static RunningServer start(Settings settings, Program.Parts parts, ServingLock lock) {
        JsonLogLines.write(settings.operation().logFormat());
        Installation installation = Installation.open(settings, parts.clock().instant());
        SpringApplication application = ServerBeans.application(parts);
        application.addInitializers(context -> prepare(context, settings, installation, parts));
        try {
            ConfigurableApplicationContext context = application.run();
            // Spring has read the settings of the log anew.
            JsonLogLines.write(settings.operation().logFormat());
            return new RunningServer(context, installation, settings, lock);
        } catch (RuntimeException e) {
            installation.close();
            throw explain(e, settings);
        }
    }

    private static void prepare(
            ConfigurableApplicationContext context, Settings settings, Installation installation, Program.Parts parts) {
        context.getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource("countersign", properties(settings)));
        ServerBeans.give((GenericApplicationContext) context, settings, installation, parts);
    }

    private static Map<String, Object> properties(Settings settings) {
        Map<String, Object> properties = new HashMap<>();
        properties.put("server.address", settings.listen());
        properties.put("server.port", settings.port());
        ServerBeans.Part.of(settings).forEach(part -> properties.put(part.property(), "on"));
        developmentSources().ifPresent(sources -> {
            properties.put(
                    "spring.thymeleaf.prefix",
                    sources.resolve("templates").toUri().toString());
            properties.put("spring.thymeleaf.cache", false);
            properties.put(
                    "countersign.static", sources.resolve("static").toUri().toString());
        });
        settings.tls().ifPresent(tls -> {
            String bundle = "spring.ssl.bundle.pem.countersign.";
            properties.put(bundle + "reload-on-update", true);
            properties.put(
                    bundle + "keystore.certificate", tls.certificate().toUri().toString());
            properties.put(bundle + "keystore.private-key", tls.key().toUri().toString());
            properties.put("server.ssl.bundle", "countersign");
            properties.put("server.ssl.enabled-protocols", "TLSv1.2,TLSv1.3");
        });
        return properties;
    }

    /** Where {@code bin/dev} wants pages and styles read from, so that a reload shows a change. */
    private static Optional<Path> developmentSources() {
        return Optional.ofNullable(System.getenv("COUNTERSIGN_DEV_SOURCES"))
                .map(sources -> Path.of(sources).toAbsolutePath());
    }

    private static RuntimeException explain(RuntimeException failure, Settings settings) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof StartFailure start) {
                return start;
            }
            if (cause instanceof PortInUseException || cause instanceof java.net.BindException) {
                return new StartFailure(
                        StartFailure.Kind.PORT_BUSY,
                        "Port " + settings.port() + " on " + settings.listen()
                                + " is in use, or may not be used. Name another with --port.",
                        failure);
            }
        }
        if (settings.tls().isPresent()) {
            return new StartFailure(
                    StartFailure.Kind.TLS,
                    "HTTPS could not be started with " + settings.tls().get().certificate() + " and "
                            + settings.tls().get().key() + ": " + rootMessage(failure),
                    failure);
        }
        return failure;
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    public <T> T get(Class<T> part) {
        return context.getBean(part);
    }

    public int port() {
        return Objects.requireNonNull(
                        ((WebServerApplicationContext) context).getWebServer(), "the server is not started")
                .getPort();
    }

    /** The environment of every host no other environment claims. */
    public Environment defaultEnvironment() {
        return get(Environments.class).findByName(Environment.DEFAULT_NAME).orElseThrow();
    }

    /** The address people open. */
    public String address() {
        String scheme = settings.tls().isPresent() ? "https" : "http";
        return settings.baseUrl().map(Object::toString).orElseGet(() -> scheme + "://localhost:" + port());
    }

    /**
     * Says to load balancers that nobody is to be sent here any more, serves those who still come for a while, finishes what is
     * in flight, ends streams of events - their browsers connect to another node - and background work, and closes the database.
     */
    @Override
    public void close() {
        get(ServerReadiness.class).stop();
        pause(settings.operation().shutdownDelay());
        context.close();
        installation.close();
        lock.close();
    }

    private static void pause(Duration time) {
        try {
            boolean never = new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS);
            assert !never;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * From now on the server is closed when the process is asked to end, and {@code afterwards} is run. To be said before anybody
     * is told that the server is there: until then a request in flight would be cut.
     */
    void closeWhenAsked(Runnable afterwards) {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            close();
                            afterwards.run();
                            closed.countDown();
                            // Java would end with the number of the signal; the main thread ends with 0 meanwhile.
                            pause(LONGEST_END);
                        },
                        "shutdown"));
    }

    /** Waits until the process was asked to end and all is closed; {@link #closeWhenAsked} comes before. */
    void awaitClosed() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
