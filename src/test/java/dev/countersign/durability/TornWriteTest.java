package dev.countersign.durability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.Rules;
import dev.countersign.store.Database;
import dev.countersign.support.Dice;
import dev.countersign.support.RestClient;
import dev.countersign.support.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * AC-230: the files of the embedded database as they are the moment a change is acknowledged, with whatever a machine that
 * loses its power may leave behind them: a part of what was being written, or noise.
 */
class TornWriteTest {
    private static final int CHANGES = 5;
    private static final int TEARS = 6;

    private final Dice dice = Dice.thrown("TornWriteTest");

    @TempDir
    private Path torn;

    /** The files at one moment. */
    private record Moment(byte[] database, byte[] log) {}

    @Test
    void ac_230_a_torn_write_loses_nothing_that_was_acknowledged() throws Exception {
        List<Moment> moments = new ArrayList<>();
        try (TestServer server = TestServer.start();
                RestClient client = new RestClient(server.port())) {
            server.policy(Rules.Mode.REQUIRED);
            TestServer.Enrolled bea = server.enrolled("bea");
            assertThat(synchronous(server))
                    .as("each commit is on disk when it returns")
                    .isEqualTo(2);
            for (int change = 0; change < CHANGES; change++) {
                server.clock().advance(Duration.ofSeconds(30));
                signIn(client, bea.app().code());
                moments.add(copy(server));
            }
        }
        tear(moments, "session", "sign-in-completed");
    }

    @Test
    void ac_230_a_torn_write_loses_no_app_and_no_recovery_code_that_somebody_was_told_they_have() throws Exception {
        List<Moment> moments = new ArrayList<>();
        try (TestServer server = TestServer.start()) {
            server.policy(Rules.Mode.REQUIRED);
            for (int change = 0; change < CHANGES; change++) {
                server.enrolled("bea." + change);
                moments.add(copy(server));
            }
        }
        tear(moments, "totp", "app-enrolled");
        tear(moments, "recovery_code", "recovery-code-confirmed");
    }

    /**
     * @param table has one row more at each moment
     * @param kind of the entry that is written with it
     */
    private void tear(List<Moment> moments, String table, String kind) throws Exception {
        for (int change = 0; change + 1 < moments.size(); change++) {
            for (int tear = 0; tear < TEARS; tear++) {
                byte[] log =
                        tail(moments.get(change).log(), moments.get(change + 1).log());
                check(moments.get(change), log, table, kind, change + 1);
            }
        }
    }

    private static void signIn(RestClient client, String code) throws IOException {
        String password = "{\"username\":\"bea\",\"password\":\"" + TestServer.PASSWORD + "\"}";
        RestClient.Begun begun = RestClient.begun(client.send("POST", "/api/v1/sign-ins", "10.0.0.1", "", password));
        String answer = "{\"factor\":\"totp\",\"code\":\"" + code + "\"}";
        assertThat(client.send(
                                "POST",
                                "/api/v1/sign-ins/" + begun.id() + "/answers",
                                "10.0.0.1",
                                "Bearer " + begun.token(),
                                answer)
                        .status())
                .isEqualTo(200);
    }

    private static long synchronous(TestServer server) {
        Database database = server.get(Database.class);
        return database.write(
                () -> database.sql().sql("PRAGMA synchronous").query(Long.class).single());
    }

    /** Nobody writes meanwhile. */
    private static Moment copy(TestServer server) {
        Path file = server.directory().resolve("countersign.db");
        return server.get(Database.class).write(() -> {
            try {
                return new Moment(
                        Files.readAllBytes(file), Files.readAllBytes(file.resolveSibling("countersign.db-wal")));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    /** What follows the acknowledged part: the beginning of what came next, with some bytes changed, or noise. */
    private byte[] tail(byte[] log, byte[] next) {
        int common = Arrays.mismatch(log, next);
        boolean continued = common < 0 || common >= log.length;
        int length = log.length + (continued ? dice.below(Math.max(1, next.length - log.length)) : dice.below(9_000));
        byte[] torn = continued ? Arrays.copyOf(next, length) : Arrays.copyOf(log, length);
        int changed = continued ? dice.below(20) : length - log.length;
        for (int i = 0; i < changed && length > log.length; i++) {
            torn[log.length + dice.below(length - log.length)] = (byte) dice.below(256);
        }
        return torn;
    }

    private void check(Moment moment, byte[] log, String table, String kind, int acknowledged) throws Exception {
        Path file = torn.resolve("countersign.db");
        Files.write(file, moment.database());
        Files.write(file.resolveSibling("countersign.db-wal"), log);
        Files.deleteIfExists(file.resolveSibling("countersign.db-shm"));
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            assertThat(value(database, "PRAGMA integrity_check")).as("%s", dice).isEqualTo("ok");
            assertThat(Long.parseLong(value(database, "SELECT count(*) FROM " + table)))
                    .as("%s", dice)
                    .isGreaterThanOrEqualTo(acknowledged);
            assertThat(value(database, "SELECT count(*) FROM " + table))
                    .as("%s", dice)
                    .isEqualTo(value(database, "SELECT count(*) FROM activity WHERE kind = '" + kind + "'"));
        }
    }

    private static String value(Connection database, String query) throws SQLException {
        try (Statement statement = database.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }
}
