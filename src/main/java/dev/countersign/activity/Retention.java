package dev.countersign.activity;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** How long the log of each environment is kept. Thread-safe. */
@Component
public final class Retention {
    private final Database database;
    private final ActivityStore store;
    private final ActivityLog activity;
    private final Sealing sealing;

    Retention(Database database, ActivityStore store, ActivityLog activity, Sealing sealing) {
        this.database = database;
        this.store = store;
        this.activity = activity;
        this.sealing = sealing;
    }

    public ActivitySettings settings(EnvironmentId environment) {
        return store.keepDays(environment).map(ActivitySettings::ofDays).orElse(ActivitySettings.DEFAULT);
    }

    public void change(EnvironmentId environment, ActivitySettings settings, Actor actor, Origin origin, Instant now) {
        database.write(() -> {
            ActivitySettings before = settings(environment);
            if (!before.equals(settings)) {
                store.saveKeepDays(environment, settings.days());
                activity.record(
                        environment,
                        Optional.empty(),
                        actor,
                        origin,
                        new ActivityEvent.RetentionChanged(before.inWords(), settings.inWords()),
                        now);
            }
        });
    }

    /** Removes what is sealed and too old, in portions between which others write; answers how many entries. */
    long removeOld(Instant now) {
        return store.environments().stream()
                .mapToLong(environment -> settings(environment)
                        .keep()
                        .map(keep -> removeOld(environment, keep, now))
                        .orElse(0L))
                .sum();
    }

    private long removeOld(EnvironmentId environment, Duration keep, Instant now) {
        long all = 0;
        Sealing.Pruned some;
        do {
            some = sealing.prune(environment, now.minus(keep), now);
            all += some.entries();
        } while (some.more());
        if (all > 0) {
            ActivityEvent removed = new ActivityEvent.EntriesRemoved(all);
            database.write(
                    () -> activity.record(environment, Optional.empty(), Actor.SYSTEM, Origin.SYSTEM, removed, now));
        }
        return all;
    }
}
