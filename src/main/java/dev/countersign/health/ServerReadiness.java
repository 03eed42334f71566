package dev.countersign.health;

import dev.countersign.kernel.Stopwatch;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Whether this server is to be sent people. An answer is good for a second, and one caller at a time looks: however many ask,
 * the database is asked once a second. Thread-safe.
 */
@Component
public final class ServerReadiness {
    private static final Duration KEPT = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final ObjectProvider<Condition> conditions;
    private final Clock clock;
    private final ReentrantLock looking = new ReentrantLock();
    private final Map<String, CompletableFuture<Optional<String>>> underWay = new ConcurrentHashMap<>();
    private volatile @Nullable Seen seen;
    private volatile boolean stopping;

    ServerReadiness(ObjectProvider<Condition> conditions, Clock clock) {
        this.conditions = conditions;
        this.clock = clock;
    }

    /**
     * What was found.
     *
     * @param wrong sentences by the name of the condition; empty when the server is ready
     * @param well the names of the conditions that hold
     */
    public record Report(Map<String, String> wrong, List<String> well) {
        public Report {
            wrong = Map.copyOf(wrong);
            well = List.copyOf(well);
        }

        public boolean isReady() {
            return wrong.isEmpty();
        }
    }

    private record Seen(Report report, Stopwatch age) {}

    /** The server is about to stop: nobody new is to be sent here, while those who are here are served to the end. */
    public void stop() {
        stopping = true;
    }

    /** What was found when it was last looked, at most a second ago. */
    public Report report() {
        if (stopping) {
            return new Report(Map.of("stopping", "The server is being stopped."), List.of());
        }
        return fresh().orElseGet(this::lookAlone);
    }

    private Report lookAlone() {
        looking.lock();
        try {
            return fresh().orElseGet(() -> {
                Report report = look(clock.instant());
                seen = new Seen(report, Stopwatch.start());
                return report;
            });
        } finally {
            looking.unlock();
        }
    }

    private Optional<Report> fresh() {
        return Optional.ofNullable(seen)
                .filter(last -> last.age().elapsed().compareTo(KEPT) < 0)
                .map(Seen::report);
    }

    private Report look(Instant now) {
        Map<String, String> wrong = new TreeMap<>();
        List<Condition> all = conditions.stream()
                .sorted(Comparator.comparing(Condition::name))
                .toList();
        all.forEach(condition -> begin(condition, now));
        Stopwatch waited = Stopwatch.start();
        for (Condition condition : all) {
            outcome(condition, PATIENCE.minus(waited.elapsed())).ifPresent(why -> wrong.put(condition.name(), why));
        }
        return new Report(
                wrong,
                all.stream()
                        .map(Condition::name)
                        .filter(name -> !wrong.containsKey(name))
                        .toList());
    }

    /** A look that hangs is not begun a second time: threads would pile up behind a dead database. */
    private void begin(Condition condition, Instant now) {
        underWay.computeIfAbsent(condition.name(), name -> {
            CompletableFuture<Optional<String>> look = new CompletableFuture<>();
            Thread.ofVirtual().name("readiness-" + name).start(() -> {
                try {
                    look.complete(condition.wrong(now));
                } catch (RuntimeException e) {
                    look.complete(Optional.of("It cannot be looked at: " + e));
                }
            });
            return look;
        });
    }

    private Optional<String> outcome(Condition condition, Duration patience) {
        CompletableFuture<Optional<String>> look = underWay.getOrDefault(
                condition.name(), CompletableFuture.completedFuture(Optional.of("It was not looked at.")));
        try {
            Optional<String> wrong = look.get(Math.max(1, patience.toMillis()), TimeUnit.MILLISECONDS);
            underWay.remove(condition.name(), look);
            return wrong;
        } catch (TimeoutException e) {
            return Optional.of("There is no answer within " + PATIENCE.toSeconds() + " s.");
        } catch (ExecutionException e) {
            return Optional.of("It cannot be looked at: " + e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("The look was interrupted.");
        }
    }
}
