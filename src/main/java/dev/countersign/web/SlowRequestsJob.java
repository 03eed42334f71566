package dev.countersign.web;

import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Looks for requests that arrive too slowly. */
@Component
class SlowRequestsJob {
    private final SlowRequests requests;

    SlowRequestsJob(SlowRequests requests) {
        this.requests = requests;
    }

    @Scheduled(initialDelayString = "PT1S", fixedDelayString = "PT0.5S")
    void look() {
        requests.look();
    }
}
