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
 * @param role the account's own; {@link Accounts#rights} adds what its groups give
 * @param locale the language tag the person chose, if they did
 * @param enrolledAt since when it has had a second factor, if it has one
 */
public record Account(
        AccountId id,
        EnvironmentId environment,
        String username,
        String email,
        String displayName,
        Role role,
        AccountSource source,
        Optional<String> locale,
        Instant createdAt,
        Optional<Instant> disabledAt,
        Optional<Instant> lastSignInAt,
        Optional<Instant> enrolledAt) {

    /** The same account with another name. */
    Account withProfile(String newUsername, String newEmail, String newDisplayName) {
        return new Account(
                id,
                environment,
                newUsername,
                newEmail,
                newDisplayName,
                role,
                source,
                locale,
                createdAt,
                disabledAt,
                lastSignInAt,
                enrolledAt);
    }

    /** Username, name and mail address in one line, for the log. */
    String profile() {
        return username + ", " + displayName + ", " + email;
    }

    public boolean isDisabled() {
        return disabledAt.isPresent();
    }
}
