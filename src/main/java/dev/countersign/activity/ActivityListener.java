package dev.countersign.activity;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import java.time.Instant;
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
}
