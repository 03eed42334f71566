package dev.countersign.directory;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Role;
import java.time.Instant;
import java.util.Optional;

/**
 * A person, or a service, that signs in.
 *
 * @param username as it is shown; compared by {@link Username#key()}
 * @param locale the language tag the person chose, if they did
 */
public record Account(
        AccountId id,
        EnvironmentId environment,
        String username,
        String email,
        String displayName,
        Role role,
        Optional<String> locale,
        Instant createdAt,
        Optional<Instant> disabledAt,
        Optional<Instant> lastSignInAt) {

    public boolean isDisabled() {
        return disabledAt.isPresent();
    }
}
