package dev.countersign.support;

import dev.countersign.configuration.SettingKey;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PostgreSQL of a test's own that keeps what it commits, and can be killed, started again on the same data and port, and
 * copied to a standby.
 */
public final class PostgresqlServer implements AutoCloseable {
    private final Path data;
    private final int port;
    private Optional<EmbeddedPostgres> running = Optional.empty();

    private PostgresqlServer(Path data, int port) {
        this.data = data;
        this.port = port;
    }

    /** A new, empty server that runs. */
    public static PostgresqlServer start() {
        PostgresqlServer server =
                new PostgresqlServer(TestInstallation.newDirectory().resolve("data"), freePort());
        server.run();
        return server;
    }

    /** A port that was free a moment ago. */
    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it on the data it has; answers when it does. */
    public void run() {
        try {
            // Tests that need no durability have it switched off by whoever packed the server; here it is on.
            running = Optional.of(EmbeddedPostgres.builder()
                    .setDataDirectory(data)
                    .setCleanDataDirectory(false)
                    .setPort(port)
                    .setRegisterShutdownHook(false)
                    .setPGStartupWait(Duration.ofMinutes(1))
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("full_page_writes", "on")
                    .setServerConfig("wal_level", "replica")
                    .setServerConfig("hot_standby", "on")
                    .setServerConfig("shared_buffers", "32MB")
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL does not start", e);
        }
    }

    public int port() {
        return port;
    }

    public String url() {
        return url(this);
    }

    /** The address of whichever of these servers takes writes. */
    public static String url(PostgresqlServer... servers) {
        String hosts = Stream.of(servers)
                .map(server -> "127.0.0.1:" + server.port)
                .collect(java.util.stream.Collectors.joining(","));
        return "jdbc:postgresql://" + hosts + "/postgres";
    }

    /** The settings of an installation on these servers. */
    public static Map<SettingKey, String> settings(PostgresqlServer... servers) {
        return Map.of(SettingKey.DATABASE_URL, url(servers), SettingKey.DATABASE_USER, "postgres");
    }

    public Connection connect() throws SQLException {
        return DriverManager.getConnection(url(), "postgres", "");
    }

    /** Runs statements, each by itself. */
    public void execute(String... statements) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** SIGKILL to the postmaster and all its children: nobody is left to write anything. */
    public void kill() {
        Optional<ProcessHandle> postmaster = postmaster();
        if (postmaster.isEmpty()) {
            return;
        }
        // Without the postmaster nobody starts new ones; stopped first, it does not notice that they die.
        List<ProcessHandle> children = postmaster.get().descendants().toList();
        postmaster.get().destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        Stream.concat(postmaster.stream(), children.stream()).forEach(PostgresqlServer::await);
        release();
    }

    /** It holds a lock on the data, and finds nobody to stop. */
    private void release() {
        try {
            if (running.isPresent()) {
                running.get().close();
            }
            running = Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void await(ProcessHandle process) {
        try {
            process.onExit().get(30, TimeUnit.SECONDS);
        } catch (InterruptedException
                | java.util.concurrent.ExecutionException
                | java.util.concurrent.TimeoutException e) {
            throw new IllegalStateException("PostgreSQL did not end", e);
        }
    }

    private Optional<ProcessHandle> postmaster() {
        try {
            Path file = data.resolve("postmaster.pid");
            return Files.exists(file)
                    ? ProcessHandle.of(
                            Long.parseLong(Files.readAllLines(file).getFirst().strip()))
                    : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A server that is nothing yet but a port: {@link #follow} makes a standby of it. */
    public static PostgresqlServer none() {
        return new PostgresqlServer(TestInstallation.newDirectory().resolve("data"), freePort());
    }

    /**
     * Makes this a standby of a primary, which is stopped for a moment to be copied; from then on the primary waits with each
     * commit until the standby has it.
     */
    public void follow(PostgresqlServer primary) {
        kill();
        primary.kill();
        TestInstallation.delete(data);
        copy(primary.data, data);
        try {
            Files.deleteIfExists(data.resolve("postmaster.pid"));
            Files.createFile(data.resolve("standby.signal"));
            Files.writeString(
                    data.resolve("postgresql.auto.conf"),
                    "primary_conninfo = 'host=127.0.0.1 port=" + primary.port + " user=postgres'\n",
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        primary.run();
        run();
        primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()");
        primary.untilInStep();
    }

    private void untilInStep() {
        long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!isInStep()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("the standby does not follow");
            }
            java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
        }
    }

    private boolean isInStep() {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                var row =
                        statement.executeQuery("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")) {
            return row.next() && row.getLong(1) == 1;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.toList()) {
                Files.copy(
                        path,
                        to.resolve(from.relativize(path).toString()),
                        java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes the primary of a standby; answers when it takes writes. It waits for no other any more. */
    public void promote() {
        execute("SELECT pg_promote(true, 60)");
        execute("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()");
    }

    @Override
    public void close() {
        kill();
    }
}
