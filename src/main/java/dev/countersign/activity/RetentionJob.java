package dev.countersign.activity;

import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Removes entries that are older than the retention, a few times a day, beside everything else. */
@Component
final class RetentionJob {
    private static final Logger LOG = LoggerFactory.getLogger(RetentionJob.class);

    private final Retention retention;
    private final Clock clock;

    RetentionJob(Retention retention, Clock clock) {
        this.retention = retention;
        this.clock = clock;
    }

    @Scheduled(initialDelayString = "PT11M", fixedDelayString = "PT6H")
    void start() {
        Thread.ofVirtual().name("retention").start(this::remove);
    }

    private void remove() {
        try {
            LOG.debug("removed {} entries of the log", retention.removeOld(clock.instant()));
        } catch (RuntimeException e) {
            LOG.warn("old entries of the log stay for now: {}", e.toString());
        }
    }
}
