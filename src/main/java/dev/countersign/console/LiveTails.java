package dev.countersign.console;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** How many may listen for new entries at once, and the end of all of them when the server stops. Thread-safe. */
@Component
final class LiveTails implements SmartLifecycle {
    static final int MOST = 40;

    private final Semaphore places = new Semaphore(MOST);
    private volatile CountDownLatch stopped = new CountDownLatch(1);
    private volatile boolean running;

    /** A listener's place. */
    final class Seat implements AutoCloseable {
        /** Waits; false when the server stops. */
        boolean pause(int seconds) {
            try {
                return !stopped.await(seconds, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        @Override
        public void close() {
            places.release();
        }
    }

    /** A place, if one is free. */
    Optional<Seat> take() {
        return running && places.tryAcquire() ? Optional.of(new Seat()) : Optional.empty();
    }

    @Override
    public void start() {
        stopped = new CountDownLatch(1);
        running = true;
    }

    /** Before the web server waits for open replies to end. */
    @Override
    public void stop() {
        running = false;
        stopped.countDown();
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
