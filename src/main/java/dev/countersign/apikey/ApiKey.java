package dev.countersign.apikey;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.ApiKeyId;
import dev.countersign.kernel.EnvironmentId;
import java.time.Instant;
import java.util.Optional;

/**
 * A key for a program, without the key itself.
 *
 * @param prefix its first characters, by which people recognise it
 * @param owner whose rights it can have at most
 */
public record ApiKey(
        ApiKeyId id,
        EnvironmentId environment,
        String name,
        String prefix,
        AccountId owner,
        Scopes scopes,
        Instant createdAt,
        Instant expiresAt,
        Optional<LastUse> lastUse,
        Optional<Instant> revokedAt) {

    /** When, to the minute, and from where. */
    public record LastUse(Instant at, String address) {}

    /** Whether it has been neither revoked nor outlived. */
    public boolean isLive(Instant now) {
        return revokedAt.isEmpty() && now.isBefore(expiresAt);
    }
}
