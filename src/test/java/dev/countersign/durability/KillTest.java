package dev.countersign.durability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.LogReport;
import dev.countersign.activity.ProvedLog;
import dev.countersign.configuration.SettingKey;
import dev.countersign.durability.Journal.Line;
import dev.countersign.durability.Town.Citizen;
import dev.countersign.store.Database;
import dev.countersign.store.Databases;
import dev.countersign.support.PostgresqlServer;
import dev.countersign.support.ServerProcess;
import dev.countersign.vault.KeyFile;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * AC-229: pulls the plug while people set up factors, sign in, are reset by administrators and by mail, and approve on their
 * phones. {@code bin/test --long} kills 200 times each ({@code -Dcountersign.kills=N} another number),
 * {@code -Dcountersign.test.seed=N} repeats the moments of an earlier run.
 */
class KillTest {
    private static final boolean LONG = Boolean.getBoolean("countersign.long");
    private static final int CLIENTS = 8;
    private static final Clock CLOCK = Clock.systemUTC();
    private static final int MOST_BROKEN = 3;
    /** So many starts take longer than to make starts quick. */
    private static final int WORTH_TRAINING = 10;

    private static final int CHAPTER = 20;
    private static final int FAILOVERS = 1;
    /** Of the databases that are lost, the others are back at once: asking in vain takes as long as a server waits for them. */
    private static final int ASKED_ONE_IN = 4;

