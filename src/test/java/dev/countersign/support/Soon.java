package dev.countersign.support;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what other threads or processes do, and no longer than it takes: asked again and again, with an end. */
public final class Soon {
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final long PAUSE_NANOS = 10_000_000;

    private Soon() {}

    /** Whether it became true within a minute. */
    public static boolean becomes(BooleanSupplier condition) {
        long end = System.nanoTime() + LONGEST.toNanos();
        while (System.nanoTime() < end) {
            if (condition.getAsBoolean()) {
                return true;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return condition.getAsBoolean();
    }
}
