package dev.countersign.mail;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import java.time.Instant;
import java.util.Optional;

/**
 * A mail in the queue, without its contents.
 *
 * @param recipient empty for a forgotten password whose name has not been looked up yet
 * @param nextAt when it is tried next; while it is being sent, when another node may try
 * @param lastAnswer what the server said last
 */
public record QueuedMail(
        String id,
        EnvironmentId environment,
        Optional<AccountId> account,
        String kind,
        String locale,
        String recipient,
        State state,
        int attempts,
        Instant createdAt,
        Instant nextAt,
        Instant giveUpAt,
        String lastAnswer) {
    /** Where a mail stands. */
    public enum State {
        QUEUED,
        SENT,
        FAILED
    }
}
