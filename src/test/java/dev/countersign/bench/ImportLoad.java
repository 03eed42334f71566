package dev.countersign.bench;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** Brings many people in through the program as it is shipped, and what SQLite alone needs for rows like theirs. */
final class ImportLoad {
    private static final int ROWS_PER_TRANSACTION = 500;
    /** Account, six words to find it by, password, two groups, one line of the log. */
    private static final int ROWS_PER_PERSON = 11;

    private ImportLoad() {}

    /** A file of so many people with mail address, name, password hash and two groups. */
    static Path file(Path directory, int people) throws IOException {
        Path file = directory.resolve("people.jsonl");
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (int i = 0; i < people; i++) {
                out.write(
                        ("{\"username\":\"person%d\",\"email\":\"person%d@northwind.example\",\"name\":\"Person Number %d\","
                                        + "\"groups\":[\"All\",\"Group %d\"],\"passwordHash\":"
                                        + "\"$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW\"}\n")
                                .formatted(i, i, i, i % 50));
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

    private static double seconds(Path data, Path file) {
        long start = System.nanoTime();
        Commands.output(List.of("bin/countersign", "account", "import", file.toString(), "--data", data.toString()));
        return (System.nanoTime() - start) / 1e9;
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
