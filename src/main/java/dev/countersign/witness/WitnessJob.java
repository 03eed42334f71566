package dev.countersign.witness;

import dev.countersign.store.Rounds;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Tells each place outside of new checkpoints every two seconds; one that is slow holds up itself alone. */
@Component
final class WitnessJob implements DisposableBean {
    private final Witnesses witnesses;
    private final List<Rounds> rounds;

    WitnessJob(Witnesses witnesses, Clock clock) {
        this.witnesses = witnesses;
        this.rounds = witnesses.sinks().stream()
                .map(sink ->
                        new Rounds("telling " + sink.name(), goesOn -> witnesses.tell(sink, clock.instant(), goesOn)))
                .toList();
    }

    @Scheduled(initialDelayString = "PT3S", fixedDelayString = "PT2S")
    void start() {
        rounds.forEach(Rounds::start);
    }

    @Override
    public void destroy() throws IOException {
        rounds.forEach(Rounds::stop);
        for (Sink sink : witnesses.sinks()) {
            if (sink instanceof WebhookSink webhook) {
                webhook.close();
            }
        }
    }
}
