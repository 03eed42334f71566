package dev.countersign.keys;

import dev.countersign.store.Rounds;
import java.time.Clock;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Tells every few seconds which values did not open. Commands do not. */
@Component
final class KeysJob implements DisposableBean {
    private final Rounds rounds;

    KeysJob(Integrity integrity, Clock clock) {
        this.rounds = new Rounds("keys", _ -> integrity.tell(clock.instant()));
    }

    @Scheduled(initialDelayString = "PT0.5S", fixedDelayString = "PT2S")
    void start() {
        rounds.start();
    }

    @Override
    public void destroy() {
        rounds.stop();
    }
}
