package dev.countersign.activity;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Writes what happened, always in the transaction in which it happened, and reads it back. Thread-safe. */
@Component
public final class ActivityLog {
    private final Database database;
    private final ActivityStore store;
    private final ObjectProvider<ActivityListener> provider;
    private final JsonMapper json = JsonMapper.builder().build();
    private volatile @Nullable List<ActivityListener> listeners;

    ActivityLog(Database database, ActivityStore store, ObjectProvider<ActivityListener> listeners) {
        this.database = database;
        this.store = store;
        this.provider = listeners;
    }

    /**
     * Adds an entry to the running transaction, so that the entry and what it records exist together or not at all.
     *
     * @param about whom it concerns; absent when it concerns no single account
     */
    public void record(
            EnvironmentId environment,
            Optional<AccountId> about,
            Actor actor,
            Origin origin,
            ActivityEvent event,
            Instant now) {
        database.requireTransaction();
        store.insert(environment, about, actor, origin, event.kind(), json.writeValueAsString(event), now);
        listeners().forEach(listener -> listener.recorded(environment, about, actor, origin, event, now));
    }

    /** Asked for at the first entry: listeners use modules that write entries themselves. */
    private List<ActivityListener> listeners() {
        List<ActivityListener> known = listeners;
        if (known == null) {
            known = provider.orderedStream().toList();
            listeners = known;
        }
        return known;
    }

    /** The newest entries about one account, newest first. */
    public List<ActivityEntry> newestOf(AccountId account, int limit) {
        return store.newestOf(account, limit);
    }

    /** The newest entries of an environment, newest first. */
    public List<ActivityEntry> newest(EnvironmentId environment, int limit) {
        return store.newest(environment, limit);
    }
}
