package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.support.Population;
import dev.countersign.support.Population.Person;
import dev.countersign.support.RestClient;
import dev.countersign.support.ServerProcess;
import dev.countersign.support.Soon;
import dev.countersign.support.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that is asked to end finishes what is in flight, and ends well. */
class StopTest {
    @TempDir
    private Path data;

    @Test
    void a_request_in_flight_is_finished_and_durable_and_the_process_ends_with_0() throws Exception {
        Person anna = Population.create(data, 1).getFirst();
        ServerProcess server = ServerProcess.startClasses(
                data, Map.of("COUNTERSIGN_SHUTDOWN_DELAY", "6", "COUNTERSIGN_LOG_FORMAT", "json"));
        int port = server.port();
        String body = "{\"username\":\"" + anna.username() + "\",\"password\":\"" + TestServer.PASSWORD + "\"}";
        RestClient.Begun begun;
        try (Socket slow = new Socket(InetAddress.getLoopbackAddress(), port)) {
            slow.setSoTimeout(60_000);
            send(
                    slow,
                    "POST /api/v1/sign-ins HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
                            + "Content-Length: " + body.length() + "\r\n\r\n" + body.substring(0, 10));
            assertThat(ready(port)).contains(" 200 ", "yes");
            server.askToEnd();
            assertThat(Soon.becomes(() -> ready(port).contains(" 503 ")))
                    .as(() -> "load balancers send nobody any more: " + server.output())
                    .isTrue();
            send(slow, body.substring(10));
            String reply = new String(slow.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(reply).startsWith("HTTP/1.1 201");
            begun = RestClient.begun(new RestClient.Reply(201, reply));
        }
        assertThat(server.exitCode()).as(server.output()).isZero();
        try (ServerProcess again = ServerProcess.startClasses(data);
                RestClient client = new RestClient(again.port())) {
            long step = Clock.systemUTC().instant().getEpochSecond() / 30;
            assertThat(client.answer(anna, begun, anna.code(step)).status()).isEqualTo(200);
        }
    }

    @Test
    void a_server_asked_to_end_as_soon_as_it_says_that_it_is_ready_ends_well() {
        try (ServerProcess server = ServerProcess.startClasses(data)) {
            assertThat(server.port()).isPositive();
            server.askToEnd();
            assertThat(server.exitCode()).as(server.output()).isZero();
        }
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    /** What a probe gets: the reply, or why there was none. */
    private static String ready(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            send(socket, "GET /health/ready HTTP/1.1\r\nHost: 10.0.0.7\r\nConnection: close\r\n\r\n");
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