    private final long seed = Long.getLong("countersign.test.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final List<Duration> restarts = new ArrayList<>();
    private final List<String> program = kills(1) < WORTH_TRAINING ? ServerProcess.quick() : ServerProcess.trained();
    private Journal journal = new Journal();
    private Duration lived = Duration.ZERO;
    private Duration lookedAfter = Duration.ZERO;

    @TempDir
    private Path directory;

    private Path data = Path.of("");
    private int asked;

    private static int kills(int inShort) {
        return Integer.getInteger("countersign.kills", LONG ? 200 : inShort);
    }

    private Map<SettingKey, String> settings(Map<SettingKey, String> more) {
        Map<SettingKey, String> settings = new EnumMap<>(SettingKey.class);
        settings.put(SettingKey.DATA, data.toString());
        settings.put(SettingKey.PORT, Integer.toString(PostgresqlServer.freePort()));
        settings.putAll(more);
        return settings;
    }

    private interface Chapter {
        void of(int kills) throws Exception;
    }

    /** Each in an installation of its own, whose sessions are not too old by the time they are looked for. */
    private void inChapters(Chapter chapter) throws Exception {
        int kills = kills(1);
        for (int done = 0; done < kills; done += CHAPTER) {
            journal = new Journal();
            data = Files.createDirectory(directory.resolve("after-" + done));
            restarts.clear();
            lived = Duration.ZERO;
            lookedAfter = Duration.ZERO;
            chapter.of(Math.min(CHAPTER, kills - done));
        }
    }

    private interface Source {
        Connection open() throws SQLException;
    }

    @Test
    void ac_229_what_was_acknowledged_outlives_a_killed_server_on_the_embedded_database() throws Exception {
        inChapters(this::killOnEmbedded);
    }

    private void killOnEmbedded(int kills) throws Exception {
        Source source = () -> DriverManager.getConnection("jdbc:sqlite:" + data.resolve("countersign.db"));
        Town town = Town.build(settings(Map.of()), kills);
        long prelude = prelude(source);
        ServerProcess server = ServerProcess.startWith(program, town.settings());
        try {
            for (int round = 0; round < kills; round++) {
                List<Citizen> people = town.ofRound(round);
                liveUntil(town, server.port(), people, new Plug(), server::kill);
                server = restart(town);
                lookAfter(town, server.port(), people);
                proveLog(() -> Databases.openSqlite(data.resolve("countersign.db")), town);
            }
            untilSealed(() -> Databases.openSqlite(data.resolve("countersign.db")));
        } finally {
            server.close();
        }
        check(source, prelude);
        try (Connection database = source.open()) {
            assertThat(column(database, "PRAGMA integrity_check")).containsExactly("ok");
            assertThat(column(database, "PRAGMA foreign_key_check")).isEmpty();
        }
    }

    @Test
    void ac_229_ac_232_what_was_acknowledged_outlives_killed_servers_and_a_primary_that_is_lost() throws Exception {
        inChapters(this::killOnPostgresql);
    }

    /** So many servers, then the database as often, and at the end its primary for good. */
    private void killOnPostgresql(int kills) throws Exception {
        int rounds = 2 * kills + FAILOVERS;
        try (PostgresqlServer postgresql = PostgresqlServer.start();
                PostgresqlServer standby = PostgresqlServer.none()) {
            Town town = Town.build(settings(PostgresqlServer.settings(postgresql, standby)), rounds);
            long prelude = prelude(postgresql::connect);
            PostgresqlServer last = postgresql;
            ServerProcess server = ServerProcess.startWith(program, town.settings());
            try {
                for (int round = 0; round < 2 * kills; round++) {
                    List<Citizen> people = town.ofRound(round);
                    if (round < kills) {
                        liveUntil(town, server.port(), people, new Plug(), server::kill);
                        server = restart(town);
                    } else {
                        loseDatabase(town, server.port(), people, postgresql, postgresql::run);
                    }
                    lookAfter(town, server.port(), people);
                    proveLog(() -> Databases.openPostgresql(postgresql.url(), "postgres", ""), town);
                }
                PostgresqlServer primary = postgresql;
                PostgresqlServer other = standby;
                for (int round = 2 * kills; round < rounds; round++) {
                    other.follow(primary);
                    List<Citizen> people = town.ofRound(round);
                    untilServing(town, server.port(), people);
                    loseDatabase(town, server.port(), people, primary, other::promote);
                    lookAfter(town, server.port(), people);
                    String survivor = other.url();
                    proveLog(() -> Databases.openPostgresql(survivor, "postgres", ""), town);
                    PostgresqlServer lost = primary;
                    primary = other;
                    other = lost;
                }
                last = primary;
            } finally {
                server.close();
            }
            check(last::connect, prelude);
        }
    }

    private void loseDatabase(
            Town town, int port, List<Citizen> people, PostgresqlServer postgresql, Runnable bringBack)
            throws Exception {
        liveUntil(town, port, people, new Plug(), postgresql::kill);
        if (asked++ % ASKED_ONE_IN == 0) {
            refusedWhileGone(town, port, people);
        }
        long start = System.nanoTime();
        bringBack.run();
        untilServing(town, port, people);
        restarts.add(Duration.ofNanos(System.nanoTime() - start));
    }

    /** Every third time it is killed once more before it is ready. */
    private ServerProcess restart(Town town) throws InterruptedException {
        if (random.nextInt(3) == 0) {
            ServerProcess server = ServerProcess.startWith(program, town.settings());
            Thread.sleep(random.nextInt(2_000));
            server.kill();
        }
        long start = System.nanoTime();
        ServerProcess server = ServerProcess.startWith(program, town.settings());
        server.port();
        restarts.add(Duration.ofNanos(System.nanoTime() - start));
        // Not by the clock on the wall, by which a machine with much else to do takes longer.
        assertThat(server.processorTime()).as("work of a restart").isLessThan(Traffic.LONGEST_RESTART);
        return server;
    }

    /** Whether the plug has been pulled: only then may a connection break. */
    private static final class Plug {
        volatile boolean pulled;
    }

    private interface Talk {
        void with(Traffic traffic, Citizen citizen) throws IOException;
    }

    private void liveUntil(Town town, int port, List<Citizen> people, Plug plug, Runnable pull) throws Exception {
        long start = System.nanoTime();
        List<Citizen> shuffled = new ArrayList<>(people);
        Collections.shuffle(shuffled, random);
        Queue<Citizen> waiting = new ConcurrentLinkedQueue<>(shuffled);
        List<Callable<Void>> clients = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            clients.add(() -> talk(town, port, plug, waiting, Traffic::live));
        }
        // Counted in what was done and not in seconds, so that a slow machine kills in the midst of it too.
        int moment = journal.lines().size() + random.nextInt(5, 12 * people.size());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Void>> running = clients.stream().map(threads::submit).toList();
            while (journal.lines().size() < moment && !running.stream().allMatch(Future::isDone)) {
                Thread.sleep(1);
            }
            Thread.sleep(random.nextInt(30));
            plug.pulled = true;
            pull.run();
            for (Future<Void> client : running) {
                client.get();
            }
        }
        lived = lived.plusNanos(System.nanoTime() - start);
    }

    /**
     * One client, which comes again when it was sent away: a machine that has much else to do ends connections that wait and
     * answers 503. What it was told is in the journal, whatever that was.
     */
    private Void talk(Town town, int port, Plug plug, Queue<Citizen> waiting, Talk talk) throws IOException {
        int broken = 0;
        Citizen next = waiting.poll();
        while (next != null && !plug.pulled) {
            try (Traffic traffic = new Traffic(journal, town, port)) {
                while (next != null && !plug.pulled) {
                    talk.with(traffic, next);
                    next = waiting.poll();
                }
            } catch (IOException e) {
                if (!plug.pulled && ++broken > MOST_BROKEN) {
                    throw e;
                }
            }
        }
        return null;
    }

    /** While the database is gone nothing succeeds; the journal has what was answered instead. */
    private void refusedWhileGone(Town town, int port, List<Citizen> people) throws IOException {
        int before = journal.lines(Line.Failed.class).size();
        asksInVain(port);
        try (Traffic traffic = new Traffic(journal, town, port)) {
            assertThat(traffic.isServing(people.getFirst().person()))
                    .as("a server without its database lets nobody in (seed %d)", seed)
                    .isFalse();
        }
        assertThat(journal.lines(Line.Failed.class)).hasSizeGreaterThan(before);
    }

    /** Filters and pages ask the database too: whoever comes is told when to come again. */
    private static void asksInVain(int port) {
        List<String> paths = List.of(
                "/sign-in", "/account", "/console", "/api/v1/session", "/api/v1/people", "/api/companion/v1/requests");
        try (HttpClient browser =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            List<CompletableFuture<HttpResponse<String>>> replies = paths.stream()
                    .map(path -> browser.sendAsync(
                            HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                                    .timeout(Duration.ofMinutes(1))
                                    .header("Authorization", "Bearer " + "A".repeat(43))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString()))
                    .toList();
            for (CompletableFuture<HttpResponse<String>> reply : replies) {
                HttpResponse<String> told = reply.join();
                assertThat(told.statusCode()).as(told.uri() + " " + told.body()).isEqualTo(503);
                assertThat(told.headers().firstValue("Retry-After"))
                        .as(told.uri().toString())
                        .isPresent();
                assertThat(told.body()).doesNotContain("Exception", "jdbc");
            }
        }
    }

    private void untilServing(Town town, int port, List<Citizen> people) throws Exception {
        long start = System.nanoTime();
        try (Traffic traffic = new Traffic(journal, town, port)) {
            while (!traffic.isServing(people.getFirst().person())) {
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMinutes(1));
                Thread.sleep(20);
            }
        }
    }

    /** What was acknowledged is asked for again, and what was used is tried again. */
    private void lookAfter(Town town, int port, List<Citizen> people) throws Exception {
        long start = System.nanoTime();
        Queue<Citizen> waiting = new ConcurrentLinkedQueue<>(people);
        List<Callable<Void>> clients = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            clients.add(() -> talk(town, port, new Plug(), waiting, (traffic, next) -> {
                traffic.presentAll(Set.of(next.person().username()));
                traffic.tryAgain(next);
            }));
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Void> client : threads.invokeAll(clients)) {
                client.get();
            }
        }
        lookedAfter = lookedAfter.plusNanos(System.nanoTime() - start);
    }

    /** AC-224: whenever a server is killed between entries and their checkpoint, what is there afterwards can be proved. */
    private void proveLog(Supplier<Database> open, Town town) {
        try (Database database = open.get()) {
            List<LogReport> reports = ProvedLog.of(database, KeyFile.open(data.resolve("countersign.keys")), CLOCK);
            assertThat(reports).hasSize(1).allSatisfy(report -> {
                assertThat(report.findings()).as("the log, seed %d", seed).isEmpty();
                assertThat(report.entries()).isGreaterThan(town.citizens().size());
            });
        }
    }

    /** The next server goes on where the killed one was: in a moment every entry is in a checkpoint. */
    private void untilSealed(Supplier<Database> open) throws Exception {
        try (Database database = open.get()) {
            long start = System.nanoTime();
            while (ProvedLog.of(database, KeyFile.open(data.resolve("countersign.keys")), CLOCK).stream()
                    .anyMatch(report -> report.unsealed() > 0)) {
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
                Thread.sleep(50);
            }
        }
    }

    private static long prelude(Source source) throws SQLException {
        try (Connection database = source.open()) {
            return Long.parseLong(
                    column(database, "SELECT max(sequence) FROM activity").getFirst());
        }
    }

    private void check(Source source, long prelude) throws SQLException {
        try (Connection database = source.open()) {
            assertThat(Invariants.violated(journal, Evidence.of(database), prelude))
                    .as("repeat with -Dcountersign.test.seed=%d", seed)
                    .isEmpty();
        }
        Map<String, Long> seen = journal.lines().stream()
                .collect(Collectors.groupingBy(line -> line.getClass().getSimpleName(), Collectors.counting()));
        List<Duration> sorted = restarts.stream().sorted().toList();
        System.out.printf(
                "KillTest: seed %d, %d kills, restart %d ms in the middle and %d ms at most, before it %d ms each,"
                        + " after it %d ms; %s%n",
                seed,
                restarts.size(),
                sorted.get(sorted.size() / 2).toMillis(),
                sorted.getLast().toMillis(),
                lived.toMillis() / restarts.size(),
                lookedAfter.toMillis() / restarts.size(),
                seen);
        assertThat(journal.lines(Line.SignedIn.class)).hasSizeGreaterThan(restarts.size());
    }

    private static List<String> column(Connection database, String query) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Statement statement = database.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                values.add(rows.getString(1));
            }
        }
        return values;
    }
}
