package dev.countersign.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.configuration.SettingKey;
import dev.countersign.management.ManagementPort;
import dev.countersign.store.Database;
import dev.countersign.support.PostgresqlServer;
import dev.countersign.support.Soon;
import dev.countersign.support.TestInstallation;
import dev.countersign.support.TestServer;
import dev.countersign.vault.KeyFile;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a server cannot work without takes it out of service, by its name, and it comes back by itself; a restart would not help. */
class ReadinessTest {
    private static final TestServer SERVER = TestServer.start(Map.of(SettingKey.MANAGEMENT_PORT, "0"));
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @AfterAll
    static void stop() {
        SERVER.close();
        CLIENT.close();
    }

    private static HttpResponse<String> ask(TestServer server, String path) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(
                        "http://127.0.0.1:" + server.get(ManagementPort.class).port() + path))
                .timeout(Duration.ofSeconds(30))
                .build();
        try {
            return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isWrong(TestServer server, String condition) {
        HttpResponse<String> ready = ask(server, "/health/ready");
        return ready.statusCode() == 503
                && ready.body().contains("\"" + condition + "\":")
                && !ready.body().contains("\"" + condition + "\":\"well\"");
    }

    private static void becomesReady(TestServer server) {
        assertThat(Soon.becomes(() -> ask(server, "/health/ready").statusCode() == 200))
                .as(ask(server, "/health/ready").body())
                .isTrue();
    }

    private static void becomesWrong(TestServer server, String condition) {
        assertThat(Soon.becomes(() -> isWrong(server, condition)))
                .as(condition + ": " + ask(server, "/health/ready").body())
                .isTrue();
        assertThat(ask(server, "/health/live").statusCode())
                .as("a restart does not help")
                .isEqualTo(200);
        assertThat(ask(server, "/metrics").body())
                .contains("countersign_ready 0.0", "countersign_condition{condition=\"" + condition + "\"} 0.0");
    }

    @BeforeEach
    @AfterEach
    void all_is_well() {
        becomesReady(SERVER);
    }

    @Test
    void a_key_file_that_is_gone_or_says_nothing_or_is_another() throws IOException {
        Path keys = SERVER.directory().resolve("countersign.keys");
        Path aside = keys.resolveSibling("aside");
        Files.copy(keys, aside, StandardCopyOption.COPY_ATTRIBUTES);
        Files.delete(keys);
        becomesWrong(SERVER, "keys");
        Files.copy(aside, keys, StandardCopyOption.COPY_ATTRIBUTES);
        becomesReady(SERVER);
        Files.writeString(keys, "no keys\n");
        becomesWrong(SERVER, "keys");
        Files.delete(keys);
        KeyFile.create(keys, TestInstallation.NOW);
        becomesWrong(SERVER, "keys");
        Files.move(aside, keys, StandardCopyOption.REPLACE_EXISTING);
        becomesReady(SERVER);
    }

    @Test
    void a_data_directory_that_is_gone() throws IOException {
        Path elsewhere = TestInstallation.newDirectory().resolve("elsewhere");
        Files.move(SERVER.directory(), elsewhere);
        becomesWrong(SERVER, "disk");
        assertThat(isWrong(SERVER, "database")).isTrue();
        Files.move(elsewhere, SERVER.directory());
        becomesReady(SERVER);
    }

    @Test
    void a_database_file_in_whose_place_another_was_put() throws IOException {
        Path file = SERVER.directory().resolve("countersign.db");
        Path aside = file.resolveSibling("aside.db");
        Files.move(file, aside);
        Files.copy(aside, file);
        becomesWrong(SERVER, "database");
        Files.move(aside, file, StandardCopyOption.REPLACE_EXISTING);
        becomesReady(SERVER);
    }

    /** What the database says of a disk with an error, or that was mounted anew for reading only, it says of whatever is written. */
    @Test
    void a_database_that_takes_no_changes() {
        change("CREATE TRIGGER refuses BEFORE INSERT ON node BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END");
        SERVER.clock().advance(Duration.ofSeconds(11));
        becomesWrong(SERVER, "changes");
        assertThat(isWrong(SERVER, "database")).as("it can be read").isFalse();
        change("DROP TRIGGER refuses");
        becomesReady(SERVER);
    }

    private static void change(String statement) {
        Database database = SERVER.get(Database.class);
        int ignored = database.write(() -> database.sql().sql(statement).update());
    }

    @Test
    void a_disk_with_hardly_any_room() {
        Path data = SERVER.directory();
        assertThat(DiskCondition.judge(DiskCondition.LEAST_FREE_MIB, data)).isEmpty();
        assertThat(DiskCondition.judge(DiskCondition.LEAST_FREE_MIB - 1, data))
                .hasValueSatisfying(why -> assertThat(why).contains("63 MiB", data.toString()));
    }

    @Test
    void a_postgresql_that_was_stopped() {
        try (PostgresqlServer postgresql = PostgresqlServer.start()) {
            Map<SettingKey, String> settings = new HashMap<>(PostgresqlServer.settings(postgresql));
            settings.put(SettingKey.MANAGEMENT_PORT, "0");
            try (TestServer server = TestServer.start(settings)) {
                becomesReady(server);
                postgresql.kill();
                becomesWrong(server, "database");
                assertThat(ask(server, "/metrics").body())
                        .as("a scrape says what can be said")
                        .contains("countersign_sessions NaN", "countersign_seal_lag_seconds NaN", "jvm_memory_used");
                server.clock().advance(Duration.ofSeconds(11));
                becomesWrong(server, "signals");
                becomesWrong(server, "changes");
                postgresql.run();
                becomesReady(server);
                assertThat(Soon.becomes(() -> ask(server, "/metrics")
                                .body()
                                .lines()
                                .anyMatch(line -> line.equals("countersign_sessions 0.0"))))
                        .isTrue();
            }
        }
    }
}
