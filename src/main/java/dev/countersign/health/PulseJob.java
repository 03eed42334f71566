package dev.countersign.health;

import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Shows that background work still finds a thread. */
@Component
class PulseJob {
    private final Liveness liveness;

    PulseJob(Liveness liveness) {
        this.liveness = liveness;
    }

    @Scheduled(initialDelayString = "PT1S", fixedDelayString = "PT5S")
    void beat() {
        liveness.beat();
    }
}
