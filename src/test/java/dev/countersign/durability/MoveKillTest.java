package dev.countersign.durability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.activity.Sealing;
import dev.countersign.kernel.Role;
import dev.countersign.store.Database;
import dev.countersign.store.Databases;
import dev.countersign.store.Snapshot;
import dev.countersign.store.TableShape;
import dev.countersign.support.Dice;
import dev.countersign.support.ServerProcess;
import dev.countersign.support.TestInstallation;
import dev.countersign.support.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * AC-229: {@code move-to-postgresql} is killed at random moments and run again, until it has come to its end; then both sides
 * have the same rows. {@code bin/test --long} kills 200 times, {@code -Dcountersign.kills=N} another number.
 */
class MoveKillTest {
    private static final int KILLS =
            Integer.getInteger("countersign.kills", Boolean.getBoolean("countersign.long") ? 200 : 1);
    /** Several portions, each of which is a transaction. */
    private static final int ROWS = 25_000;

    private static final int WORTH_TRAINING = 10;
    /** Somewhat more than have rows here, so that some kills come when all are copied. */
    private static final int MOST_TABLES = 16;

    private static final int LONGEST_AFTER_MILLIS = 300;
    private static final int POLLS_OF_A_LONG_MOVE = 2_000;

    private static final int LONGEST_SECONDS = 120;

    private final Dice dice = Dice.thrown("MoveKillTest");
    private final List<String> program = KILLS < WORTH_TRAINING ? ServerProcess.quick() : ServerProcess.trained();

    @Test
    void ac_229_a_move_that_is_killed_again_and_again_ends_with_the_same_rows_on_both_sides() throws Exception {
        Path data = embedded();
        Path file = data.resolve("countersign.db");
        String before = sha256(file);
        int resumed = 0;
        String url = TestInstallation.newPostgresqlDatabase();
        int kills = 0;
        while (kills < KILLS) {
            Process process = move(data, url);
            if (endsBefore(process, url, noted(url) + dice.below(MOST_TABLES))) {
                assertThat(process.exitValue()).isZero();
            } else {
                process.destroyForcibly().waitFor();
                kills++;
                resumed += isBegun(url) ? 1 : 0;
            }
            if (isWhole(url)) {
                assertSame(file, url);
                url = TestInstallation.newPostgresqlDatabase();
            }
        }
        Process last = move(data, url);
        assertThat(end(last)).isZero();
        assertSame(file, url);
        assertThat(sha256(file)).isEqualTo(before);
        System.out.printf("MoveKillTest: %s, %d kills, %d of them in the midst of a copy%n", dice, KILLS, resumed);
    }

    /** Whether it comes to its end before it has noted so many tables, or soon after: counted in what was done, not in seconds. */
    private boolean endsBefore(Process process, String url, long tables) throws Exception {
        while (!process.waitFor(5, TimeUnit.MILLISECONDS)) {
            if (noted(url) >= tables) {
                return process.waitFor(dice.below(LONGEST_AFTER_MILLIS), TimeUnit.MILLISECONDS);
            }
            if (dice.oneIn(POLLS_OF_A_LONG_MOVE)) {
                return false;
            }
        }
        return true;
    }

    /** How many tables a copy has noted; 0 when none has begun, or it is whole. */
    private static long noted(String url) throws SQLException {
        return count(url, "unfinished_copy");
    }

    private static boolean isWhole(String url) throws SQLException {
        return noted(url) == 0 && count(url, "installation") > 0;
    }

    /** How many rows there are; 0 when there is no such table yet. */
    private static long count(String url, String table) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url, "postgres", "");
                Statement statement = connection.createStatement()) {
            try (ResultSet there = statement.executeQuery("SELECT to_regclass('" + table + "') IS NOT NULL")) {
                if (!there.next() || !there.getBoolean(1)) {
                    return 0;
                }
            }
            try (ResultSet rows = statement.executeQuery("SELECT count(*) FROM " + table)) {
                return rows.next() ? rows.getLong(1) : 0;
            }
        }
    }

    private static Path embedded() {
        TestServer source = TestServer.start();
        source.enrolled("anna", Role.ADMINISTRATOR);
        // A log without a checkpoint has no key yet, and gets one where it is verified: in the copy.
        source.get(Sealing.class).seal(source.environment().id(), source.clock().instant());
        Database database = source.get(Database.class);
        database.write(() -> database.sql().sql("""
                        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
                        INSERT INTO phone_proof (proof_hash, expires_at) SELECT 'proof ' || i, 9000000000000 + i FROM n""").param("rows", ROWS).update());
        return source.stop();
    }

    private Process move(Path data, String url) throws IOException {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of("move-to-postgresql", "--data", data.toString(), "--url", url, "--user", "postgres"));
        Path log = data.resolve("move.log");
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    private static int end(Process process) throws InterruptedException {
        assertThat(process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    /** Nothing is served from what is not whole. */
    private static boolean isBegun(String url) throws SQLException {
        if (noted(url) == 0) {
            return false;
        }
        assertThatThrownBy(() -> Databases.openPostgresql(url, "postgres", ""))
                .hasMessageContaining("countersign move-to-postgresql");
        return true;
    }

    private static void assertSame(Path file, String url) throws Exception {
        List<TableShape> tables;
        try (Snapshot source = Snapshot.ofSqlite(file)) {
            tables = source.tables();
        }
        try (Connection ours = DriverManager.getConnection("jdbc:sqlite:" + file);
                Connection theirs = DriverManager.getConnection(url, "postgres", "")) {
            for (TableShape table : tables) {
                // The log of the copy has one entry more: that it is one.
                String where = table.name().equals("activity") ? " WHERE kind <> 'moved-to-postgresql'" : "";
                assertThat(rows(theirs, table, where)).as(table.name()).isEqualTo(rows(ours, table, where));
            }
            assertThat(rows(theirs, "SELECT count(*) FROM unfinished_copy")).containsOnlyKeys("[0]");
            assertThat(rows(theirs, "SELECT count(*) FROM activity WHERE kind = 'moved-to-postgresql'"))
                    .containsOnlyKeys("[1]");
        }
    }

    private static Map<String, Integer> rows(Connection connection, TableShape table, String where) throws Exception {
        return rows(connection, "SELECT " + columns(table) + " FROM " + table.name() + where);
    }

    /** How often there is which row, without anything of the product. */
    private static Map<String, Integer> rows(Connection connection, String query) throws Exception {
        Map<String, Integer> rows = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            int columns = row.getMetaData().getColumnCount();
            while (row.next()) {
                Object[] values = new Object[columns];
                for (int i = 0; i < columns; i++) {
                    Object value = row.getObject(i + 1);
                    values[i] = switch (value) {
                        case byte[] bytes -> HexFormat.of().formatHex(bytes);
                        case Number number -> Long.toString(number.longValue());
                        case null, default -> Optional.ofNullable(value);
                    };
                }
                rows.merge(Arrays.toString(values), 1, Integer::sum);
            }
        }
        return rows;
    }

    private static String sha256(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }

    private static String columns(TableShape table) {
        return table.columns().stream().map(TableShape.Column::name).collect(Collectors.joining(", "));
    }
}
