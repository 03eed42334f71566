package dev.countersign.policy;

import dev.countersign.kernel.AccountId;
import java.time.Instant;

/** Someone a requirement does not apply to for now: every exemption has an owner, a reason and an end. */
public record Exemption(AccountId account, String grantedBy, String reason, Instant until) {
    public Exemption {
        if (reason.isBlank() || reason.length() > 500) {
            throw new IllegalArgumentException("An exemption needs a reason of 1 to 500 characters.");
        }
    }
}
