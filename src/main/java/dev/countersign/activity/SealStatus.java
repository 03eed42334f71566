package dev.countersign.activity;

import dev.countersign.kernel.EnvironmentId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** How far the log is sealed. Thread-safe; each answer asks the database once or twice. */
@Component
public final class SealStatus {
    /** A log that is sealed every two seconds and has waited for this long is not sealed. */
    public static final Duration LATE = Duration.ofMinutes(1);

    private final SealStore store;

    SealStatus(SealStore store) {
        this.store = store;
    }

    /**
     * How far the log of one environment is sealed.
     *
     * @param sealedAt when the last checkpoint was made
     * @param unsealed how many entries no checkpoint lists yet
     * @param unsealedSince the time of the oldest of them
     */
    public record State(Optional<Instant> sealedAt, long unsealed, Optional<Instant> unsealedSince) {
        /** For how long the oldest entry that is not sealed waits. */
        public Duration lag(Instant now) {
            return unsealedSince
                    .map(since -> Duration.between(since, now))
                    .filter(lag -> !lag.isNegative())
                    .orElse(Duration.ZERO);
        }

        public boolean isLate(Instant now) {
            return lag(now).compareTo(LATE) > 0;
        }
    }

    public State of(EnvironmentId environment) {
        Optional<ChainHead> head = store.head(environment.value());
        long high = head.map(ChainHead::high).orElse(0L);
        return new State(
                head.map(ChainHead::sealedAt).filter(at -> at > 0).map(Instant::ofEpochMilli),
                store.count(environment.value(), high, Long.MAX_VALUE),
                store.firstAtAfter(environment.value(), high).map(Instant::ofEpochMilli));
    }

    /** For how long the oldest entry of all environments that is not sealed waits; one statement. */
    public Duration lag(Instant now) {
        Optional<Instant> since = store.firstUnsealedAt().map(Instant::ofEpochMilli);
        return new State(Optional.empty(), 0, since).lag(now);
    }
}
