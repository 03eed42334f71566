package dev.countersign.setup;

import dev.countersign.diagnosis.Diagnosis;
import dev.countersign.figures.Figures;
import dev.countersign.policy.Policies;
import dev.countersign.session.Sessions;
import dev.countersign.signin.Challenges;
import dev.countersign.signin.SignInService;
import dev.countersign.throttle.Throttle;
import java.time.Clock;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Removes what has expired, every few minutes. Nothing depends on it: expiry is checked where things are used. */
@Component
@EnableScheduling
class HousekeepingJob {
    private static final Logger LOG = LoggerFactory.getLogger(HousekeepingJob.class);

    private final SignInService signIns;
    private final Challenges challenges;
    private final Sessions sessions;
    private final Throttle throttle;
    private final Policies policies;
    private final Figures figures;
    private final Diagnosis diagnosis;
    private final Clock clock;

    HousekeepingJob(
            SignInService signIns,
            Challenges challenges,
            Sessions sessions,
            Throttle throttle,
            Policies policies,
            Figures figures,
            Diagnosis diagnosis,
            Clock clock) {
        this.signIns = signIns;
        this.challenges = challenges;
        this.sessions = sessions;
        this.throttle = throttle;
        this.policies = policies;
        this.figures = figures;
        this.diagnosis = diagnosis;
        this.clock = clock;
    }

    /** Saves rules that have started by themselves. They hold from the moment they are due; this makes it show in the log. */
    @Scheduled(initialDelayString = "PT5S", fixedDelayString = "PT15S")
    void startWhatIsDue() {
        policies.startDue(clock.instant());
    }

    /** Looks at machine and database, so that the console can warn. */
    @Scheduled(initialDelayString = "PT30S", fixedDelayString = "PT1H")
    void lookAtMachine() {
        diagnosis.lookAtMachine(clock.instant());
    }

    /** Counts the days that are over, for the drawings. */
    @Scheduled(initialDelayString = "PT2M", fixedDelayString = "PT1H")
    void keepFigures() {
        figures.keep(clock.instant());
    }

    @Scheduled(initialDelayString = "PT1M", fixedDelayString = "PT5M")
    void removeExpired() {
        Instant now = clock.instant();
        LOG.debug(
                "removed {} sign-ins, {} challenges, {} sessions, {} budgets",
                signIns.forgetExpired(now),
                challenges.forgetExpired(now),
                sessions.forgetDead(now),
                throttle.forgetOld(now));
    }
}
