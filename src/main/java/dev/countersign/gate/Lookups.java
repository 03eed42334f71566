package dev.countersign.gate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.countersign.kernel.Ticks;
import dev.countersign.signal.Signals;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What was looked up in the database a moment ago. What has changed is forgotten with its signal, all else after
 * {@link #LONGEST}; a node that hears no signals keeps nothing. Some look-ups run at the same time and no more, whatever is
 * asked for, and nobody waits longer than {@link #PATIENCE}. Thread-safe.
 */
final class Lookups<V> {
    /** How old an answer may be of which no signal tells: rules that begin and exemptions that end by themselves. */
    static final Duration LONGEST = Duration.ofSeconds(5);

    static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Cache<String, V> kept;
    private final Map<String, CompletableFuture<V>> running = new ConcurrentHashMap<>();
    private final Semaphore permits;
    private final Signals signals;

    /** Counts what was forgotten: who began to look before must not keep what they found. */
    private final AtomicLong forgotten = new AtomicLong();

    /** The database does not answer, or too many ask it. */
    static final class Unavailable extends Exception {
        private static final long serialVersionUID = 1L;

        Unavailable(@Nullable Throwable cause) {
            super("the gate cannot look anything up", cause, false, false);
        }
    }

    Lookups(int most, Semaphore permits, Signals signals, Ticks ticks) {
        this.permits = permits;
        this.signals = signals;
        this.kept = Caffeine.newBuilder()
                .maximumSize(most)
                .expireAfterWrite(LONGEST)
                .ticker(ticks::nanos)
                .executor(Runnable::run)
                .build();
    }

    /** What is kept of this key, if it may still be used. */
    Optional<V> kept(String key) {
        return signals.areHeard() ? Optional.ofNullable(kept.getIfPresent(key)) : Optional.empty();
    }

    /** Looks it up; many who ask for the same at the same time ask once. */
    V look(String key, Supplier<V> work, Predicate<V> worthKeeping) throws Unavailable {
        CompletableFuture<V> mine = new CompletableFuture<>();
        CompletableFuture<V> first = running.putIfAbsent(key, mine);
        CompletableFuture<V> answer = first == null ? mine : first;
        try {
            if (first == null) {
                start(key, work, worthKeeping, mine);
            }
            return answer.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new Unavailable(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unavailable(e);
        } finally {
            if (first == null) {
                running.remove(key, mine);
            }
        }
    }

    private void start(String key, Supplier<V> work, Predicate<V> worthKeeping, CompletableFuture<V> answer)
            throws InterruptedException {
        if (!permits.tryAcquire(PATIENCE.toNanos() / 4, TimeUnit.NANOSECONDS)) {
            answer.completeExceptionally(new Unavailable(null));
            return;
        }
        // One that hangs gives its place to others after a while.
        AtomicBoolean given = new AtomicBoolean();
        Runnable giveBack = () -> {
            if (given.compareAndSet(false, true)) {
                permits.release();
            }
        };
        CompletableFuture.delayedExecutor(PATIENCE.toNanos(), TimeUnit.NANOSECONDS, Runnable::run)
                .execute(giveBack);
        Thread.ofVirtual().name("gate").start(() -> run(key, work, worthKeeping, answer, giveBack));
    }

    private void run(
            String key, Supplier<V> work, Predicate<V> worthKeeping, CompletableFuture<V> answer, Runnable giveBack) {
        try {
            long before = forgotten.get();
            V found = work.get();
            if (worthKeeping.test(found)) {
                kept.put(key, found);
                if (forgotten.get() != before) {
                    kept.invalidate(key);
                }
            }
            answer.complete(found);
        } catch (RuntimeException e) {
            answer.completeExceptionally(e);
        } finally {
            giveBack.run();
        }
    }

    /** Forgets what {@code is} says, and whatever is being looked up now. */
    void forget(Predicate<V> is) {
        forgotten.incrementAndGet();
        kept.asMap().values().removeIf(is);
    }

    long size() {
        return kept.estimatedSize();
    }
}
