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
import org.springframework.stereotype.Component;

/** Lets servers use a copy that is whole, and notes copies in the log of every environment. */
@Component
public final class Moved {
    private final Database database;
    private final Environments environments;
    private final ActivityLog activity;

    Moved(Database database, Environments environments, ActivityLog activity) {
        this.database = database;
        this.environments = environments;
        this.activity = activity;
    }

    public void finish(long rows, Actor actor, Origin origin, Instant now) {
        database.write(() -> {
            note(new ActivityEvent.MovedToPostgresql(rows), actor, origin, now);
            UnfinishedCopy.finish(database);
        });
    }

    /** Notes who has made a backup: it holds everything. */
    public void noteBackup(BackupHeader backup, Actor actor, Origin origin, Instant now) {
        database.write(() -> note(new ActivityEvent.BackupMade(backup.id()), actor, origin, now));
    }

    private void note(ActivityEvent event, Actor actor, Origin origin, Instant now) {
        environments
                .all()
                .forEach(environment -> activity.record(environment.id(), Optional.empty(), actor, origin, event, now));
    }
}
