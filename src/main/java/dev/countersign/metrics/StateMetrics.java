package dev.countersign.metrics;

import dev.countersign.activity.SealStatus;
import dev.countersign.factor.companion.Watch;
import dev.countersign.factor.password.HashLoad;
import dev.countersign.factor.password.Passwords;
import dev.countersign.gate.Gate;
import dev.countersign.health.ServerReadiness;
import dev.countersign.kernel.Tally;
import dev.countersign.mail.MailQueue;
import dev.countersign.mail.MailServer;
import dev.countersign.push.PushSender;
import dev.countersign.session.Sessions;
import dev.countersign.signal.Signals;
import dev.countersign.store.Database;
import dev.countersign.web.Crowd;
import dev.countersign.web.SlowRequests;
import dev.countersign.witness.Witnesses;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/** How things stand at the moment of a scrape. */
@Component
@ConditionalOnProperty("countersign.management")
final class StateMetrics {
    private static final double NANOS = 1e9;

    /** Tables are not counted more often than this. */
    private static final Duration COUNTED = Duration.ofSeconds(30);

    /** What one look into an index answers is asked more often. */
    private static final Duration LOOKED_UP = Duration.ofSeconds(5);

    private final PrometheusRegistry registry;

    StateMetrics(
            Metrics metrics,
            Passwords passwords,
            Database database,
            ServerReadiness readiness,
            Watch watch,
            PushSender push,
            MailServer mails,
            MailQueue queue,
            Sessions sessions,
            Signals signals,
            Gate gate,
            SealStatus seals,
            Witnesses witnesses,
            Crowd crowd,
            SlowRequests slow,
            Clock clock) {
        this.registry = metrics.registry();
        hashes(passwords);
        connections(database);
        health(readiness);
        nodes(signals, gate);
        seals(seals, witnesses, clock);
        counter(
                "countersign_requests_refused",
                "Requests that were told to try again because too many were under way.",
                crowd::refused);
        counter(
                "countersign_requests_cut_off",
                "Connections that were closed: too slow, or idle when few were left.",
                slow::ended);
        gauge("countersign_waiting_browsers", "Requests and pairings browsers wait for here.", watch::size);
        gauge(
                "countersign_sessions",
                "Sessions that have not come to their end.",
                counted(() -> sessions.count(clock.instant())));
        gauge("countersign_mails_waiting", "Mails that wait to be sent.", counted(queue::waiting));
        outcomes("countersign_pushes", "Messages to push services by what became of them.", push.outcomes());
        outcomes("countersign_mails", "Attempts to send a mail by what became of them.", mails.outcomes());
    }

    private void hashes(Passwords passwords) {
        Supplier<HashLoad> load = passwords::load;
        gauge(
                "countersign_hash_places",
                "Passwords that may be hashed at once.",
                () -> load.get().places());
        gauge(
                "countersign_hash_running",
                "Passwords that are being hashed.",
                () -> load.get().running());
        gauge(
                "countersign_hash_waiting",
                "Passwords that wait to be hashed.",
                () -> load.get().waiting());
        gauge(
                "countersign_hash_queue",
                "Passwords that may wait; who comes then is told to try again.",
                () -> load.get().queue());
        counter(
                "countersign_hashes",
                "Passwords that were hashed.",
                () -> load.get().done());
        counter(
                "countersign_hash_refusals",
                "Passwords that were not hashed because too many waited.",
                () -> load.get().refused());
    }

    private void connections(Database database) {
        gauge(
                "countersign_database_connections",
                "Open connections of the pool.",
                () -> database.use().connections());
        gauge(
                "countersign_database_connections_in_use",
                "Connections of the pool that are in use.",
                () -> database.use().inUse());
        gauge(
                "countersign_database_connections_waited_for",
                "Threads that wait for a connection.",
                () -> database.use().waiting());
        gauge(
                "countersign_database_writers_waiting",
                "Transactions that wait for the one writer of SQLite.",
                () -> database.use().writersWaiting());
    }

    private void health(ServerReadiness readiness) {
        gauge(
                "countersign_ready",
                "1 when this server may be sent people.",
                () -> readiness.report().isReady() ? 1 : 0);
        GaugeWithCallback.builder()
                .name("countersign_condition")
                .help("1 for each condition that holds, 0 for each that does not.")
                .labelNames("condition")
                .callback(values -> {
                    ServerReadiness.Report report = readiness.report();
                    report.well().forEach(name -> values.call(1, name));
                    report.wrong().keySet().forEach(name -> values.call(0, name));
                })
                .register(registry);
    }

    private void seals(SealStatus seals, Witnesses witnesses, Clock clock) {
        gauge(
                "countersign_seal_lag_seconds",
                "For how long the oldest entry of the log that no checkpoint lists has waited.",
                seen(LOOKED_UP, () -> seals.lag(clock.instant()).toNanos() / NANOS));
        Glance<Map<String, Long>> waiting = new Glance<>(LOOKED_UP, witnesses::waiting);
        GaugeWithCallback.builder()
                .name("countersign_checkpoints_waiting")
                .help("Checkpoints of the log that a place outside has not been told of.")
                .labelNames("sink")
                .callback(values -> waiting.get().orElse(Map.of()).forEach((sink, count) -> values.call(count, sink)))
                .register(registry);
    }

    private void nodes(Signals signals, Gate gate) {
        gauge(
                "countersign_signal_age_seconds",
                "Time since this node began to read what other nodes changed.",
                () -> signals.status().age().toNanos() / NANOS);
        gauge(
                "countersign_signal_lag_seconds",
                "How late the newest signals were heard, by the clocks of both nodes.",
                () -> signals.status().lag().toNanos() / NANOS);
        counter(
                "countersign_signals_heard",
                "Signals of nodes that were heard.",
                () -> signals.status().heard());
        CounterWithCallback.builder()
                .name("countersign_gate_checks")
                .help("Checks of the gate by who answered: memory, the database, or neither.")
                .labelNames("source")
                .callback(values -> {
                    Gate.Figures figures = gate.figures();
                    values.call(figures.fromMemory(), "memory");
                    values.call(figures.fromDatabase(), "database");
                    values.call(figures.unavailable(), "unavailable");
                })
                .register(registry);
        gauge(
                "countersign_gate_remembered",
                "Visitors the gate remembers.",
                () -> gate.figures().remembered());
    }

    private void gauge(String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(values -> values.call(value.getAsDouble()))
                .register(registry);
    }

    private void counter(String name, String help, LongSupplier value) {
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .callback(values -> values.call(value.getAsLong()))
                .register(registry);
    }

    private void outcomes(String name, String help, Tally tally) {
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames("outcome")
                .callback(values -> tally.counts().forEach((outcome, count) -> values.call(count, outcome)))
                .register(registry);
    }

    /** Not a number while the database is away, for a scrape must not fail then. */
    private static DoubleSupplier seen(Duration kept, Supplier<Double> question) {
        Glance<Double> glance = new Glance<>(kept, question);
        return () -> glance.get().orElse(Double.NaN);
    }

    /** A count of rows that is a little old. */
    private static DoubleSupplier counted(LongSupplier rows) {
        return seen(COUNTED, () -> (double) rows.getAsLong());
    }
}
