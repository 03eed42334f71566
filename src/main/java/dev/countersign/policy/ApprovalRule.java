package dev.countersign.policy;

import java.time.Duration;

/**
 * Whether a phone, or a code in its place, is asked beyond what {@link Rules} demand.
 *
 * @param share of a hundred days, for {@link Mode#RANDOM}; 1 to 100
 * @param longest after which time without an approval one is asked in any case, for {@link Mode#RANDOM}
 */
public record ApprovalRule(Mode mode, int share, Duration longest) {
    /** The longest {@link #longest} that may be set. */
    public static final Duration LONGEST = Duration.ofDays(90);

    /** What a new environment starts with. */
    public static final ApprovalRule INITIAL = new ApprovalRule(Mode.OFF, 20, Duration.ofDays(7));

    /** When one is asked, most lenient first. */
    public enum Mode {
        /** Never beyond the rules. */
        OFF,
        /** On days drawn for each person, and whenever something is unusual. */
        RANDOM,
        /** At every sign-in. */
        ALWAYS
    }

    public ApprovalRule {
        if (share < 1 || share > 100) {
            throw new IllegalArgumentException("a share is 1 to 100 of a hundred days");
        }
        if (longest.compareTo(Duration.ofHours(1)) < 0 || longest.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("the longest time without an approval is 1 hour to 90 days");
        }
    }

    /** The stricter of the two: by mode, then by share, then by time. */
    ApprovalRule stricter(ApprovalRule other) {
        return compare(other) >= 0 ? this : other;
    }

    /** Whether it asks for less. Share and time mean something on drawn days only. */
    boolean isLessThan(ApprovalRule other) {
        return (mode != other.mode() || mode == Mode.RANDOM) && compare(other) < 0;
    }

    private int compare(ApprovalRule other) {
        int byMode = mode.compareTo(other.mode());
        int byShare = Integer.compare(share, other.share());
        int byTime = other.longest().compareTo(longest);
        return byMode != 0 ? byMode : byShare != 0 ? byShare : byTime;
    }

    /** In the words of the log and the command line. */
    public String describe() {
        return switch (mode) {
            case OFF -> "off";
            case ALWAYS -> "always";
            case RANDOM -> "random --share " + share + " --longest " + longest;
        };
    }
}
