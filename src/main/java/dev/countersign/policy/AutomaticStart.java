package dev.countersign.policy;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Two-factor authentication that becomes required some time after an event.
 *
 * @param event the name of the event that is waited for: 1 to 64 characters of a-z, 0-9, '.', '_' and '-'
 * @param delay from the event to the start; 0 to 365 days
 * @param scope whom it will cover
 * @param eventAt when the event came, if it has come
 * @param startsAt when the requirement starts, once the event has come; may have been moved
 */
public record AutomaticStart(
        String event, Duration delay, Rules.Scope scope, Optional<Instant> eventAt, Optional<Instant> startsAt) {
    public static final Duration USUAL_DELAY = Duration.ofDays(1);
    public static final Duration LONGEST_DELAY = Duration.ofDays(365);
    private static final Pattern EVENT = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

    public AutomaticStart {
        if (!isEvent(event) || delay.isNegative() || delay.compareTo(LONGEST_DELAY) > 0) {
            throw new IllegalArgumentException("an automatic start has a named event and a delay of at most 365 days");
        }
    }

    public static boolean isEvent(String name) {
        return EVENT.matcher(name).matches();
    }

    /** Whether the requirement has started by now. */
    boolean isDue(Instant now) {
        return startsAt.filter(start -> !start.isAfter(now)).isPresent();
    }

    /** The rules that hold at a moment: those saved, with a start that is due. */
    static Rules rulesAt(Rules saved, Optional<AutomaticStart> start, Instant now) {
        return start.filter(one -> one.isDue(now))
                .map(one -> rules(saved, one.scope()))
                .orElse(saved);
    }

    /** What the rules become when a start for this scope comes: nobody loses a requirement by it. */
    public static Rules rules(Rules before, Rules.Scope scope) {
        Rules.Scope all = before.mode() == Rules.Mode.REQUIRED ? before.scope().or(scope) : scope;
        return new Rules(Rules.Mode.REQUIRED, all, before.version());
    }
}
