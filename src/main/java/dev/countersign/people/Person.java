package dev.countersign.people;

import dev.countersign.directory.AccountSource;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.Role;
import java.time.Instant;
import java.util.Optional;

/**
 * One line of the list.
 *
 * @param role the account's own
 * @param enrolledAt since when there is a second factor
 * @param exemptUntil the end of an exemption that has not ended
 * @param companionAt since when there is a phone that approves
 * @param graceUntil when the requirement that covers this person starts, with {@link PersonStatus#GRACE}
 */
public record Person(
        AccountId id,
        String username,
        String displayName,
        String email,
        Role role,
        AccountSource source,
        PersonStatus status,
        Optional<Instant> enrolledAt,
        Optional<Instant> exemptUntil,
        Optional<Instant> graceUntil,
        Optional<Instant> companionAt,
        Optional<Instant> lastSignInAt,
        Instant createdAt) {

    /** Whether the two keys are shown. */
    public boolean hasSecondFactor() {
        return enrolledAt.isPresent();
    }
}
