package dev.countersign.throttle;

import java.time.Duration;

/**
 * How many wrong answers are looked at. The figures are published in {@code SECURITY.md}.
 *
 * @param free wrong answers in a row before delays begin
 * @param firstDelay the wait after the last free one; it doubles with each further wrong answer
 * @param longestDelay where doubling ends
 * @param window the period of {@code inWindow}
 * @param inWindow wrong answers looked at in one window
 * @param inARow wrong answers in a row after which nothing is looked at until the budget is lifted
 */
public record Limit(
        long free, Duration firstDelay, Duration longestDelay, Duration window, long inWindow, long inARow) {

    /** Second-factor answers of one account, over all doors, sessions and spellings. */
    public static final Limit SECOND_FACTOR =
            new Limit(5, Duration.ofSeconds(30), Duration.ofMinutes(15), Duration.ofDays(1), 20, 100);

    /** Passwords of one account, from browsers and addresses it has not signed in from. */
    public static final Limit PASSWORD =
            new Limit(10, Duration.ofSeconds(15), Duration.ofMinutes(15), Duration.ofDays(1), 200, Long.MAX_VALUE);

    /** Passwords of one account from one known browser or address. */
    public static final Limit PASSWORD_KNOWN =
            new Limit(10, Duration.ofSeconds(15), Duration.ofMinutes(5), Duration.ofDays(1), 200, Long.MAX_VALUE);

    /** Wrong answers of any kind from one IPv4 address or IPv6 /64, known browsers not counted. */
    public static final Limit ADDRESS = new Limit(
            Long.MAX_VALUE, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofHours(1), 100, Long.MAX_VALUE);

    /** Passwords from an address somebody has reported: few, with long pauses. */
    public static final Limit REPORTED_ADDRESS =
            new Limit(1, Duration.ofMinutes(1), Duration.ofMinutes(15), Duration.ofDays(1), 20, Long.MAX_VALUE);

    /** Requests for a new password from one IPv4 address or IPv6 /64. */
    public static final Limit FORGOTTEN_ADDRESS = new Limit(
            Long.MAX_VALUE, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofHours(1), 10, Long.MAX_VALUE);

    /** Requests for a new password for one name, whether anybody has it or not. */
    public static final Limit FORGOTTEN_NAME = new Limit(
            Long.MAX_VALUE, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofHours(1), 3, Long.MAX_VALUE);

    /** The wait that begins with the {@code count}th wrong answer in a row. */
    public Duration delayAfter(long count) {
        if (count < free) {
            return Duration.ZERO;
        }
        long doublings = Math.min(count - free, 30);
        Duration delay = firstDelay.multipliedBy(1L << doublings);
        return delay.compareTo(longestDelay) > 0 ? longestDelay : delay;
    }
}
