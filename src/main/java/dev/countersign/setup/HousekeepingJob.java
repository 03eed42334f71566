package dev.countersign.setup;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Environments;
import dev.countersign.factor.recovery.RecoveryCodes;
import dev.countersign.kernel.Origin;
import dev.countersign.session.Sessions;
import dev.countersign.signin.SignInService;
import dev.countersign.store.Database;
import dev.countersign.throttle.Throttle;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Removes what has expired, every few minutes, and watches the clock. Nothing depends on it: expiry is checked where things
 * are used.
 */
@Component
@EnableScheduling
class HousekeepingJob {
    private static final Logger LOG = LoggerFactory.getLogger(HousekeepingJob.class);

    private final SignInService signIns;
    private final Sessions sessions;
    private final Throttle throttle;
    private final RecoveryCodes recoveryCodes;
    private final Environments environments;
    private final ActivityLog activity;
    private final Database database;
    private final Clock clock;
    private final Ticks ticks;
    private final ClockWatch watch = new ClockWatch();

    HousekeepingJob(
            SignInService signIns,
            Sessions sessions,
            Throttle throttle,
            RecoveryCodes recoveryCodes,
            Environments environments,
            ActivityLog activity,
            Database database,
            Clock clock,
            Ticks ticks) {
        this.signIns = signIns;
        this.sessions = sessions;
        this.throttle = throttle;
        this.recoveryCodes = recoveryCodes;
        this.environments = environments;
        this.activity = activity;
        this.database = database;
        this.clock = clock;
        this.ticks = ticks;
    }

    @Scheduled(initialDelayString = "PT0S", fixedDelayString = "PT1M")
    void watchClock() {
        Instant now = clock.instant();
        watch.look(now, ticks.nanos()).ifPresent(jump -> {
            LOG.warn("clock.jump: the clock of this server jumped by {} s", jump.toSeconds());
            ActivityEvent event = new ActivityEvent.ClockJumped(jump.toSeconds());
            database.write(() -> environments
                    .all()
                    .forEach(environment -> activity.record(
                            environment.id(), Optional.empty(), Actor.SYSTEM, Origin.SYSTEM, event, now)));
        });
    }

    @Scheduled(initialDelayString = "PT1M", fixedDelayString = "PT5M")
    void removeExpired() {
        Instant now = clock.instant();
        LOG.debug(
                "removed {} sign-ins, {} sessions, {} budgets, {} resumptions",
                signIns.forgetExpired(now),
                sessions.forgetDead(now),
                throttle.forgetOld(now),
                recoveryCodes.forgetExpired(now));
    }
}
