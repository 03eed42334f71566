package dev.countersign.activity;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import java.time.Instant;
import java.util.List;

/**
 * Is told of each entry in its transaction, so that what follows from an event follows at every door. It may write to the
 * database and nothing else; what it throws undoes the event.
 */
public interface ActivityListener {
    /** @param entries one, or many that were written together: what has to be looked up for them is looked up once */
    void recorded(EnvironmentId environment, List<ActivityLog.Entry> entries, Actor actor, Origin origin, Instant now);
}
