package dev.countersign.administration;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Rights;
import java.time.Instant;
import java.util.Optional;

/**
 * Work on many people, and how far it is.
 *
 * @param action absent until it is confirmed
 * @param starter absent for the owner of the server
 * @param rights what the starter might do when it was started
 * @param total of how many people
 * @param done of how many it is done
 * @param refused of how many it was refused, each with its reason
 */
public record BulkRun(
        String id,
        EnvironmentId environment,
        BulkAction.Kind kind,
        Optional<BulkAction> action,
        Optional<AccountId> starter,
        String starterName,
        Rights rights,
        Origin origin,
        Instant createdAt,
        Optional<Instant> startedAt,
        Optional<Instant> cancelledAt,
        Optional<Instant> finishedAt,
        long total,
        long done,
        long refused) {

    /** Whether it waits to be confirmed. */
    public boolean isPrepared() {
        return startedAt.isEmpty();
    }

    public boolean isFinished() {
        return finishedAt.isPresent();
    }

    /** How many people have not been looked at. */
    public long open() {
        return total - done - refused;
    }

    /**
     * What came of one person.
     *
     * @param username absent when the account has been deleted
     * @param refusal absent when it is done, or not looked at
     */
    public record Item(
            AccountId account, Optional<String> username, Optional<String> displayName, Optional<Refusal> refusal) {}

    /**
     * Who will be left out.
     *
     * @param above people who may do more than whoever asks
     * @param own whether whoever asks is among the people
     */
    public record LeftOut(long above, boolean own) {
        public long count() {
            return above + (own ? 1 : 0);
        }
    }
}
