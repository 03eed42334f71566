package dev.countersign.activity;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.Origin;
import java.time.Instant;
import java.util.Optional;

/**
 * One line of the log as it is stored.
 *
 * @param sequence its number in this installation, growing
 * @param kind {@link ActivityEvent#kind()}
 * @param account whom it is about
 * @param repeats how often it happened; more than once for refusals that are counted together
 * @param lastAt when it happened last
 * @param details the event's own fields and {@code node}, the server that wrote them down, as one JSON object
 */
public record ActivityEntry(
        long sequence,
        Instant at,
        String kind,
        Optional<AccountId> account,
        String actorName,
        Origin origin,
        long repeats,
        Instant lastAt,
        String details) {}
