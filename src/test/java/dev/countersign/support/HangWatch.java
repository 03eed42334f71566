package dev.countersign.support;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import javax.management.JMException;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Ends the tests when one of them stands still, and leaves what every thread was doing in {@code target/hung.txt}: a run says
 * where it hung instead of being killed from outside without a word. Found by the service loader, so that it holds for every test.
 */
public final class HangWatch implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback {
    /** No test takes a tenth of it on an idle machine. */
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private static final Duration TO_TIDY_UP = Duration.ofSeconds(20);
    private static final int CODE = 70;
    private static final Path REPORT = Path.of(System.getProperty("countersign.hung", "target/hung.txt"));
    private static final ScheduledExecutorService WATCH = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("hang-watch").factory());

    private static @Nullable ScheduledFuture<?> armed;

    @Override
    public void beforeAll(ExtensionContext context) {
        arm(context);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        arm(context);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        disarm();
    }

    private static synchronized void arm(ExtensionContext context) {
        disarm();
        String test = context.getRequiredTestClass().getName() + " " + context.getDisplayName();
        Duration longest = Duration.ofSeconds(Long.getLong("countersign.hung-after-seconds", LONGEST.toSeconds()));
        armed = WATCH.schedule(() -> end(test, longest), longest.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static synchronized void disarm() {
        ScheduledFuture<?> before = armed;
        if (before != null) {
            before.cancel(false);
        }
        armed = null;
    }

    private static void end(String test, Duration longest) {
        try {
            Object threads = ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "threadPrint",
                            new Object[] {new String[] {"-l"}},
                            new String[] {String[].class.getName()});
            Files.writeString(REPORT, test + " did not end within " + longest.toSeconds() + " s\n" + threads);
        } catch (JMException | IOException e) {
            System.err.println(test + " hung; its threads cannot be told: " + e);
        }
        WATCH.schedule(() -> Runtime.getRuntime().halt(CODE), TO_TIDY_UP.toMillis(), TimeUnit.MILLISECONDS);
        Thread.ofPlatform().daemon().name("end-hung-tests").start(() -> System.exit(CODE));
    }
}
