package dev.countersign.signal;

import dev.countersign.activity.ActivityListener;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import java.time.Instant;
import java.util.List;
import org.springframework.stereotype.Component;

/** Sends a signal with each event that changes what a cache may hold, in the transaction of the event. */
@Component
final class SignallingEvents implements ActivityListener {
    /** More of them at once are said in one. */
    private static final int MOST = 50;

    private final Signals signals;

    SignallingEvents(Signals signals) {
        this.signals = signals;
    }

    @Override
    public void recorded(
            EnvironmentId environment, List<ActivityLog.Entry> entries, Actor actor, Origin origin, Instant now) {
        List<Signal> all = entries.stream()
                .flatMap(entry -> Effects.of(environment, entry.about(), entry.event()).stream())
                .distinct()
                .toList();
        boolean together = all.size() > MOST && !all.contains(new Signal.OfEverything());
        List<Signal> sent = together ? List.of(new Signal.OfEnvironment(environment)) : all;
        sent.forEach(signal -> signals.send(signal, now));
    }
}
