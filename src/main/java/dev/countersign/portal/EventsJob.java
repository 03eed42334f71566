package dev.countersign.portal;

import java.time.Clock;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Finds out which browsers that waited have gone. */
@Component
final class EventsJob {
    private final Events events;
    private final Clock clock;
    private final AtomicBoolean writing = new AtomicBoolean();
    private int turn;

    EventsJob(Events events, Clock clock) {
        this.events = events;
        this.clock = clock;
    }

    /** Not in the thread of all jobs: a browser may be slow to read. */
    @Scheduled(initialDelayString = "PT1S", fixedDelayString = "PT1S")
    void beat() {
        int now = turn++;
        if (writing.compareAndSet(false, true)) {
            Thread.ofVirtual().name("events").start(() -> {
                try {
                    events.beat(now, clock.instant());
                } finally {
                    writing.set(false);
                }
            });
        }
    }
}
