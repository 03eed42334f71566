package dev.countersign.session;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Proofs;
import dev.countersign.kernel.SessionId;
import java.time.Instant;

/**
 * Someone who is signed in.
 *
 * @param origin where the sign-in came from
 * @param lastSeenAt when it was last used, to the minute
 * @param expiresAt its absolute end; it ends earlier when it lies idle
 */
public record Session(
        SessionId id,
        EnvironmentId environment,
        AccountId account,
        Proofs proofs,
        Origin origin,
        Instant createdAt,
        Instant lastSeenAt,
        Instant expiresAt) {}
