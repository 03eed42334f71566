package dev.countersign.entitlement;

import java.time.Instant;

/** Whether a feature may be switched on. */
public sealed interface Verdict {
    record Allowed() implements Verdict {}

    /** It may not; what is on already stays on. */
    sealed interface Refused extends Verdict {
        /** The key of the sentence that says so. */
        default String messageKey() {
            return switch (this) {
                case NotIncluded _ -> "entitlement.not-included";
                case Ended _ -> "entitlement.ended";
                case TooFewSeats _ -> "entitlement.too-few-seats";
            };
        }
    }

    record NotIncluded(Feature feature) implements Refused {}

    record Ended(Feature feature, Instant at) implements Refused {}

    record TooFewSeats(Feature feature, long seats, long needed) implements Refused {}
}
