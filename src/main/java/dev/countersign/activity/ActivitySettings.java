package dev.countersign.activity;

import java.time.Duration;
import java.util.Optional;

/**
 * How long entries are kept.
 *
 * @param keep absent means for ever
 */
public record ActivitySettings(Optional<Duration> keep) {
    public static final int FEWEST_DAYS = 30;
    public static final int MOST_DAYS = 36_500;

    /** What holds until somebody says otherwise. */
    public static final ActivitySettings DEFAULT = ofDays(400);

    /** 0 days is for ever. */
    public static ActivitySettings ofDays(int days) {
        if (!isAllowed(days)) {
            throw new IllegalArgumentException("entries are kept 30 to 36500 days, or for ever");
        }
        return new ActivitySettings(days == 0 ? Optional.empty() : Optional.of(Duration.ofDays(days)));
    }

    public static boolean isAllowed(int days) {
        return days == 0 || (days >= FEWEST_DAYS && days <= MOST_DAYS);
    }

    /** 0 is for ever. */
    public int days() {
        return Math.toIntExact(keep.map(Duration::toDays).orElse(0L));
    }

    /** As the log says it. */
    String inWords() {
        return keep.isEmpty() ? "∞" : Integer.toString(days());
    }
}
