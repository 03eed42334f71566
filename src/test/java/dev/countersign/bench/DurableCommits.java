package dev.countersign.bench;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/** The limit of everything that is written: transactions of one update and one insert that are on disk when they return. */
final class DurableCommits {
    private static final int ROWS = 1_000;

    private DurableCommits() {}

    /** How many a second SQLite does alone, one after the other, with the settings of the product. */
    static double perSecond(Path directory, double seconds) throws SQLException {
        try (Connection database = DriverManager.getConnection(
                "jdbc:sqlite:" + directory.resolve("commits.db") + "?jdbc.get_generated_keys=false")) {
            try (Statement statement = database.createStatement()) {
                statement.execute("PRAGMA journal_mode = WAL");
                statement.execute("PRAGMA synchronous = FULL");
                statement.execute("CREATE TABLE IF NOT EXISTS step (id INTEGER PRIMARY KEY, last_step INTEGER)");
                statement.execute("CREATE TABLE IF NOT EXISTS entry (id INTEGER PRIMARY KEY, details TEXT)");
                for (int i = 0; i < ROWS; i++) {
                    statement.execute("INSERT OR IGNORE INTO step VALUES (" + i + ", 0)");
                }
            }
            database.setAutoCommit(false);
            try (PreparedStatement update = database.prepareStatement("UPDATE step SET last_step = ? WHERE id = ?");
                    PreparedStatement insert = database.prepareStatement("INSERT INTO entry (details) VALUES (?)")) {
                return commit(database, update, insert, seconds);
            }
        }
    }

    private static double commit(
            Connection database, PreparedStatement update, PreparedStatement insert, double seconds)
            throws SQLException {
        long start = System.nanoTime();
        long end = start + (long) (seconds * 1e9);
        int done = 0;
        for (; System.nanoTime() < end; done++) {
            update.setInt(1, done);
            update.setInt(2, done % ROWS);
            update.executeUpdate();
            insert.setString(1, "{\"kind\":\"challenge-answered\",\"number\":" + done + "}");
            insert.executeUpdate();
            database.commit();
        }
        return done / ((System.nanoTime() - start) / 1e9);
    }
}
