package dev.countersign.gate;

import dev.countersign.signal.Signals;
import dev.countersign.store.Rounds;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Reads the signals of other nodes on a thread of its own, for no other work may hold that up; and writes down which sessions
 * were used.
 */
@Component
final class GateJob implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(GateJob.class);

    private final Signals signals;
    private final Rounds notes;
    private volatile boolean running;

    GateJob(Signals signals, Gate gate) {
        this.signals = signals;
        this.notes = new Rounds("noting the use of sessions", _ -> gate.noteUses());
    }

    @Override
    public void start() {
        running = true;
        Thread.ofPlatform().daemon().name("signals").start(this::readUntilStopped);
    }

    private void readUntilStopped() {
        boolean failed = false;
        while (running) {
            try {
                signals.read();
                failed = false;
            } catch (RuntimeException e) {
                if (!failed && running) {
                    LOG.warn(
                            "signals of other nodes cannot be read, so nothing that is kept is used: {}", e.toString());
                }
                failed = true;
            }
            LockSupport.parkNanos(Signals.EVERY.toNanos());
        }
    }

    @Scheduled(initialDelayString = "PT10S", fixedDelayString = "PT10S")
    void noteUses() {
        notes.start();
    }

    @Scheduled(initialDelayString = "PT10M", fixedDelayString = "PT10M")
    void removeOldSignals() {
        signals.removeOld();
    }

    @Override
    public void stop() {
        running = false;
        notes.stop();
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
