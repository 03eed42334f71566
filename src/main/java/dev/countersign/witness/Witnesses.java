package dev.countersign.witness;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.activity.ChainHead;
import dev.countersign.activity.Checkpoint;
import dev.countersign.activity.Checkpoints;
import dev.countersign.activity.LogKeys;
import dev.countersign.activity.SealedCheckpoint;
import dev.countersign.configuration.Settings;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Tells places outside of checkpoints, each at its own pace, from where it was told last: nothing is lost while one cannot be
 * reached. Thread-safe; each place is told by one thread at a time.
 */
@Component
public final class Witnesses {
    private static final Logger LOG = LoggerFactory.getLogger(Witnesses.class);
    private static final int PORTION = 100;
    private static final Duration LEASE = Duration.ofMinutes(2);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Database database;
    private final SinkStore store;
    private final Checkpoints checkpoints;
    private final ActivityLog activity;
    private final List<Sink> sinks;
    private final Set<String> lookedAt = ConcurrentHashMap.newKeySet();
    private final Set<String> failing = ConcurrentHashMap.newKeySet();

    Witnesses(
            Database database,
            SinkStore store,
            Checkpoints checkpoints,
            ActivityLog activity,
            LogKeys keys,
            Settings settings) {
        this.database = database;
        this.store = store;
        this.checkpoints = checkpoints;
        this.activity = activity;
        this.sinks = sinks(settings, keys);
    }

    private static List<Sink> sinks(Settings settings, LogKeys keys) {
        String machine = settings.operation().nodeName();
        Settings.Log log = settings.log();
        List<Sink> sinks = new ArrayList<>();
        log.file().ifPresent(file -> sinks.add(new FileSink(file, machine)));
        log.syslog().ifPresent(address -> sinks.add(new SyslogSink(address, machine, PATIENCE)));
        log.webhook().ifPresent(address -> sinks.add(new WebhookSink(address, keys, PATIENCE)));
        return List.copyOf(sinks);
    }

    List<Sink> sinks() {
        return sinks;
    }

    /** Tells a place everything it has not been told. */
    void tell(Sink sink, Instant now, BooleanSupplier goesOn) {
        Set<String> failed = new HashSet<>();
        List<ChainHead> heads = checkpoints.heads();
        look(sink, heads, now, failed);
        for (ChainHead head : heads) {
            if (goesOn.getAsBoolean()) {
                try {
                    tell(sink, head, now, goesOn);
                } catch (IOException e) {
                    failed.add(String.valueOf(e.getMessage()));
                }
            }
        }
        say(sink, failed);
    }

    private void say(Sink sink, Set<String> failed) {
        if (failed.isEmpty()) {
            if (failing.remove(sink.name())) {
                LOG.info("log.witness: {} is told of checkpoints again", sink.name());
            }
        } else if (failing.add(sink.name())) {
            LOG.warn("log.witness: {} cannot be told of checkpoints, which wait: {}", sink.name(), failed);
        }
    }

    private void tell(Sink sink, ChainHead head, Instant now, BooleanSupplier goesOn) throws IOException {
        String environment = head.environment();
        long told = store.told(sink.name(), environment);
        if (told == head.number()
                || !database.write(() -> store.claim(sink.name(), environment, now.plus(LEASE), now))) {
            return;
        }
        // After an older database was restored, what it was told is as old as the database.
        long reached = Math.min(store.told(sink.name(), environment), head.number());
        try {
            List<SealedCheckpoint> more = checkpoints.after(environment, reached, PORTION);
            while (!more.isEmpty() && goesOn.getAsBoolean()) {
                sink.tell(more);
                reached = more.getLast().checkpoint().number();
                more = checkpoints.after(environment, reached, PORTION);
            }
        } finally {
            long last = reached;
            database.write(() -> store.release(sink.name(), environment, last, now));
        }
    }

    /** Once after the start: whether the file knows more than the database. */
    private void look(Sink sink, List<ChainHead> heads, Instant now, Set<String> failed) {
        if (sink instanceof FileSink file && lookedAt.add(file.name())) {
            try {
                Map<String, Checkpoint> last = file.lastLines();
                heads.forEach(head -> Optional.ofNullable(last.get(head.environment()))
                        .filter(outside -> outside.number() > head.number()
                                || (outside.number() == head.number()
                                        && !outside.hash().equals(head.hash())))
                        .ifPresent(outside -> wentBack(file, head, outside, now)));
            } catch (IOException e) {
                lookedAt.remove(file.name());
                failed.add(String.valueOf(e.getMessage()));
            }
        }
    }

    private void wentBack(FileSink file, ChainHead head, Checkpoint outside, Instant now) {
        LOG.error(
                "log.went-back: the log of environment {} ends with checkpoint {}, {} has {}: an older database was"
                        + " restored, or the end was removed",
                head.environment(),
                head.number(),
                file.name(),
                outside.number());
        ActivityEvent event = new ActivityEvent.LogWentBack(head.number(), outside.number());
        EnvironmentId environment = new EnvironmentId(head.environment());
        database.write(() -> activity.record(environment, Optional.empty(), Actor.SYSTEM, Origin.SYSTEM, event, now));
    }

    /** How many checkpoints each place waits for, by its kind: file, syslog or webhook. One statement, and one for each place. */
    public Map<String, Long> waiting() {
        Map<String, Long> waiting = new TreeMap<>();
        List<ChainHead> heads = sinks.isEmpty() ? List.of() : checkpoints.heads();
        for (Sink sink : sinks) {
            Map<String, Long> told = store.told(sink.name());
            waiting.put(
                    sink.name().replaceAll(" .*", ""),
                    heads.stream()
                            .mapToLong(head -> Math.max(0, head.number() - told.getOrDefault(head.environment(), 0L)))
                            .sum());
        }
        return waiting;
    }
}
