package dev.countersign.kernel;

import java.time.Clock;
import java.time.Instant;

/** A counter of nanoseconds that only goes forward, whatever happens to the clock. */
@FunctionalInterface
public interface Ticks {
    long nanos();

    /** The counter of a clock that is not the machine's: it is its own measure and never jumps. */
    static Ticks of(Clock clock) {
        return () -> nanosSince1970(clock.instant());
    }

    private static long nanosSince1970(Instant instant) {
        return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
    }
}
