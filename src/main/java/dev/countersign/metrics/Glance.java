package dev.countersign.metrics;

import dev.countersign.kernel.Stopwatch;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/**
 * Something that is asked of the database for a scrape: not more often than it takes, by one thread at a time, and never for
 * long. While the database is away there is nothing to see, and a scrape says everything else at once. Thread-safe.
 */
final class Glance<T> {
    private static final Logger LOG = LoggerFactory.getLogger(Glance.class);
    private static final Duration PATIENCE = Duration.ofMillis(500);

    private final Duration kept;
    private final Supplier<T> question;
    private @Nullable Stopwatch age;
    private Optional<T> seen = Optional.empty();
    private @Nullable CompletableFuture<Optional<T>> underWay;

    /** @param kept for how long an answer is good */
    Glance(Duration kept, Supplier<T> question) {
        this.kept = kept;
        this.question = question;
    }

    /** What was seen a moment ago; nothing when it could not be seen. */
    synchronized Optional<T> get() {
        Stopwatch last = age;
        if (last != null && last.elapsed().compareTo(kept) <= 0) {
            return seen;
        }
        CompletableFuture<Optional<T>> look = underWay == null ? begin() : underWay;
        underWay = look;
        try {
            seen = look.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            underWay = null;
            age = seen.isPresent() ? Stopwatch.start() : null;
        } catch (TimeoutException | ExecutionException e) {
            seen = Optional.empty();
            age = null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
        return seen;
    }

    private CompletableFuture<Optional<T>> begin() {
        CompletableFuture<Optional<T>> look = new CompletableFuture<>();
        Thread.ofVirtual().name("glance").start(() -> {
            try {
                look.complete(Optional.of(question.get()));
            } catch (DataAccessException e) {
                LOG.debug("could not be seen: {}", e.toString());
            } finally {
                look.complete(Optional.empty());
            }
        });
        return look;
    }
}
