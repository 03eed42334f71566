package dev.countersign.kernel;

import java.time.Duration;

/** How long something took, for figures. Nothing is decided by it, so it needs no clock a test can move. */
public final class Stopwatch {
    private final long started = System.nanoTime();

    private Stopwatch() {}

    public static Stopwatch start() {
        return new Stopwatch();
    }

    public long nanos() {
        return System.nanoTime() - started;
    }

    public Duration elapsed() {
        return Duration.ofNanos(nanos());
    }
}
