package dev.countersign.bench;

import dev.countersign.activity.Actor;
import dev.countersign.administration.Administrator;
import dev.countersign.cli.RunningServer;
import dev.countersign.configuration.SettingKey;
import dev.countersign.kernel.Origin;
import dev.countersign.moving.MovingIn;
import dev.countersign.store.Database;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Brings many people in through the program as it is shipped, and what SQLite alone needs for rows like theirs. */
final class ImportLoad {
    private static final int ROWS_PER_TRANSACTION = 500;
    /** Account, six words to find it by, password, two groups, one line of the log. */
    private static final int ROWS_PER_PERSON = 11;

    private ImportLoad() {}

    /** A file of so many people with mail address, name, password hash and two groups. */
    static Path file(Path directory, String name, int people) throws IOException {
        Path file = directory.resolve(name + ".jsonl");
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (int i = 0; i < people; i++) {
                out.write(("{\"username\":\"%s%d\",\"email\":\"%s%d@northwind.example\",\"name\":\"Person Number %d\","
                                + "\"groups\":[\"All\",\"Group %d\"],\"passwordHash\":"
                                + "\"$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW\"}\n")
                        .formatted(name, i, name, i, i, i % 50));
            }
        }
        return file;
    }

    /** Lines a second, the start of the program left out by importing an empty file first. */
    static double linesPerSecond(Path data, Path file, int people) throws IOException {
        Path empty = Files.writeString(data.resolve("empty.jsonl"), "\n");
        double start = seconds(data, empty);
        return people / (seconds(data, file) - start);
    }

    /** How long another write waits while people come in: in the same process, as through the console, and in another. */
    static void waits(Path data, int people, Report report) throws Exception {
        Path within = file(data, "within", people);
        Path beside = file(data, "beside", people);
        try (RunningServer server = PeopleLoad.start(Map.of(SettingKey.DATA, data.toString(), SettingKey.PORT, "0"))) {
            Administrator by =
                    Administrator.operator(server.defaultEnvironment().id(), Actor.SYSTEM, Origin.SYSTEM);
            MovingIn moving = server.get(MovingIn.class);
            MovingIn.Options options = new MovingIn.Options(MovingIn.Format.JSONL, false, false, false);
            add(
                    report,
                    server,
                    "the same process",
                    () -> moving.run(by, new FileSource(within), options, Instant.now(), _ -> {}));
            add(report, server, "another process", () -> {
                importByCommand(data, beside);
                return true;
            });
        }
    }

    private record FileSource(Path file) implements MovingIn.Source {
        @Override
        public String name() {
            return file.toString();
        }

        @Override
        public InputStream open() throws IOException {
            return Files.newInputStream(file);
        }
    }

    private static void add(Report report, RunningServer server, String where, Callable<?> work) throws Exception {
        Database database = server.get(Database.class);
        String environment = server.defaultEnvironment().id().value();
        List<Double> waits = new ArrayList<>();
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Future<?> running = thread.submit(work);
            while (!running.isDone()) {
                long asked = System.nanoTime();
                database.write(() -> database.sql()
                        .sql("UPDATE environment SET display_name = display_name WHERE id = ?")
                        .param(environment)
                        .update());
                waits.add((System.nanoTime() - asked) / 1e6);
                Thread.sleep(10);
            }
            running.get();
        }
        double[] sorted = waits.stream().mapToDouble(each -> each).sorted().toArray();
        report.atMost(
                "another write waits for an import in %s: p99 in ms (p50 %.1f, longest %.1f, %d writes)"
                        .formatted(where, sorted[sorted.length / 2], sorted[sorted.length - 1], sorted.length),
                sorted[(int) Math.ceil(sorted.length * 0.99) - 1],
                100,
                1.0,
                "100 ms");
    }

    private static double seconds(Path data, Path file) {
        long start = System.nanoTime();
        importByCommand(data, file);
        return (System.nanoTime() - start) / 1e9;
    }

    private static void importByCommand(Path data, Path file) {
        Commands.output(List.of("bin/countersign", "account", "import", file.toString(), "--data", data.toString()));
    }

    /** People a second that SQLite stores with as many rows, each with two indexes, and nothing else to do. */
    static double barePeoplePerSecond(Path directory, int people) throws SQLException {
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("bare.db"))) {
            try (Statement statement = database.createStatement()) {
                statement.execute("PRAGMA journal_mode = WAL");
                statement.execute("PRAGMA synchronous = FULL");
                statement.execute("CREATE TABLE row (a TEXT PRIMARY KEY, b TEXT, c TEXT)");
                statement.execute("CREATE INDEX row_b ON row (b)");
            }
            database.setAutoCommit(false);
            long start = System.nanoTime();
            try (PreparedStatement insert = database.prepareStatement("INSERT INTO row VALUES (?, ?, ?)")) {
                for (int i = 0; i < people; i++) {
                    for (int row = 0; row < ROWS_PER_PERSON; row++) {
                        insert.setString(1, Integer.toHexString(Integer.reverse(i)) + "-" + row);
                        insert.setString(2, "northwind" + i * 31 % 1_009);
                        insert.setString(3, "person" + i + "@northwind.example");
                        insert.addBatch();
                    }
                    if (i % ROWS_PER_TRANSACTION == 0) {
                        insert.executeBatch();
                        database.commit();
                    }
                }
                insert.executeBatch();
                database.commit();
            }
            return people / ((System.nanoTime() - start) / 1e9);
        }
    }
}
