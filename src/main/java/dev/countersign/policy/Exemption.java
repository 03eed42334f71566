package dev.countersign.policy;

import dev.countersign.kernel.AccountId;
import java.time.Instant;

/** Someone a requirement does not apply to for now: every exemption has an owner, a reason and an end. */
public record Exemption(AccountId account, String grantedBy, String reason, Instant until) {
    /** Characters a reason has at most. */
    public static final int LONGEST_REASON = 500;

    public Exemption {
        if (!isReason(reason)) {
            throw new IllegalArgumentException(
                    "An exemption needs a reason of 1 to " + LONGEST_REASON + " characters.");
        }
    }

    /** Whether this says why, in words that fit. */
    public static boolean isReason(String reason) {
        return !reason.isBlank() && reason.length() <= LONGEST_REASON;
    }
}
