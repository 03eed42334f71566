package dev.countersign.factor.companion;

import java.time.Clock;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Looks for decisions of other nodes while somebody waits, and removes what is too old. */
@Component
final class CompanionJob {
    private final Watch watch;
    private final Approvals approvals;
    private final Pairings pairings;
    private final Doorbell doorbell;
    private final Clock clock;

    CompanionJob(Watch watch, Approvals approvals, Pairings pairings, Doorbell doorbell, Clock clock) {
        this.watch = watch;
        this.approvals = approvals;
        this.pairings = pairings;
        this.doorbell = doorbell;
        this.clock = clock;
    }

    @Scheduled(initialDelayString = "PT1S", fixedDelayString = "PT0.25S")
    void look() {
        watch.look(clock.instant());
    }

    @Scheduled(initialDelayString = "PT1S", fixedDelayString = "PT0.5S")
    void ringAgain() {
        doorbell.ringAgain(clock.instant());
    }

    @Scheduled(initialDelayString = "PT13M", fixedDelayString = "PT1H")
    void clear() {
        approvals.forgetOld(clock.instant());
        pairings.forgetOld(clock.instant());
    }
}
