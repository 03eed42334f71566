package dev.countersign.policy;

import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/** Decides whether a phone is asked beyond the rules. Pure. */
final class ApprovalDraw {
    /** Lots are numbered below this. */
    static final int LOTS = 10_000;

    private ApprovalDraw() {}

    /**
     * Why a phone is asked, if it is.
     *
     * @param around looked at only where it matters
     * @param lot drawn for this person and day, 0 to 9,999; the same however often they try
     */
    static Optional<Why> of(ApprovalRule rule, Supplier<Circumstances> around, int lot, Instant at) {
        return switch (rule.mode()) {
            case OFF -> Optional.empty();
            case ALWAYS -> Optional.of(Why.of(Why.Rule.APPROVAL_ALWAYS));
            case RANDOM -> random(rule, around.get(), lot, at).map(Why::of);
        };
    }

    private static Optional<Why.Rule> random(ApprovalRule rule, Circumstances now, int lot, Instant at) {
        if (now.administrator()) {
            return Optional.of(Why.Rule.APPROVAL_ADMINISTRATOR);
        }
        if (now.failures()) {
            return Optional.of(Why.Rule.APPROVAL_AFTER_FAILURES);
        }
        if (now.newBrowser()) {
            return Optional.of(Why.Rule.APPROVAL_NEW_BROWSER);
        }
        if (now.newNetwork()) {
            return Optional.of(Why.Rule.APPROVAL_NEW_NETWORK);
        }
        boolean recent = now.lastApproval()
                .filter(last -> last.plus(rule.longest()).isAfter(at))
                .isPresent();
        if (!recent) {
            return Optional.of(Why.Rule.APPROVAL_INTERVAL);
        }
        return lot < rule.share() * LOTS / 100 ? Optional.of(Why.Rule.APPROVAL_DRAWN) : Optional.empty();
    }
}
