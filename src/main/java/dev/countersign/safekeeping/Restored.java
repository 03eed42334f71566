package dev.countersign.safekeeping;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Environments;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import dev.countersign.store.UnfinishedCopy;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Makes a restored database whole, in one transaction: no code, link, session or answer from before works again, and the log
 * says so.
 */
@Component
public final class Restored {
    private final Database database;
    private final RestoredStore store;
    private final Environments environments;
    private final ActivityLog activity;

    Restored(Database database, RestoredStore store, Environments environments, ActivityLog activity) {
        this.database = database;
        this.store = store;
        this.environments = environments;
        this.activity = activity;
    }

    /** What went. */
    public record Ended(long sessions, long recoveryCodes, long apiKeys) {}

    /**
     * @param id names this restore
     * @param revokeApiKeys for whoever does not know which were revoked since the backup
     */
    public Ended finish(
            String id, BackupHeader backup, boolean revokeApiKeys, Actor actor, Origin origin, Instant now) {
        return database.write(() -> {
            store.takeTime();
            Ended ended = new Ended(
                    store.count("session"), store.count("recovery_code"), revokeApiKeys ? store.revokeApiKeys(now) : 0);
            // A clock that is behind does not open again what a right one has closed.
            Instant latest = Stream.of(now, backup.at(), store.newest())
                    .max(Instant::compareTo)
                    .orElse(now);
            store.end();
            store.raiseSteps(latest);
            store.stopWhatWaits(now);
            store.note(id, backup, latest);
            ActivityEvent event = new ActivityEvent.InstallationRestored(
                    backup.id(), backup.at(), ended.sessions(), ended.recoveryCodes(), revokeApiKeys);
            environments
                    .all()
                    .forEach(environment ->
                            activity.record(environment.id(), Optional.empty(), actor, origin, event, now));
            UnfinishedCopy.finish(database);
            return ended;
        });
    }
}
