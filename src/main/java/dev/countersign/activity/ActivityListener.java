package dev.countersign.activity;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Is told of each entry in its transaction, so that what follows from an event follows at every door. It may write to the
 * database and nothing else; what it throws undoes the event.
 */
public interface ActivityListener {
    void recorded(
            EnvironmentId environment,
            Optional<AccountId> about,
            Actor actor,
            Origin origin,
            ActivityEvent event,
            Instant now);

    /** The same for many events of one transaction, for listeners that have to look something up. */
    default void recordedAll(
            EnvironmentId environment, List<ActivityLog.Entry> entries, Actor actor, Origin origin, Instant now) {
        entries.forEach(entry -> recorded(environment, entry.about(), actor, origin, entry.event(), now));
    }
}
