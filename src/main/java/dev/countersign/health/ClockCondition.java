package dev.countersign.health;

import dev.countersign.kernel.Ticks;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The clock has not jumped in the last minutes. A jump that is undone - a clock that was set wrong, and right again - is
 * forgotten at once. Thread-safe.
 */
@Component
final class ClockCondition implements Condition {
    /** Long enough to be seen, and for the codes of both times to be over. */
    static final Duration REMEMBERED = Duration.ofMinutes(5);

    private final Ticks ticks;
    private @Nullable Duration jumped;
    private long at;

    ClockCondition(Ticks ticks) {
        this.ticks = ticks;
    }

    @Override
    public String name() {
        return "clock";
    }

    synchronized void jumped(Duration by) {
        Duration sum = jumped == null || isOver() ? by : by.plus(jumped);
        jumped = sum.abs().compareTo(ClockWatch.JUMP) < 0 ? null : sum;
        at = ticks.nanos();
    }

    /** Measured with the counter: the clock is what is in doubt. */
    private boolean isOver() {
        return ticks.nanos() - at > REMEMBERED.toNanos();
    }

    @Override
    public synchronized Optional<String> wrong(Instant now) {
        Duration by = jumped;
        return by == null || isOver()
                ? Optional.empty()
                : Optional.of("The clock of this server jumped by " + by.toSeconds()
                        + " s. Set it by NTP (timedatectl set-ntp true); codes depend on the time.");
    }
}
