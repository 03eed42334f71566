package dev.countersign.health;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Compares the clock of the server with the time that really passed, as a counter says that only goes forward. Codes are
 * checked against the clock: when it jumps, an administrator must know. Not thread-safe.
 */
final class ClockWatch {
    /** A clock that is set right in small steps moves by less; a code lives 30 seconds. */
    static final Duration JUMP = Duration.ofSeconds(10);

    private @Nullable Instant lastClock;
    private long lastNanos;

    /** By how much the clock moved too far since the last look, if it jumped; negative when it was set back. */
    Optional<Duration> look(Instant clock, long nanos) {
        Instant before = lastClock;
        Duration passed = Duration.ofNanos(nanos - lastNanos);
        lastClock = clock;
        lastNanos = nanos;
        if (before == null) {
            return Optional.empty();
        }
        Duration jump = Duration.between(before, clock).minus(passed);
        return jump.abs().compareTo(JUMP) >= 0 ? Optional.of(jump) : Optional.empty();
    }
}
