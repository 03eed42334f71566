package dev.countersign.factor.companion;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.PhoneId;
import dev.countersign.vault.PhoneKey;
import java.time.Instant;
import java.util.Optional;

/**
 * A phone that approves for its owner.
 *
 * @param key its public key; the private one never leaves it
 * @param origin scheme and host it was paired with; what it signs names it
 * @param codesTaken whether it has fetched the secret of its own codes
 * @param notified whether it can be rung
 * @param ringFailedAt since when ringing it does not work, if it does not
 */
public record Phone(
        PhoneId id,
        EnvironmentId environment,
        AccountId account,
        String name,
        PhoneKey key,
        String origin,
        Instant pairedAt,
        Instant lastSeenAt,
        boolean codesTaken,
        boolean notified,
        Optional<Instant> ringFailedAt) {}
