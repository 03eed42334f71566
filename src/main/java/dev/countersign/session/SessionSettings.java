package dev.countersign.session;

import java.time.Duration;

/**
 * How long sessions last.
 *
 * @param idle unused for this long, a session ends
 * @param absolute this long after the sign-in it ends in any case
 * @param seenEvery how exactly the last use is noted
 * @param knownBrowser how long a browser is known after its last sign-in
 */
public record SessionSettings(Duration idle, Duration absolute, Duration seenEvery, Duration knownBrowser) {
    public static final SessionSettings DEFAULT =
            new SessionSettings(Duration.ofHours(1), Duration.ofHours(24), Duration.ofMinutes(1), Duration.ofDays(90));

    public SessionSettings {
        if (idle.isNegative() || idle.isZero() || absolute.compareTo(idle) < 0) {
            throw new IllegalArgumentException("the absolute limit cannot be shorter than the idle limit");
        }
    }
}
