package dev.countersign.keys;

import dev.countersign.store.Rounds;
import java.time.Clock;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Every few seconds: which keys this server has, and which values did not open. Commands do neither. */
@Component
final class KeysJob implements DisposableBean {
    private final KeyHolders holders;
    private final Integrity integrity;
    private final Clock clock;
    private final Rounds rounds;
    private volatile boolean started;

    KeysJob(KeyHolders holders, Integrity integrity, Clock clock) {
        this.holders = holders;
        this.integrity = integrity;
        this.clock = clock;
        this.rounds = new Rounds("keys", _ -> look());
    }

    @Scheduled(initialDelayString = "PT0.5S", fixedDelayString = "PT2S")
    void start() {
        started = true;
        rounds.start();
    }

    private void look() {
        holders.say(clock.instant());
        integrity.tell(clock.instant());
    }

    @Override
    public void destroy() {
        rounds.stop();
        if (started) {
            holders.leave();
        }
    }
}
