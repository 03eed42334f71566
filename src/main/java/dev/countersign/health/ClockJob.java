package dev.countersign.health;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Environments;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Ticks;
import dev.countersign.store.Database;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Notes in the log of every environment when the clock of the server has jumped. */
@Component
class ClockJob {
    private static final Logger LOG = LoggerFactory.getLogger(ClockJob.class);

    private final Environments environments;
    private final ActivityLog activity;
    private final Database database;
    private final Clock clock;
    private final Ticks ticks;
    private final ClockCondition condition;
    private final ClockWatch watch = new ClockWatch();

    ClockJob(
            Environments environments,
            ActivityLog activity,
            Database database,
            Clock clock,
            Ticks ticks,
            ClockCondition condition) {
        this.environments = environments;
        this.activity = activity;
        this.database = database;
        this.clock = clock;
        this.ticks = ticks;
        this.condition = condition;
    }

    @Scheduled(initialDelayString = "PT0S", fixedDelayString = "PT5S")
    void look() {
        Instant now = clock.instant();
        watch.look(now, ticks.nanos()).ifPresent(jump -> {
            condition.jumped(jump);
            LOG.warn("clock.jump: the clock of this server jumped by {} s", jump.toSeconds());
            ActivityEvent event = new ActivityEvent.ClockJumped(jump.toSeconds());
            database.write(() -> environments
                    .all()
                    .forEach(environment -> activity.record(
                            environment.id(), Optional.empty(), Actor.SYSTEM, Origin.SYSTEM, event, now)));
        });
    }
}
