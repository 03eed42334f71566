package dev.countersign.health;

import dev.countersign.signal.Signals;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** This server hears what other nodes change: one that does not would go on admitting whom another has shut out. */
@Component
final class SignalCondition implements Condition {
    /** Caches are not used any more after two seconds; a single slow reading is no reason to send people elsewhere. */
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final Signals signals;

    SignalCondition(Signals signals) {
        this.signals = signals;
    }

    @Override
    public String name() {
        return "signals";
    }

    @Override
    public Optional<String> wrong(Instant now) {
        Signals.Status status = signals.status();
        if (status.lastRead().isEmpty()) {
            return Optional.of("Signals of other nodes have not been read yet.");
        }
        return status.age().compareTo(LONGEST) > 0
                ? Optional.of("Signals of other nodes were read " + status.age().toSeconds() + " s ago.")
                : Optional.empty();
    }
}
