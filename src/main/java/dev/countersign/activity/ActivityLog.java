package dev.countersign.activity;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.countersign.configuration.Settings;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Writes what happened, always in the transaction in which it happened, and reads it back. Thread-safe. */
@Component
public final class ActivityLog {
    private static final int PORTION = 1_000;

    private final Database database;
    private final ActivityStore store;
    private final ObjectProvider<ActivityListener> provider;
    private final String node;
    private final Repeats repeats = new Repeats();
    private final JsonMapper json = JsonMapper.builder().build();
    private volatile @Nullable List<ActivityListener> listeners;

    ActivityLog(Database database, ActivityStore store, ObjectProvider<ActivityListener> listeners, Settings settings) {
        this.database = database;
        this.store = store;
        this.provider = listeners;
        this.node = settings.operation().nodeName();
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
        ActivityStore.Row row =
                new ActivityStore.Row(environment, about, actor, origin, event.kind(), details(event), now);
        repeats.of(environment, about, origin.address(), event, now)
                .ifPresentOrElse(counted -> countTogether(row, counted), () -> store.insert(row));
        tell(environment, List.of(new Entry(about, event)), actor, origin, now);
    }

    /** What is written of an event: its own fields, and the server that wrote them down. */
    private record Details(@JsonUnwrapped ActivityEvent event, String node) {}

    private String details(ActivityEvent event) {
        return json.writeValueAsString(new Details(event, node));
    }

    private void countTogether(ActivityStore.Row row, Repeats.Counted counted) {
        if (store.count(counted.mixed() ? row.ofMany() : row, counted.key())) {
            repeats.made(row.environment(), row.at());
        }
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

    /** An event among many of one transaction, and whom it concerns. */
    public record Entry(Optional<AccountId> about, ActivityEvent event) {}

    /** As {@link #record}, for many events of one transaction. */
    public void recordAll(EnvironmentId environment, List<Entry> entries, Actor actor, Origin origin, Instant now) {
        database.requireTransaction();
        store.insertAll(environment, entries, this::details, actor, origin, now);
        tell(environment, entries, actor, origin, now);
    }

    private void tell(EnvironmentId environment, List<Entry> entries, Actor actor, Origin origin, Instant now) {
        listeners().forEach(listener -> listener.recorded(environment, entries, actor, origin, now));
    }

    /** The newest entries about one account, newest first. */
    public List<ActivityEntry> newestOf(AccountId account, int limit) {
        return store.newestOf(account, limit);
    }

    /** Entries before this one, newest first; {@code Long.MAX_VALUE} begins at the newest. */
    public List<ActivityEntry> before(EnvironmentId environment, ActivityFilter filter, long sequence, int limit) {
        return store.before(environment, filter, sequence, limit);
    }

    /** Entries after this one, oldest first; 0 begins at the oldest. */
    public List<ActivityEntry> after(EnvironmentId environment, ActivityFilter filter, long sequence, int limit) {
        return store.after(environment, filter, sequence, limit);
    }

    /** The number of the newest entry; 0 when there is none. */
    public long newestSequence(EnvironmentId environment) {
        return store.newestSequence(environment);
    }

    /** All entries, oldest first, read in portions, so that neither memory nor a transaction holds them. */
    public void forEach(EnvironmentId environment, ActivityFilter filter, Consumer<ActivityEntry> reader) {
        long sequence = 0;
        List<ActivityEntry> portion = after(environment, filter, sequence, PORTION);
        while (!portion.isEmpty()) {
            portion.forEach(reader);
            sequence = portion.getLast().sequence();
            portion = after(environment, filter, sequence, PORTION);
        }
    }

    /** The newest entries of an environment, newest first. */
    public List<ActivityEntry> newest(EnvironmentId environment, int limit) {
        return store.newest(environment, limit);
    }
}
