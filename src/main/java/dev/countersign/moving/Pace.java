package dev.countersign.moving;

import java.time.Duration;

/**
 * How many lines one transaction takes: as many as are done in a twentieth of a second, because on SQLite everyone else who
 * writes waits for its end. Not thread-safe.
 */
final class Pace {
    static final Duration WANTED = Duration.ofMillis(50);
    /** After the first, for which nothing is compiled yet; fewer would spend more on beginning and ending a transaction than on the lines. */
    static final int FEWEST = 100;

    private final int most;
    private int lines = FEWEST / 2;

    Pace(int most) {
        this.most = most;
    }

    /** How many of so many lines are taken next: equal parts, none of them tiny. */
    int of(int rest) {
        int parts = Math.ceilDiv(rest, lines);
        return Math.ceilDiv(rest, parts);
    }

    /** Of so many lines asked for so many were done, up to one that has to be alone, or up to many changes. */
    void took(int asked, int done, Duration time) {
        long inTime = time.isPositive() ? done * WANTED.toNanos() / time.toNanos() : most;
        long next = done < asked ? done : Math.max(lines, 2L * asked);
        lines = Math.clamp(Math.min(inTime, next), FEWEST, most);
    }
}
