package dev.countersign.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.configuration.SettingKey;
import dev.countersign.policy.Rules;
import dev.countersign.support.Crowd;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestInstallation;
import dev.countersign.support.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The real PgBouncer, which gives each transaction one of two connections to the server: what is set or prepared on one is not
 * there on the next.
 */
class PgBouncerTest {
    private static final URI DATABASE =
            URI.create(TestInstallation.newPostgresqlDatabase().substring("jdbc:".length()));

    private static int port;
    private static Process bouncer;
    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        // It does not run as root, and has to read what it is given.
        Path directory = Files.createTempDirectory(
                "countersign-pgbouncer-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Path users = Files.writeString(directory.resolve("users.txt"), "\"postgres\" \"\"\n");
        Path configuration =
                Files.writeString(directory.resolve("pgbouncer.ini"), """
                [databases]
                * = user=postgres host=localhost port=%d
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = any
                auth_file = %s
                pool_mode = transaction
                default_pool_size = 2
                max_client_conn = 200
                ignore_startup_parameters = extra_float_digits
                """.formatted(DATABASE.getPort(), port, users));
        boolean root = System.getProperty("user.name").equals("root");
        String program =
                Optional.ofNullable(System.getenv("COUNTERSIGN_TEST_PGBOUNCER")).orElse("/usr/sbin/pgbouncer");
        List<String> command = root
                ? List.of(program, "-u", "nobody", configuration.toString())
                : List.of(program, configuration.toString());
        bouncer = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("pgbouncer.log").toFile())
                .start();
        awaitPort();
        server = TestServer.start(Map.of(SettingKey.DATABASE_URL, url(), SettingKey.DATABASE_USER, "postgres"));
    }

    private static String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + DATABASE.getPath();
    }

    private static void awaitPort() throws IOException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (true) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
                return;
            } catch (IOException e) {
                if (System.nanoTime() > end || !bouncer.isAlive()) {
                    throw e;
                }
                Thread.onSpinWait();
            }
        }
    }

    @AfterAll
    static void stop() throws InterruptedException {
        server.close();
        bouncer.destroy();
        assertThat(bouncer.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void people_sign_in_many_at_the_same_time() throws Exception {
        server.policy(Rules.Mode.OPTIONAL);
        TestServer.Enrolled person = server.enrolled("anna.bouncer");
        TestBrowser browser = server.browser();
        assertThat(browser.signIn(
                                "anna.bouncer",
                                TestServer.PASSWORD,
                                person.app().code())
                        .location())
                .isEqualTo("/account");
        List<Integer> statuses = Crowd.together(8, () -> {
            int status = 200;
            for (int i = 0; i < 10; i++) {
                status = Math.max(status, browser.fork().get("/account").status());
            }
            return status;
        });
        assertThat(statuses).containsOnly(200);
    }

    @Test
    void every_transaction_has_its_limits_and_leaves_none_to_others() {
        Database database = server.get(Database.class);
        for (int i = 0; i < 5; i++) {
            assertThat(database.write(() -> show(database, "lock_timeout"))).isEqualTo("5s");
            assertThat(database.write(() -> show(database, "jit"))).isEqualTo("off");
            assertThat(show(database, "lock_timeout")).isEqualTo("0");
        }
    }

    private static String show(Database database, String setting) {
        return database.sql()
                .sql("SELECT current_setting('" + setting + "')")
                .query((row, _) -> row.getString(1))
                .single();
    }

    @Test
    void a_statement_may_be_sent_more_often_than_a_driver_prepares_it() {
        Database database = server.get(Database.class);
        for (int i = 0; i < 30; i++) {
            assertThat(database.sql()
                            .sql("SELECT count(*) FROM environment WHERE name <> ?")
                            .param("x" + i)
                            .query(Long.class)
                            .single())
                    .isEqualTo(1);
        }
    }

    @Test
    void a_second_server_finds_the_schema_and_starts_through_it_too() {
        try (TestServer second = server.node()) {
            assertThat(second.browser().get("/sign-in").status()).isEqualTo(200);
        }
    }
}
