package dev.countersign.administration;

import dev.countersign.kernel.EnvironmentId;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Announces the dates of {@link StartAnnouncements} beside everything else. */
@Component
class StartAnnouncementJob implements DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(StartAnnouncementJob.class);

    private final StartAnnouncements announcements;
    private final Clock clock;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile boolean stopped;

    StartAnnouncementJob(StartAnnouncements announcements, Clock clock) {
        this.announcements = announcements;
        this.clock = clock;
    }

    @Scheduled(initialDelayString = "PT3S", fixedDelayString = "PT5S")
    void start() {
        if (!stopped && busy.compareAndSet(false, true)) {
            Thread.ofVirtual().name("announcements").start(this::round);
        }
    }

    private void round() {
        try {
            for (EnvironmentId environment : announcements.planned(clock.instant())) {
                boolean more = true;
                while (more && !stopped) {
                    more = announcements.announceSome(environment, clock.instant());
                }
            }
        } catch (RuntimeException e) {
            if (!stopped) {
                LOG.warn("announcements wait: {}", e.toString());
            }
        } finally {
            busy.set(false);
        }
    }

    @Override
    public void destroy() {
        stopped = true;
    }
}
