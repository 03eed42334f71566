package dev.countersign.administration;

import dev.countersign.store.Rounds;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Works off {@link BulkJobs} in the background, each for a while in turn, so that a short one does not wait for a long one. */
@Component
class BulkJob implements DisposableBean {
    private static final Duration TURN = Duration.ofSeconds(3);

    private final BulkJobs jobs;
    private final Clock clock;
    private final Rounds rounds;

    BulkJob(BulkJobs jobs, Clock clock) {
        this.jobs = jobs;
        this.clock = clock;
        this.rounds = new Rounds("bulk work", this::round);
    }

    @Scheduled(initialDelayString = "PT1S", fixedDelayString = "PT0.5S")
    void start() {
        rounds.start();
    }

    private void round(BooleanSupplier goesOn) {
        List<String> waiting = jobs.waiting();
        while (goesOn.getAsBoolean() && !waiting.isEmpty()) {
            for (String id : waiting) {
                Instant until = clock.instant().plus(TURN);
                jobs.workOff(id, () -> goesOn.getAsBoolean() && clock.instant().isBefore(until));
            }
            waiting = jobs.waiting();
        }
    }

    @Scheduled(initialDelayString = "PT11M", fixedDelayString = "PT30M")
    void forgetOld() {
        jobs.forgetOld(clock.instant());
    }

    @Override
    public void destroy() {
        rounds.stop();
    }
}
