package dev.countersign.bench;

import dev.countersign.support.RestClient;
import dev.countersign.support.ServerProcess;
import dev.countersign.support.TestInstallation;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * Measures the program as it is shipped: {@code Bench [all|PART] [--long] [--people=N]}, with a part of {@link #parts}. Each figure
 * stands beside the limit it is compared with, measured in the same run on the same machine.
 */
public final class Bench {
    private static final Duration BARE_HASHES = Duration.ofSeconds(6);
    /**
     * A server that runs for weeks has compiled all a sign-in runs through; one that runs for minutes has not. Codes alone are a
     * dozen times as many requests a second, through the same parts but the hash.
     */
    private static final double WARM_UP_SECONDS = 180;

    private static final int WARM_UP_SIGN_INS = 1_500;
    private static final double SECONDS = 15;
    private static final double COMMIT_SECONDS = 3;
    private static final double LONGEST_SECONDS = 7_200;
    private static final int ROUNDS = 3;
    private static final int STARTS = 5;
    private static final int WAITING = 10_000;
    private static final int APPROVED = 2_000;
    private static final double APPROVED_PER_SECOND = 40;
    private static final Duration IDLE = Duration.ofSeconds(10);
    /** Percent. Beyond it the server, with more threads than bare hashes have, takes more than its share from the others. */
    private static final double MOST_FOR_OTHERS = 10;

    private static final int MEMORY_LIMIT_MIB = 256;

    private final Report report = new Report();
    private final boolean longRun;
    private final Optional<Integer> people;

    private Bench(boolean longRun, Optional<Integer> people) {
        this.longRun = longRun;
        this.people = people;
    }

    /** The number in {@code --people=N}, which is taken out. */
    private static Optional<Integer> people(List<String> words) {
        String option = "--people=";
        Optional<Integer> number = words.stream()
                .filter(word -> word.startsWith(option))
                .findFirst()
                .map(word -> Integer.valueOf(word.substring(option.length())));
        words.removeIf(word -> word.startsWith(option));
        return number;
    }

    public static void main(String[] arguments) throws Exception {
        List<String> words = new ArrayList<>(List.of(arguments));
        Bench bench = new Bench(words.remove("--long"), people(words));
        String word = words.isEmpty() ? "all" : words.getFirst();
        Map<String, Part> parts = bench.parts();
        if (word.equals("all")) {
            bench.all();
        } else if (parts.containsKey(word)) {
            parts.get(word).measure();
        } else {
            System.err.println("bin/bench [all|" + String.join("|", parts.keySet()) + "] [--long] [--people=N]");
            System.exit(64);
        }
        System.out.println("Written to " + bench.report.write(word));
    }

    /** What can be measured, by the word that asks for it, in the order in which all are. */
    private Map<String, Part> parts() {
        Map<String, Part> parts = new LinkedHashMap<>();
        parts.put("start", this::start);
        parts.put("memory", this::memory);
        parts.put("sign-in", this::signIn);
        parts.put("second-factor", this::secondFactor);
        parts.put("approval", this::approval);
        parts.put("gate", this::gate);
        parts.put("import", this::people);
        parts.put("move", this::move);
        parts.put("people", () -> list(false));
        parts.put("people-postgresql", () -> list(true));
        parts.put("scale", () -> scale(false));
        parts.put("scale-postgresql", () -> scale(true));
        parts.put("nodes", new NodesLoad(report)::run);
        parts.put("seal", this::seal);
        return parts;
    }

    /** Every row of the table of speed; what has been measured is kept when a later part fails. */
    private void all() throws Exception {
        for (Part part : parts().values()) {
            part.measure();
            report.write("all");
        }
    }

    private interface Part {
        void measure() throws Exception;
    }

    /** One address may ask as often as it likes. */
    private static ServerProcess serveBusy(Path data) {
        return ServerProcess.start(List.of("env", "COUNTERSIGN_REQUESTS_PER_MINUTE=10000000", "bin/countersign"), data);
    }

    // ---- the second factor alone

    /** One call of an application, and two; beside them transactions of one update and one insert in the same kind of database. */
    private void secondFactor() throws Exception {
        Commands.inDirectory(data -> {
            SecondFactorLoad load = SecondFactorLoad.prepare(data);
            try (ServerProcess server = serveBusy(data)) {
                for (SecondFactorLoad.Way way : SecondFactorLoad.Way.values()) {
                    load.run(server.port(), way, WARM_UP_SECONDS / 2);
                }
                double before = DurableCommits.perSecond(data, COMMIT_SECONDS);
                for (SecondFactorLoad.Way way : SecondFactorLoad.Way.values()) {
                    Use use = new Use(server.pid());
                    SecondFactorLoad.Result result = load.run(server.port(), way, SECONDS);
                    use.stop();
                    double after = DurableCommits.perSecond(data, COMMIT_SECONDS);
                    addSecondFactors(way, result, (before + after) / 2, use);
                    before = after;
                }
            }
        });
    }

    private void addSecondFactors(SecondFactorLoad.Way way, SecondFactorLoad.Result result, double limit, Use use) {
        String how = switch (way) {
            case ONE_CALL -> "in one call";
            case CHALLENGE -> "in two calls";
        };
        report.atLeast("second factors per second, " + how, result.perSecond(), limit, 0.70, "durable commits/s");
        report.note(
                "%d second factors %s, other replies %s; of the processors' time the server had %.0f %%, the load driver %.0f %%,"
                        + " other programs %.0f %%; %.2f ms of the server's processor time each.",
                result.checks(),
                how,
                result.others(),
                use.share(use.server()),
                use.share(use.driver()),
                use.share(use.others()),
                1_000 * use.server() / result.checks());
    }

    // ---- the same with very many accounts

    private void scale(boolean postgresql) throws Exception {
        new ScaleLoad(report).run(postgresql, 1_000, 100_000, people.orElse(1_000_000));
    }

    // ---- proxies that ask

    private void gate() throws Exception {
        Commands.inDirectory(data -> GateLoad.run(data, report));
    }

    private void seal() throws Exception {
        new SealLoad("SQLite", TestInstallation.sqlite(), report).run();
        new SealLoad("PostgreSQL", TestInstallation.postgresql(), report).run();
    }

    // ---- the list of people

    private void list(boolean postgresql) throws Exception {
        new PeopleLoad(people.orElse(1_000_000), postgresql, report)
                .run(Optional.ofNullable(System.getProperty("countersign.people.directory"))
                        .map(Path::of));
    }

    // ---- people who move in

    /** At least 5,000 lines a second; beside it what SQLite alone does with as many rows at the same time. */
    private void people() throws Exception {
        int count = people.orElse(longRun ? 1_000_000 : 100_000);
        Commands.inDirectory(data -> {
            Commands.output(List.of("bin/countersign", "--version"));
            try (ServerProcess server = serve(data, "")) {
                firstPage(server);
            }
            double bare = ImportLoad.barePeoplePerSecond(data, count);
            double lines = ImportLoad.linesPerSecond(data, ImportLoad.file(data, "person", count), count);
            report.atLeast("imported lines per second, " + count + " people", lines, 5_000, 1.0, "lines/s demanded");
            ImportLoad.waits(data, Math.min(count, 20_000), report);
            report.note(
                    "SQLite alone stores the rows of %.0f such people a second; the import reached %.2f of that.",
                    bare, lines / bare);
        });
    }

    // ---- the move to PostgreSQL

    private void move() throws Exception {
        Commands.inDirectory(data -> {
            try (ServerProcess server = serve(data, "")) {
                firstPage(server);
            }
            MoveLoad.run(data, people.orElse(100_000), report);
        });
    }

    private static ServerProcess serve(Path data, String javaOptions) {
        return ServerProcess.start(List.of("env", "COUNTERSIGN_JAVA_OPTIONS=" + javaOptions, "bin/countersign"), data);
    }

    // ---- sign-ins
    // ----------------------------------------------------------------------------------------------------

    /** Bare hashes before and after each round, so that what else the machine does weighs on both. */
    private void signIn() throws Exception {
        Commands.inDirectory(data -> {
            SecondFactorLoad codes = SecondFactorLoad.prepare(data);
            SignInLoad load = SignInLoad.of(codes.people());
            try (ServerProcess server = serveBusy(data)) {
                codes.run(server.port(), SecondFactorLoad.Way.CHALLENGE, WARM_UP_SECONDS);
                for (SignInLoad.Way way : SignInLoad.Way.values()) {
                    load.run(server.port(), way, LONGEST_SECONDS, WARM_UP_SIGN_INS);
                }
                BareHash.Rate before = BareHash.measure(BARE_HASHES);
                for (SignInLoad.Way way : SignInLoad.Way.values()) {
                    for (int round = 1; round <= ROUNDS; round++) {
                        Use use = new Use(server.pid());
                        SignInLoad.Result result = load.run(server.port(), way, SECONDS, Long.MAX_VALUE);
                        use.stop();
                        BareHash.Rate after = BareHash.measure(BARE_HASHES);
                        addSignIns(name(way) + ", round " + round, result, before, after, use);
                        before = after;
                    }
                }
            }
        });
    }

    private static String name(SignInLoad.Way way) {
        return switch (way) {
            case TWO_CALLS -> "in two calls";
            case ONE_CALL -> "in one call";
        };
    }

    private void addSignIns(
            String which, SignInLoad.Result result, BareHash.Rate before, BareHash.Rate after, Use use) {
        double limit = (before.perSecond() + after.perSecond()) / 2;
        String work = "sign-ins per second, " + which;
        String limitIs = "bare Argon2id hashes/s";
        if (use.share(use.others()) > MOST_FOR_OTHERS) {
            report.unjudged(work, result.perSecond(), limit, limitIs);
        } else {
            report.atLeast(work, result.perSecond(), limit, 0.90, limitIs);
        }
        double hash = (before.processorSeconds() + after.processorSeconds()) / 2;
        double each = use.server() / result.signIns();
        report.atLeast(
                "processor time of a hash in that of a sign-in, " + which,
                hash * 1_000,
                each * 1_000,
                0.90,
                "server's ms per sign-in");
        report.note(
                "%d sign-ins %s, other replies %s; of the processors' time the server had %.0f %%, the load driver"
                        + " %.1f %%, other programs %.0f %%, nobody %.0f %%.",
                result.signIns(),
                which,
                result.others(),
                use.share(use.server()),
                use.share(use.driver()),
                use.share(use.others()),
                use.share(use.idle()));
    }

    /** Whose the processors were between two moments, in seconds of one processor. */
    private static final class Use {
        private final long pid;
        private final double[] first;
        private double[] spent = new double[4];

        Use(long pid) throws IOException {
            this.pid = pid;
            this.first = now();
        }

        void stop() throws IOException {
            spent = now();
            for (int i = 0; i < spent.length; i++) {
                spent[i] -= first[i];
            }
        }

        private double[] now() throws IOException {
            double driver = ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                            .getProcessCpuTime()
                    / 1e9;
            // user nice system idle iowait irq softirq steal, in hundredths of a second
            String[] ticks =
                    Files.readAllLines(Path.of("/proc/stat")).getFirst().split("\\s+");
            double total = 0;
            for (int i = 1; i <= 8; i++) {
                total += Long.parseLong(ticks[i]) / 100.0;
            }
            double idle = (Long.parseLong(ticks[4]) + Long.parseLong(ticks[5])) / 100.0;
            return new double[] {ProcessorTime.seconds(pid), driver, total, idle};
        }

        double server() {
            return spent[0];
        }

        double driver() {
            return spent[1];
        }

        double idle() {
            return spent[3];
        }

        double others() {
            return spent[2] - spent[0] - spent[1] - spent[3];
        }

        double share(double seconds) {
            return 100 * seconds / spent[2];
        }
    }

    // ---- browsers that wait for a phone

    private void approval() throws Exception {
        int count = Math.min(people.orElse(WAITING), WAITING);
        Commands.inDirectory(data -> {
            Commands.output(List.of("bin/countersign", "--version"));
            ApprovalLoad load = ApprovalLoad.prepare(data, count);
            try (ServerProcess server = serve(data, "");
                    Browsers browsers = new Browsers(count)) {
                firstPage(server);
                double before = mebibytes(server.pid(), "Rss:");
                for (ApprovalLoad.Waiting one : load.all()) {
                    browsers.add(server.port(), one.address(), one.token());
                }
                report.atLeast("browsers waiting at once", browsers.waiting(), count, 1.0, "browsers demanded");
                addIdle(server.pid());
                double more = mebibytes(server.pid(), "Rss:") - before;
                report.atMost("resident memory for them, MiB", more, 300, 1.0, "300 MiB more than without them");
                addLatency(load, server, browsers);
                report.note(
                        "Resident memory before them %.0f MiB, after the OKs %.0f MiB.",
                        before, mebibytes(server.pid(), "Rss:"));
            }
        });
    }

    private void addIdle(long pid) throws Exception {
        double spent = ProcessorTime.seconds(pid);
        Thread.sleep(IDLE);
        report.note(
                "While all wait and nothing happens the server takes %.1f %% of one processor.",
                100 * (ProcessorTime.seconds(pid) - spent) / IDLE.toSeconds());
    }

    private void addLatency(ApprovalLoad load, ServerProcess server, Browsers browsers) throws IOException {
        Use use = new Use(server.pid());
        int count = Math.min(APPROVED, load.all().size());
        long[] said = load.approve(server.port(), count, APPROVED_PER_SECOND);
        long[] told = browsers.told(count);
        use.stop();
        double[] millis = new double[count];
        for (int i = 0; i < count; i++) {
            millis[i] = told[i] == 0 ? Double.POSITIVE_INFINITY : (told[i] - said[i]) / 1e6;
        }
        java.util.Arrays.sort(millis);
        report.atMost("OK of the phone to event of the browser, p50, ms", millis[count / 2], 300, 1.0, "300 ms");
        report.atMost("the same, p99, ms", millis[count * 99 / 100], 300, 1.0, "300 ms");
        report.note(
                "%d phones said OK, %.0f a second; the longest took %.0f ms; of the processors' time the server had %.0f %%,"
                        + " the load driver %.0f %%, other programs %.0f %%.",
                count,
                APPROVED_PER_SECOND,
                millis[count - 1],
                use.share(use.server()),
                use.share(use.driver()),
                use.share(use.others()));
    }

    // ---- start
    // -------------------------------------------------------------------------------------------------------

    private void start() throws Exception {
        double hello = median(() -> {
            long start = System.nanoTime();
            Commands.output(Commands.javaCommand(Hello.class));
            return (System.nanoTime() - start) / 1e9;
        });
        Commands.inDirectory(data -> {
            secondsToFirstPage(data, ""); // makes the installation
            addStart(data, "start to first sign-in page, s", "", 1.5, "1.5 s on an idle machine");
            addStart(data, "the same without the cache, s", "-XX:AOTMode=off", hello + 1.5, "hello world + 1.5 s");
        });
        report.note("Hello world takes %.2f s. All are medians of %d.", hello, STARTS);
    }

    private void addStart(Path data, String work, String javaOptions, double limit, String limitIs) throws Exception {
        List<Double> processor = new ArrayList<>();
        double seconds = median(() -> {
            Started started = secondsToFirstPage(data, javaOptions);
            processor.add(started.processorSeconds());
            return started.seconds();
        });
        report.atMost(work, seconds, limit, 1.0, limitIs);
        report.note("%s: %.2f s of processor time.", work, middle(processor));
    }

    /** Processor time says more than seconds while other programs use the machine. */
    private record Started(double seconds, double processorSeconds) {}

    private static Started secondsToFirstPage(Path data, String javaOptions) throws IOException {
        long start = System.nanoTime();
        try (ServerProcess server = serve(data, javaOptions)) {
            firstPage(server);
            return new Started((System.nanoTime() - start) / 1e9, ProcessorTime.seconds(server.pid()));
        }
    }

    private static void firstPage(ServerProcess server) throws IOException {
        try (RestClient client = new RestClient(server.port())) {
            int status = client.get("/sign-in", "").status();
            if (status != 200) {
                throw new IllegalStateException("the sign-in page answers " + status);
            }
        }
    }

    private static double median(Callable<Double> measurement) throws Exception {
        List<Double> values = new ArrayList<>();
        for (int i = 0; i < STARTS; i++) {
            values.add(measurement.call());
        }
        return middle(values);
    }

    private static double middle(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    // ---- memory
    // ------------------------------------------------------------------------------------------------------

    private void memory() throws Exception {
        int signIns = longRun ? 100_000 : 2_000;
        Commands.inDirectory(data -> {
            SignInLoad load = SignInLoad.prepare(data);
            try (ServerProcess server = serve(data, "")) {
                firstPage(server);
                addMemory("after start", server.pid());
                for (int tenth = 1; tenth <= 10; tenth++) {
                    load.run(server.port(), SignInLoad.Way.TWO_CALLS, LONGEST_SECONDS, signIns / 10);
                    if (tenth == 5 || tenth == 10) {
                        addMemory("after " + tenth * signIns / 10 + " sign-ins", server.pid());
                    }
                }
            }
        });
    }

    private void addMemory(String when, long pid) throws IOException {
        report.atMost("resident memory " + when + ", MiB", mebibytes(pid, "Rss:"), MEMORY_LIMIT_MIB, 1.0, "256 MiB");
    }

    private static double mebibytes(long pid, String what) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup")).stream()
                        .filter(line -> line.startsWith(what))
                        .mapToLong(line -> Long.parseLong(line.split("\\s+")[1]))
                        .sum()
                / 1024.0;
    }
}
