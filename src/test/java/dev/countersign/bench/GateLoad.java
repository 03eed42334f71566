package dev.countersign.bench;

import dev.countersign.support.Population;
import dev.countersign.support.ServerProcess;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A proxy that asks the gate about one request after the other on each of its connections, and an empty handler beside it. */
final class GateLoad {
    private static final int ROUNDS = 3;
    private static final double WARM_UP_SECONDS = 20;
    private static final double SECONDS = 6;
    private static final int STEP_MILLIS = 30_000;

    private GateLoad() {}

    /** Measures both in turns, so that what else the machine does weighs on both. */
    static void run(Path data, Report report) throws Exception {
        Population.Person person = Population.create(data, 1).getFirst();
        Process empty = new ProcessBuilder(emptyServer())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (ServerProcess server = ServerProcess.start(List.of("bin/countersign"), data);
                BufferedReader said =
                        new BufferedReader(new InputStreamReader(empty.getInputStream(), StandardCharsets.UTF_8))) {
            int emptyPort = Integer.parseInt(said.readLine());
            byte[] request = request(cookie(server.port(), person));
            for (int connections : new int[] {32, 256}) {
                measure(emptyPort, request, connections, WARM_UP_SECONDS);
                measure(server.port(), request, connections, WARM_UP_SECONDS);
                for (int round = 1; round <= ROUNDS; round++) {
                    Result limit = measure(emptyPort, request, connections, SECONDS);
                    Result gate = measure(server.port(), request, connections, SECONDS);
                    String where = ", " + connections + " connections, round " + round;
                    report.atLeast(
                            "gate checks per second" + where,
                            gate.perSecond(),
                            limit.perSecond(),
                            0.85,
                            "empty handler/s");
                    report.atMost("p99 of a gate check, ms" + where, gate.p99(), limit.p99(), 1.5, "empty handler, ms");
                    report.note(
                            "Replies other than 200: %d of the gate, %d of the empty handler.",
                            gate.others(), limit.others());
                }
            }
        } finally {
            empty.destroyForcibly();
        }
    }

    private static List<String> emptyServer() {
        List<String> command = new ArrayList<>(Commands.javaCommand(EmptyServer.class));
        command.addAll(1, List.of("-Xms32m", "-Xmx384m", "-XX:+UseCompactObjectHeaders"));
        return command;
    }

    private static String cookie(int port, Population.Person person) {
        TestBrowser browser = new TestBrowser("http://localhost:" + port);
        browser.signIn(person.username(), TestServer.PASSWORD);
        browser.post("/sign-in/code", "code", person.code(System.currentTimeMillis() / STEP_MILLIS));
        return browser.cookie("__Host-countersign").orElseThrow();
    }

    private static byte[] request(String cookie) {
        return ("GET /api/authz/forward-auth HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.7\r\n"
                        + "X-Forwarded-Method: GET\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: localhost\r\n"
                        + "X-Forwarded-Uri: /wiki/page?id=17\r\nAccept: text/html\r\n"
                        + "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
                        + "Cookie: __Host-countersign=" + cookie + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private record Result(double perSecond, double p99, long others) {}

    private static Result measure(int port, byte[] request, int connections, double seconds) throws Exception {
        Asker asker = new Asker(port, request, connections);
        return asker.run(seconds);
    }

    /** One thread that keeps all connections busy: the same work for both servers. */
    private static final class Asker {
        private final int port;
        private final ByteBuffer request;
        private final int connections;
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(16_384);
        private final long[] nanos = new long[8_000_000];
        private int count;
        private long others;

        private static final class Connection {
            private long asked;
            private int ending;
            private boolean isFirst = true;
        }

        Asker(int port, byte[] request, int connections) {
            this.port = port;
            this.request =
                    ByteBuffer.allocateDirect(request.length).put(request).flip();
            this.connections = connections;
        }

        Result run(double seconds) throws IOException {
            try (Selector selector = Selector.open()) {
                for (int i = 0; i < connections; i++) {
                    open(selector);
                }
                long start = System.nanoTime();
                long end = start + (long) (seconds * 1e9);
                while (System.nanoTime() < end && count < nanos.length) {
                    selector.select(key -> read(selector, key), 100);
                }
                double took = (System.nanoTime() - start) / 1e9;
                for (SelectionKey key : selector.keys()) {
                    key.channel().close();
                }
                long[] sorted = Arrays.copyOf(nanos, count);
                Arrays.sort(sorted);
                return new Result(count / took, sorted[(int) (count * 0.99)] / 1e6, others);
            }
        }

        private void open(Selector selector) throws IOException {
            SocketChannel channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            channel.configureBlocking(false);
            channel.setOption(java.net.StandardSocketOptions.TCP_NODELAY, true);
            Connection connection = new Connection();
            channel.register(selector, SelectionKey.OP_READ, connection);
            ask(channel, connection);
        }

        private void ask(SocketChannel channel, Connection connection) throws IOException {
            connection.asked = System.nanoTime();
            connection.isFirst = true;
            channel.write(request.duplicate());
        }

        /** Neither sends a body: an answer ends with an empty line. */
        private void read(Selector selector, SelectionKey key) {
            SocketChannel channel = (SocketChannel) key.channel();
            Connection connection = (Connection) key.attachment();
            try {
                buffer.clear();
                int length = channel.read(buffer);
                if (length < 0) {
                    // Servers close a connection after so many requests.
                    channel.close();
                    open(selector);
                    return;
                }
                if (connection.isFirst && length > 12 && buffer.get(9) != '2') {
                    others++;
                }
                connection.isFirst = false;
                for (int i = 0; i < length; i++) {
                    byte expected = (byte) (connection.ending % 2 == 0 ? '\r' : '\n');
                    connection.ending =
                            buffer.get(i) == expected ? connection.ending + 1 : buffer.get(i) == '\r' ? 1 : 0;
                    if (connection.ending == 4) {
                        connection.ending = 0;
                        nanos[Math.min(count++, nanos.length - 1)] = System.nanoTime() - connection.asked;
                        ask(channel, connection);
                        return;
                    }
                }
            } catch (IOException e) {
                others++;
                key.cancel();
            }
        }
    }
}
