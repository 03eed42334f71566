package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.support.Fastest;
import dev.countersign.support.Population;
import dev.countersign.support.Population.Person;
import dev.countersign.support.RestClient;
import dev.countersign.support.ServerProcess;
import dev.countersign.support.Soon;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Catalogue Q: too much of everything. {@code -Dcountersign.long=true} opens 9,000 connections instead of 1,200. */
class OverloadTest {
    private static final Duration A_SECOND = Duration.ofSeconds(1);
    private static final int CONNECTIONS = Boolean.getBoolean("countersign.long") ? 9_000 : 1_200;
    private static final String HOST = "Host: localhost\r\n";

    @TempDir
    private static Path data;

    private static List<Person> people = List.of();
    private static Optional<ServerProcess> running = Optional.empty();
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        people = Population.create(data, 2);
        running = Optional.of(ServerProcess.startClasses(data));
        port = running.get().port();
        othersAreServed();
    }

    @AfterAll
    static void stop() {
        running.ifPresent(ServerProcess::close);
    }

    private static List<SocketChannel> attackers(int count, String begins) throws IOException {
        return attackers(port, count, begins);
    }

    private static List<SocketChannel> attackers(int port, int count, String begins) throws IOException {
        List<SocketChannel> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SocketChannel socket = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            socket.write(ByteBuffer.wrap(begins.getBytes(StandardCharsets.US_ASCII)));
            socket.configureBlocking(false);
            all.add(socket);
        }
        return all;
    }

    private static long open(List<SocketChannel> sockets) {
        return sockets.stream().filter(OverloadTest::isOpen).count();
    }

    private static boolean isOpen(SocketChannel socket) {
        try {
            return socket.read(ByteBuffer.allocate(1)) == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static void closeAll(List<SocketChannel> sockets) throws IOException {
        for (SocketChannel socket : sockets) {
            socket.close();
        }
    }

    private static int status(String request) throws IOException {
        return status(port, request);
    }

    private static int status(int port, String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            OutputStream out = socket.getOutputStream();
            try {
                out.write(request.getBytes(StandardCharsets.US_ASCII));
                out.flush();
                String line = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
                return line.length() == 12 ? Integer.parseInt(line.substring(9)) : 0;
            } catch (SocketException hungUp) {
                return 0;
            }
        }
    }

    /** Whoever behaves is served in less than a second. */
    private static void othersAreServed() throws Exception {
        assertThat(Fastest.of(
                        A_SECOND,
                        () -> assertThat(status("GET /sign-in HTTP/1.1\r\n" + HOST
                                        + "X-Forwarded-For: 10.9.9.9\r\nConnection: close\r\n\r\n"))
                                .isEqualTo(200)))
                .isLessThan(A_SECOND);
    }

    @Test
    void ac_235_slow_heads_end_when_there_are_too_many_and_others_are_served() throws Exception {
        List<SocketChannel> heads = attackers(CONNECTIONS, "GET /sign-in HTTP/1.1\r\n" + HOST + "X-Slow: ");
        try {
            othersAreServed();
            assertThat(open(heads)).as("served while they are open").isPositive();
            assertThat(Soon.becomes(() -> open(heads) <= 700))
                    .as("at most 700 are borne")
                    .isTrue();
            othersAreServed();
        } finally {
            closeAll(heads);
        }
    }

    @Test
    void ac_235_slow_bodies_and_idle_connections_do_not_stop_others() throws Exception {
        List<SocketChannel> all = attackers(
                1_000,
                "POST /sign-in HTTP/1.1\r\n" + HOST
                        + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\na=");
        List<SocketChannel> idle = attackers(CONNECTIONS / 3, "");
        try {
            othersAreServed();
            assertThat(open(idle)).as("served while they are open").isPositive();
            assertThat(Soon.becomes(() -> open(all) <= 500))
                    .as("at most 500 slow bodies are borne")
                    .isTrue();
        } finally {
            closeAll(all);
            closeAll(idle);
        }
    }

    /** What a server writes to them fills the buffers of the machine, and then its thread waits. */
    @Test
    void ac_235_readers_that_do_not_read_do_not_stop_others() throws Exception {
        String page = "GET /css/countersign.css HTTP/1.1\r\n" + HOST + "\r\n";
        List<SocketChannel> readers = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                SocketChannel socket = SocketChannel.open();
                socket.setOption(StandardSocketOptions.SO_RCVBUF, 2_048);
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                socket.write(ByteBuffer.wrap(page.repeat(30).getBytes(StandardCharsets.US_ASCII)));
                readers.add(socket);
            }
            for (int i = 0; i < 5; i++) {
                long begun = System.nanoTime();
                othersAreServed();
                assertThat(System.nanoTime() - begun)
                        .as("nanoseconds: none waits until a reader is given up")
                        .isLessThan(9_000_000_000L);
            }
        } finally {
            closeAll(readers);
        }
    }

    @Test
    void a_head_of_32_kb_is_accepted_and_a_larger_one_is_not() throws Exception {
        assertThat(status(head("/sign-in", 32 * 1024)))
                .as("cookies of many applications")
                .isEqualTo(200);
        assertThat(status(head("/sign-in", 33 * 1024))).isIn(0, 400, 431);
        assertThat(status(head("/api/authz/auth-request", 32 * 1024)))
                .as("a proxy asks with the cookies of its visitor")
                .isEqualTo(status(head("/api/authz/auth-request", 1_000)))
                .isIn(401, 403);
    }

    /** So many bytes to the end of the head, most of them in a cookie. */
    private static String head(String path, int bytes) {
        String start = "GET " + path + " HTTP/1.1\r\n" + HOST + "Connection: close\r\nX-Forwarded-For: 10.9.9.8\r\n"
                + "X-Forwarded-Proto: https\r\nX-Original-Method: GET\r\nX-Original-URL: https://localhost/\r\n"
                + "Cookie: a=";
        return start + "a".repeat(bytes - start.length() - 4) + "\r\n\r\n";
    }

    @Test
    void ac_236_floods_of_headers_and_bodies_without_an_end_are_refused() throws Exception {
        String start = "POST /sign-in HTTP/1.1\r\n" + HOST;
        assertThat(status(start + "X-Large: " + "a".repeat(100_000) + "\r\n\r\n"))
                .isIn(0, 400, 431);
        assertThat(status(start + "X-Many: 1\r\n".repeat(10_000) + "\r\n")).isIn(0, 400, 431);
        String chunk = "8000\r\n" + "a".repeat(0x8000) + "\r\n";
        String form = start + "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n";
        assertThat(status(form + chunk.repeat(200))).as("6.5 MB in pieces").isIn(0, 400, 413);
        assertThat(status(form + "FFFFFFFFFFFFFFFF\r\na")).isIn(0, 400, 413);
        othersAreServed();
    }

    @Test
    void ac_237_a_flood_of_passwords_is_refused_at_once_and_people_get_in_afterwards() throws Exception {
        List<Callable<RestClient.Reply>> guesses = IntStream.range(0, 300)
                .<Callable<RestClient.Reply>>mapToObj(i -> () -> {
                    try (RestClient client = new RestClient(port)) {
                        return client.begin(new Person(5_000 + i * 256, "nobody" + i, new byte[20]));
                    }
                })
                .toList();
        int refused = 0;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<RestClient.Reply> one : threads.invokeAll(guesses)) {
                RestClient.Reply reply = one.get();
                assertThat(reply.status()).isIn(401, 503);
                if (reply.status() == 503) {
                    assertThat(reply.body()).contains("/problems/busy");
                    refused++;
                }
            }
        }
        assertThat(refused).as("told to try again").isPositive();
        try (RestClient client = new RestClient(port)) {
            RestClient.Reply begun = client.begin(people.getFirst());
            assertThat(begun.status()).isEqualTo(201);
            long step = Clock.systemUTC().instant().getEpochSecond() / 30;
            assertThat(client.answer(
                                    people.getFirst(),
                                    RestClient.begun(begun),
                                    people.getFirst().code(step))
                            .status())
                    .isEqualTo(200);
        }
    }

    /** In floods of more than are taken at once; nobody says anything, and all hang up without a word. */
    @Test
    void ac_236_fifty_thousand_connections_leave_nothing_behind() throws Exception {
        int atOnce = Boolean.getBoolean("countersign.long") ? 13_000 : 4_000;
        long before = descriptors();
        for (int opened = 0; opened < 50_000; opened += atOnce) {
            List<SocketChannel> flood = new ArrayList<>();
            try {
                for (int i = 0; i < atOnce; i++) {
                    SocketChannel socket = SocketChannel.open();
                    socket.setOption(StandardSocketOptions.SO_LINGER, 0);
                    socket.configureBlocking(false);
                    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                    flood.add(socket);
                }
            } finally {
                closeAll(flood);
            }
            assertThat(Soon.becomes(() -> isServed(port)))
                    .as("after %d", opened + atOnce)
                    .isTrue();
        }
        assertThat(Soon.becomes(() -> descriptors() < before + 50))
                .as("%d were open before, %d afterwards", before, descriptors())
                .isTrue();
        othersAreServed();
    }

    /** How many files and sockets the server has open, proc(5). */
    private static long descriptors() {
        try (Stream<Path> files =
                Files.list(Path.of("/proc", Long.toString(running.orElseThrow().pid()), "fd"))) {
            return files.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void ac_236_a_server_without_file_descriptors_serves_again_once_there_are_some(@TempDir Path other)
            throws Exception {
        List<String> program = new ArrayList<>(List.of("sh", "-c", "ulimit -n 400 && exec \"$@\"", "sh"));
        program.addAll(ServerProcess.classes());
        try (ServerProcess server = ServerProcess.start(program, other)) {
            int few = server.port();
            assertThat(isServed(few))
                    .as("while there are some; what it needs is loaded then")
                    .isTrue();
            List<SocketChannel> idle = attackers(few, 450, "");
            closeAll(idle);
            assertThat(Soon.becomes(() -> isServed(few))).as(server.output()).isTrue();
        }
    }

    private static boolean isServed(int server) {
        try {
            return status(server, "GET /health/live HTTP/1.1\r\n" + HOST + "Connection: close\r\n\r\n") == 200;
        } catch (IOException e) {
            return false;
        }
    }
}
