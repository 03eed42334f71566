package dev.countersign.administration;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Works off {@link BulkJobs} in the background, each for a while in turn, so that a short one does not wait for a long one. */
@Component
class BulkJob implements DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(BulkJob.class);
    private static final Duration TURN = Duration.ofSeconds(3);

    private final BulkJobs jobs;
    private final Clock clock;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile boolean stopped;

    BulkJob(BulkJobs jobs, Clock clock) {
        this.jobs = jobs;
        this.clock = clock;
    }

    @Scheduled(initialDelayString = "PT1S", fixedDelayString = "PT0.5S")
    void start() {
        if (!stopped && busy.compareAndSet(false, true)) {
            Thread.ofVirtual().name("bulk").start(this::round);
        }
    }

    private void round() {
        try {
            List<String> waiting = jobs.waiting();
            while (!stopped && !waiting.isEmpty()) {
                for (String id : waiting) {
                    Instant until = clock.instant().plus(TURN);
                    jobs.workOff(id, () -> !stopped && clock.instant().isBefore(until));
                }
                waiting = jobs.waiting();
            }
        } catch (RuntimeException e) {
            if (!stopped) {
                LOG.warn("bulk work waits: {}", e.toString());
            }
        } finally {
            busy.set(false);
        }
    }

    @Scheduled(initialDelayString = "PT11M", fixedDelayString = "PT30M")
    void forgetOld() {
        jobs.forgetOld(clock.instant());
    }

    @Override
    public void destroy() {
        stopped = true;
    }
}
