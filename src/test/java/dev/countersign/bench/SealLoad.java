package dev.countersign.bench;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Sealing;
import dev.countersign.directory.Environment;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.support.TestInstallation;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * What the proof of the log costs, on one database: the processor time for an entry in a checkpoint beside that for writing it,
 * while five minutes of entries wait for late ones; and how much less is written while somebody seals.
 */
final class SealLoad {
    /** As many as two processors answer codes. */
    private static final int PER_SECOND = 800;

    private static final Duration ROUND = Duration.ofSeconds(2);
    private static final int OF_A_ROUND = PER_SECOND * (int) ROUND.toSeconds();
    /** Entries stay watched for five minutes. */
    private static final int ROUNDS_BEFORE = 160;

    private static final int ROUNDS_MEASURED = 15;
    private static final int WRITERS = 4;
    private static final int COMPARISONS = 2;
    private static final int COMPARED_SECONDS = 12;
    private static final ActivityEvent EVENT = new ActivityEvent.ChallengeAnswered(FactorKind.TOTP, "Northwind VPN");
    private static final Origin ORIGIN = new Origin("api", "192.0.2.7", "", "r");

    private final String name;
    private final TestInstallation on;
    private final Report report;
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private volatile Instant now = TestInstallation.NOW;

    SealLoad(String name, TestInstallation on, Report report) {
        this.name = name;
        this.on = on;
        this.report = report;
    }

    void run() throws Exception {
        Environment environment = on.environment();
        for (int round = 0; round < ROUNDS_BEFORE; round++) {
            on.database()
                    .write(() -> log().recordAll(environment.id(), entries(), TestInstallation.ACTOR, ORIGIN, now));
            seal(environment);
        }
        costs(environment);
        for (int comparison = 1; comparison <= COMPARISONS; comparison++) {
            double without = perSecond(environment, false);
            double with = perSecond(environment, true);
            report.compared(
                    "entries written per second, as fast as it goes, while they are sealed, " + name + ", round "
                            + comparison,
                    with,
                    without,
                    "entries/s without sealing");
        }
    }

    private void costs(Environment environment) {
        double writing = 0;
        double sealing = 0;
        double longest = 0;
        for (int round = 0; round < ROUNDS_MEASURED; round++) {
            double before = seconds();
            for (int i = 0; i < OF_A_ROUND; i++) {
                write(environment);
            }
            double written = seconds();
            long start = System.nanoTime();
            seal(environment);
            longest = Math.max(longest, (System.nanoTime() - start) / 1e6);
            writing += written - before;
            sealing += seconds() - written;
        }
        double entries = ROUNDS_MEASURED * (double) OF_A_ROUND;
        report.compared(
                "sealing an entry, microseconds of processor time, " + name + ", " + PER_SECOND + " entries a second",
                sealing * 1e6 / entries,
                writing * 1e6 / entries,
                "us to write it in a transaction of its own");
        report.note(
                "%s: sealing takes %.2f %% of one processor at %d entries a second; a round took %.0f ms at most.",
                name, 100 * sealing / entries * PER_SECOND, PER_SECOND, longest);
    }

    private double perSecond(Environment environment, boolean sealed) throws Exception {
        seal(environment);
        CountDownLatch end = new CountDownLatch(1);
        long start = System.nanoTime();
        try (ExecutorService pool = Executors.newCachedThreadPool()) {
            List<Future<Integer>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                writers.add(pool.submit(() -> {
                    int written = 0;
                    for (; end.getCount() > 0; written++) {
                        write(environment);
                    }
                    return written;
                }));
            }
            try {
                for (int second = 0; second < COMPARED_SECONDS; second += (int) ROUND.toSeconds()) {
                    end.await(ROUND.toMillis(), TimeUnit.MILLISECONDS);
                    if (sealed) {
                        seal(environment);
                    }
                }
            } finally {
                end.countDown();
            }
            int written = 0;
            for (Future<Integer> writer : writers) {
                written += writer.get();
            }
            return written / ((System.nanoTime() - start) / 1e9);
        }
    }

    private ActivityLog log() {
        return on.get(ActivityLog.class);
    }

    private void write(Environment environment) {
        on.database()
                .write(() ->
                        log().record(environment.id(), Optional.empty(), TestInstallation.ACTOR, ORIGIN, EVENT, now));
    }

    private static List<ActivityLog.Entry> entries() {
        List<ActivityLog.Entry> entries = new ArrayList<>();
        for (int i = 0; i < OF_A_ROUND; i++) {
            entries.add(new ActivityLog.Entry(Optional.empty(), EVENT));
        }
        return entries;
    }

    private void seal(Environment environment) {
        on.get(Sealing.class).seal(environment.id(), now);
        now = now.plus(ROUND);
    }

    /** Of this thread and of PostgreSQL's processes, which are begun by this one. */
    private double seconds() {
        double database = ProcessHandle.current()
                .descendants()
                .mapToDouble(process -> ProcessorTime.seconds(process.pid()))
                .sum();
        return threads.getCurrentThreadCpuTime() / 1e9 + database;
    }
}
