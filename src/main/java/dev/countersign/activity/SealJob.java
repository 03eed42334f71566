package dev.countersign.activity;

import dev.countersign.store.Rounds;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Seals the log every two seconds where something happens, and looks at every environment once a minute. */
@Component
final class SealJob implements DisposableBean {
    private static final Duration EVERYWHERE = Duration.ofMinutes(1);
    private static final Duration MOMENT = Duration.ofMillis(1_500);

    private final Sealing sealing;
    private final SealStore seals;
    private final ActivityStore store;
    private final Clock clock;
    private final Rounds rounds;
    /** Until when something committed late may appear there. */
    private final Map<String, Instant> active = new HashMap<>();

    private long newest;
    private Instant everywhereAt = Instant.MIN;

    SealJob(Sealing sealing, SealStore seals, ActivityStore store, Clock clock) {
        this.sealing = sealing;
        this.seals = seals;
        this.store = store;
        this.clock = clock;
        this.rounds = new Rounds("sealing the log", this::round);
    }

    @Scheduled(initialDelayString = "PT2S", fixedDelayString = "PT2S")
    void start() {
        rounds.start();
    }

    private void round(BooleanSupplier goesOn) {
        Instant now = clock.instant();
        find(now);
        Optional<RuntimeException> failed = Optional.empty();
        for (String environment : List.copyOf(active.keySet())) {
            try {
                seal(environment, now, goesOn);
            } catch (RuntimeException e) {
                // The others are sealed all the same.
                failed = Optional.of(e);
            }
        }
        active.values().removeIf(until -> until.isBefore(now));
        if (failed.isPresent()) {
            throw failed.get();
        }
    }

    /** What another node has sealed a moment ago waits for the next round, so that many nodes make no more checkpoints. */
    private void seal(String environment, Instant now, BooleanSupplier goesOn) {
        long ago = now.toEpochMilli()
                - seals.head(environment).map(ChainHead::sealedAt).orElse(0L);
        boolean sealed = ago >= 0 && ago < MOMENT.toMillis();
        if (!sealed && goesOn.getAsBoolean()) {
            sealing.seal(environment, now, goesOn);
        }
    }

    private void find(Instant now) {
        long last = seals.newestSequence();
        if (last != newest) {
            seals.environmentsAfter(newest).forEach(environment -> active.put(environment, now.plus(Sealing.LATEST)));
            newest = last;
        }
        if (everywhereAt.isAfter(now) || everywhereAt.isBefore(now.minus(EVERYWHERE))) {
            store.environments().forEach(environment -> active.putIfAbsent(environment.value(), now));
            everywhereAt = now;
        }
    }

    @Override
    public void destroy() {
        rounds.stop();
    }
}
