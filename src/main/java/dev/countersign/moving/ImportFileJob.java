package dev.countersign.moving;

import dev.countersign.store.Rounds;
import java.time.Clock;
import java.util.function.BooleanSupplier;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Takes in what {@link ImportFiles} has been told to, one file after the other. */
@Component
class ImportFileJob implements DisposableBean {

    private final ImportFiles files;
    private final Clock clock;
    private final Rounds rounds;

    ImportFileJob(ImportFiles files, Clock clock) {
        this.files = files;
        this.clock = clock;
        this.rounds = new Rounds("the import of a file", this::round);
    }

    @Scheduled(initialDelayString = "PT1S", fixedDelayString = "PT1S")
    void start() {
        rounds.start();
    }

    private void round(BooleanSupplier goesOn) {
        files.waiting().forEach(id -> files.workOff(id, goesOn));
    }

    @Scheduled(initialDelayString = "PT13M", fixedDelayString = "PT30M")
    void forgetOld() {
        files.forgetOld(clock.instant());
    }

    @Override
    public void destroy() {
        rounds.stop();
    }
}
