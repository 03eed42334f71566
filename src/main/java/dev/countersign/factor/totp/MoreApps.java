package dev.countersign.factor.totp;

import dev.countersign.kernel.AccountId;
import dev.countersign.vault.SecretBytes;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Apps beside the one that was registered with a QR code: those of paired phones. Their codes count as much. */
public interface MoreApps {
    /**
     * One of them.
     *
     * @param driftSteps how many steps the app's clock was ahead when it was registered
     * @param lastStep the newest step that was used
     * @param use uses up a step, once, in the running transaction; false when somebody was faster
     */
    record More(
            Totp totp,
            SecretBytes secret,
            int driftSteps,
            long lastStep,
            Instant since,
            Optional<Instant> usedAt,
            Use use) {}

    /** Uses up a step. */
    @FunctionalInterface
    interface Use {
        boolean consumeStep(long step, Instant now);
    }

    List<More> of(AccountId account);
}
