package dev.countersign.health;

import dev.countersign.kernel.Stopwatch;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.stereotype.Component;

/**
 * Whether the process is any good still: a restart helps when it is not. Says nothing of the database, whose outage a restart
 * does not end. Thread-safe.
 */
@Component
public final class Liveness {
    /** Background work that has not begun for so long has no thread to begin on. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(90);

    private volatile Stopwatch lastPulse = Stopwatch.start();

    /** What is wrong, by a word for it; empty when all is well. */
    public Map<String, String> wrong() {
        Map<String, String> wrong = new LinkedHashMap<>();
        long[] deadlocked = ManagementFactory.getThreadMXBean().findDeadlockedThreads();
        if (deadlocked != null) {
            wrong.put("deadlock", deadlocked.length + " threads wait for each other.");
        }
        Duration silence = lastPulse.elapsed();
        if (silence.compareTo(LONGEST_SILENCE) > 0) {
            wrong.put("pulse", "Background work has not begun for " + silence.toSeconds() + " s.");
        }
        return wrong;
    }

    void beat() {
        lastPulse = Stopwatch.start();
    }
}
