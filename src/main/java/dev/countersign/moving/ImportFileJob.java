package dev.countersign.moving;

import java.time.Clock;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Takes in what {@link ImportFiles} has been told to, one file after the other. */
@Component
class ImportFileJob implements DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(ImportFileJob.class);

    private final ImportFiles files;
    private final Clock clock;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile boolean stopped;

    ImportFileJob(ImportFiles files, Clock clock) {
        this.files = files;
        this.clock = clock;
    }

    @Scheduled(initialDelayString = "PT1S", fixedDelayString = "PT1S")
    void start() {
        if (!stopped && busy.compareAndSet(false, true)) {
            Thread.ofVirtual().name("import").start(this::round);
        }
    }

    private void round() {
        try {
            List<String> waiting = files.waiting();
            for (String id : waiting) {
                files.workOff(id, () -> !stopped);
            }
        } catch (RuntimeException e) {
            if (!stopped) {
                LOG.warn("imports wait: {}", e.toString());
            }
        } finally {
            busy.set(false);
        }
    }

    @Scheduled(initialDelayString = "PT13M", fixedDelayString = "PT30M")
    void forgetOld() {
        files.forgetOld(clock.instant());
    }

    @Override
    public void destroy() {
        stopped = true;
    }
}
