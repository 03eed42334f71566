package dev.countersign.durability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.store.Database;
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
import java.util.List;
import org.junit.jupiter.api.Test;

/** A full disk: nobody gets in, nothing that was acknowledged is lost, and when there is room again all goes on by itself. */
class FullDiskTest {
    private static RestClient.Reply begin(RestClient client, int number) throws IOException {
        String body = "{\"username\":\"bea\",\"password\":\"" + TestServer.PASSWORD + "\"}";
        return client.send("POST", "/api/v1/sign-ins", "10.0.0." + number, "", body);
    }

    private static RestClient.Reply answer(RestClient client, RestClient.Begun begun, String code) throws IOException {
        String body = "{\"factor\":\"totp\",\"code\":\"" + code + "\"}";
        return client.send(
                "POST", "/api/v1/sign-ins/" + begun.id() + "/answers", "10.0.0.1", "Bearer " + begun.token(), body);
    }

    /** SQLite's own limit says the same as a disk without room, and at the same places. */
    private static void allow(TestServer server, long pages) {
        server.get(Database.class)
                .write(() -> server.get(Database.class)
                        .sql()
                        .sql("PRAGMA max_page_count = " + pages)
                        .query(Long.class)
                        .single());
    }

    /** Uses up what free pages there are, until not even one more row finds room. */
    private static int fill(TestServer server) {
        allow(server, 1);
        int rows = 0;
        for (int size = 100_000; size > 0; size /= 10) {
            for (boolean room = true; room; rows++) {
                room = room(server, size);
            }
        }
        return rows;
    }

    private static boolean room(TestServer server, int size) {
        try {
            server.get(Database.class)
                    .write(() -> server.get(Database.class)
                            .sql()
                            .sql("INSERT INTO filler (text) VALUES (?)")
                            .param("x".repeat(size))
                            .update());
            return true;
        } catch (org.springframework.dao.DataAccessException e) {
            return false;
        }
    }

    @Test
    void nobody_gets_in_while_the_disk_is_full_and_everything_goes_on_when_there_is_room() throws Exception {
        try (TestServer server = TestServer.start()) {
            server.policy(dev.countersign.policy.Rules.Mode.REQUIRED);
            TestServer.Enrolled bea = server.enrolled("bea");
            Database database = server.get(Database.class);
            database.write(
                    () -> database.sql().sql("CREATE TABLE filler (text TEXT)").update());
            try (RestClient client = new RestClient(server.port())) {
                RestClient.Begun first = RestClient.begun(begin(client, 1));
                String token =
                        RestClient.sessionToken(answer(client, first, bea.app().code()));
                server.clock().advance(Duration.ofSeconds(30));
                fill(server);
                int signedIn = 1 + untilNothingFits(server, client, bea);
                String entriesOfWork = "SELECT count(*) FROM activity WHERE kind <> 'sign-in-throttled'";
                long entries = server.count(entriesOfWork);
                for (int i = 0; i < 3; i++) {
                    server.clock().advance(Duration.ofSeconds(30));
                    RestClient.Reply reply = begin(client, 200 + i);
                    refused(
                            reply.isSuccess()
                                    ? answer(
                                            client,
                                            RestClient.begun(reply),
                                            bea.app().code())
                                    : reply);
                }
                assertThat(server.count("SELECT count(*) FROM session")).isEqualTo(signedIn);
                assertThat(server.count("SELECT count(*) FROM activity WHERE kind = 'sign-in-completed'"))
                        .isEqualTo(signedIn);
                assertThat(server.count(entriesOfWork)).isEqualTo(entries);
                assertThat(client.get("/api/v1/session", token).status())
                        .as("who is signed in stays so")
                        .isEqualTo(200);
                allow(server, 1_000_000);
                server.clock().advance(Duration.ofSeconds(30));
                RestClient.Begun again = RestClient.begun(begin(client, 3));
                assertThat(answer(client, again, bea.app().code()).status()).isEqualTo(200);
                // A transaction that failed in the middle must not have left its connection open for single statements.
                assertThat(isAtomic(server)).isTrue();
                assertThat(integrity(server.directory())).containsExactly("ok");
            }
        }
    }

    /** Pages that exist have some room left; how many sign-ins fitted. */
    private static int untilNothingFits(TestServer server, RestClient client, TestServer.Enrolled bea)
            throws IOException {
        int signedIn = 0;
        int refused = 0;
        int withoutRoom = 0;
        for (int i = 0; refused < 6 && i < 100; i++) {
            server.clock().advance(Duration.ofSeconds(30));
            RestClient.Reply reply = begin(client, 4 + i);
            if (reply.isSuccess()) {
                reply = answer(client, RestClient.begun(reply), bea.app().code());
                signedIn += reply.isSuccess() ? 1 : 0;
            }
            if (!reply.isSuccess()) {
                refused(reply);
                refused++;
                withoutRoom += reply.status() == 503 ? 1 : 0;
            }
        }
        assertThat(refused).as("the disk became full").isEqualTo(6);
        assertThat(withoutRoom).isPositive();
        return signedIn;
    }

    /** Guesses that still found room in a page are counted as always, and so there may be too many of them. */
    private static void refused(RestClient.Reply reply) {
        assertThat(reply.status()).as(reply.body()).isIn(503, 429);
        assertThat(reply.retryAfter()).isTrue();
        assertThat(reply.body())
                .contains(reply.status() == 503 ? "busy" : "too-many-attempts")
                .doesNotContain("SQLITE", "Exception");
    }

    private static boolean isAtomic(TestServer server) {
        Database database = server.get(Database.class);
        long before = server.count("SELECT count(*) FROM filler");
        try {
            database.write(() -> {
                database.sql().sql("INSERT INTO filler (text) VALUES ('half')").update();
                throw new IllegalStateException("rolled back");
            });
        } catch (IllegalStateException e) {
            return server.count("SELECT count(*) FROM filler") == before;
        }
        return false;
    }

    private static List<String> integrity(Path directory) throws SQLException {
        List<String> lines = new ArrayList<>();
        assertThat(Files.exists(directory.resolve("countersign.db"))).isTrue();
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("countersign.db"));
                Statement statement = database.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA integrity_check")) {
            while (rows.next()) {
                lines.add(rows.getString(1));
            }
        }
        return lines;
    }
}
