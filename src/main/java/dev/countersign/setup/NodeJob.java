package dev.countersign.setup;

import dev.countersign.diagnosis.Nodes;
import dev.countersign.store.Rounds;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Says every ten seconds that this server runs: other servers compare settings, and an upgrade may have to wait. */
@Component
final class NodeJob implements DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(NodeJob.class);

    private final Nodes nodes;
    private final Rounds beats;

    NodeJob(Nodes nodes, Clock clock) {
        this.nodes = nodes;
        this.beats = new Rounds("saying that this server runs", _ -> nodes.beat(clock.instant()));
    }

    @Scheduled(initialDelayString = "PT1S", fixedDelayString = "PT10S")
    void beat() {
        beats.start();
    }

    @Override
    public void destroy() {
        beats.stop();
        try {
            nodes.leave();
        } catch (RuntimeException e) {
            LOG.debug("the database does not hear that this server stops: {}", e.toString());
        }
    }
}
