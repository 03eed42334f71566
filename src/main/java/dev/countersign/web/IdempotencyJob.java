package dev.countersign.web;

import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Removes kept answers that are older than a day. Nothing depends on it: expiry is checked where they are used. */
@Component
class IdempotencyJob {
    private static final Logger LOG = LoggerFactory.getLogger(IdempotencyJob.class);

    private final Idempotency idempotency;
    private final Clock clock;

    IdempotencyJob(Idempotency idempotency, Clock clock) {
        this.idempotency = idempotency;
        this.clock = clock;
    }

    @Scheduled(initialDelayString = "PT2M", fixedDelayString = "PT10M")
    void removeOld() {
        LOG.debug("removed {} kept answers", idempotency.forgetOld(clock.instant()));
    }
}
