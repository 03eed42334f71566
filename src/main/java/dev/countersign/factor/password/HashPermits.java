package dev.countersign.factor.password;

import dev.countersign.kernel.Observation;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * As many hashes at once as there are processors, a short queue in order of arrival, and beyond it nothing: memory and
 * waiting stay bounded however many people sign in. Thread-safe.
 */
final class HashPermits {
    private static final int QUEUE_PER_PROCESSOR = 64;
    private static final long LONGEST_WAIT_SECONDS = 5;

    /**
     * Hashing keeps a processor busy in native code. On a virtual thread it would hold one of the few carriers the others
     * need, for a request as short as a style sheet.
     */
    private final Executor hashers;

    private final Semaphore permits;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong given = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final int processors;
    private final int queue;

    HashPermits(int processors) {
        this.hashers = Executors.newFixedThreadPool(
                processors, Thread.ofPlatform().daemon().name("hash-", 1).factory());
        this.processors = processors;
        this.permits = new Semaphore(processors, true);
        this.queue = processors * QUEUE_PER_PROCESSOR;
    }

    /** Runs {@code work} when it is its turn; nothing when the queue is full or does not move. */
    <T> Optional<T> run(Supplier<T> work) {
        if (!Observation.of(Observation.Part.HASH_WAIT, this::enter)) {
            refused.incrementAndGet();
            return Optional.empty();
        }
        try {
            given.incrementAndGet();
            return Optional.of(Observation.of(
                    Observation.Part.HASH,
                    () -> CompletableFuture.supplyAsync(work, hashers).join()));
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        } finally {
            permits.release();
        }
    }

    /** How much work was done, each piece the cost of a hash: a refusal that costs less tells something. */
    long given() {
        return given.get();
    }

    HashLoad load() {
        return new HashLoad(
                processors - permits.availablePermits(), waiting.get(), processors, queue, given.get(), refused.get());
    }

    private boolean enter() {
        if (waiting.incrementAndGet() > queue) {
            waiting.decrementAndGet();
            return false;
        }
        try {
            return permits.tryAcquire(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            waiting.decrementAndGet();
        }
    }
}
