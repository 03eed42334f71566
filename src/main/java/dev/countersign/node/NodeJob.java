package dev.countersign.node;

import dev.countersign.store.Rounds;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Looks every two seconds whether there is something to say of this server. Commands are no servers, and say nothing. */
@Component
final class NodeJob implements DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(NodeJob.class);

    private final Nodes nodes;
    private final Rounds rounds;
    private volatile boolean started;

    NodeJob(Nodes nodes, Clock clock) {
        this.nodes = nodes;
        this.rounds = new Rounds("saying that this server runs", _ -> nodes.say(clock.instant()));
    }

    @Scheduled(initialDelayString = "PT0.5S", fixedDelayString = "PT2S")
    void start() {
        started = true;
        rounds.start();
    }

    @Override
    public void destroy() {
        rounds.stop();
        try {
            if (started) {
                nodes.leave();
            }
        } catch (RuntimeException e) {
            LOG.debug("the database does not hear that this server stops: {}", e.toString());
        }
    }
}
