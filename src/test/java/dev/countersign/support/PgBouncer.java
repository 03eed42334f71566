package dev.countersign.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The real PgBouncer, which gives each transaction one of a few connections to a PostgreSQL on this machine. */
public final class PgBouncer implements AutoCloseable {
    private static final int LONGEST_SECONDS = 20;

    private final Process process;
    private final int port;

    private PgBouncer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts one; answers when it does.
     *
     * @param server the port of PostgreSQL
     * @param connections of each database
     */
    public static PgBouncer start(int server, int connections) {
        try {
            return start(server, connections, PostgresqlServer.freePort());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static PgBouncer start(int server, int connections, int port) throws IOException {
        // It does not run as root, and has to read what it is given.
        Path directory = Files.createTempDirectory(
                "countersign-pgbouncer-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> TestInstallation.delete(directory)));
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
                default_pool_size = %d
                max_client_conn = 200
                ignore_startup_parameters = extra_float_digits
                """.formatted(server, port, users, connections));
        boolean root = System.getProperty("user.name").equals("root");
        String program =
                Optional.ofNullable(System.getenv("COUNTERSIGN_TEST_PGBOUNCER")).orElse("/usr/sbin/pgbouncer");
        List<String> command = root
                ? List.of(program, "-u", "nobody", configuration.toString())
                : List.of(program, configuration.toString());
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("pgbouncer.log").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        PgBouncer bouncer = new PgBouncer(process, port);
        bouncer.await();
        return bouncer;
    }

    private void await() throws IOException {
        long end = System.nanoTime() + Duration.ofSeconds(LONGEST_SECONDS).toNanos();
        while (true) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
                return;
            } catch (IOException e) {
                if (System.nanoTime() > end || !process.isAlive()) {
                    throw e;
                }
                Thread.onSpinWait();
            }
        }
    }

    /** The JDBC address of a database through it. */
    public String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("PgBouncer does not end");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
