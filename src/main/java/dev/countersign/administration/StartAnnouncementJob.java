package dev.countersign.administration;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Rounds;
import java.time.Clock;
import java.util.function.BooleanSupplier;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Announces the dates of {@link StartAnnouncements} beside everything else. */
@Component
class StartAnnouncementJob implements DisposableBean {

    private final StartAnnouncements announcements;
    private final Clock clock;
    private final Rounds rounds;

    StartAnnouncementJob(StartAnnouncements announcements, Clock clock) {
        this.announcements = announcements;
        this.clock = clock;
        this.rounds = new Rounds("the announcement of a date", this::round);
    }

    @Scheduled(initialDelayString = "PT3S", fixedDelayString = "PT5S")
    void start() {
        rounds.start();
    }

    private void round(BooleanSupplier goesOn) {
        for (EnvironmentId environment : announcements.planned(clock.instant())) {
            boolean more = true;
            while (more && goesOn.getAsBoolean()) {
                more = announcements.announceSome(environment, clock.instant());
            }
        }
    }

    @Override
    public void destroy() {
        rounds.stop();
    }
}
