package dev.countersign.witness;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Checkpoint;
import dev.countersign.activity.Checkpoints;
import dev.countersign.activity.LogKeys;
import dev.countersign.activity.LogLines;
import dev.countersign.activity.Sealing;
import dev.countersign.configuration.SettingKey;
import dev.countersign.configuration.SettingsLoader;
import dev.countersign.directory.Environment;
import dev.countersign.kernel.Origin;
import dev.countersign.support.TestInstallation;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Checkpoints arrive outside, at real files and sockets, from both databases; none is lost. */
class WitnessesTest {
    @Nested
    class OnSqlite extends Contract {
        OnSqlite() {
            super(TestInstallation.sqlite());
        }
    }

    @Nested
    class OnPostgresql extends Contract {
        OnPostgresql() {
            super(TestInstallation.postgresql());
        }
    }

    abstract static class Contract {
        private final TestInstallation on;

        Contract(TestInstallation on) {
            this.on = on;
        }

        /** A node, just started. */
        private Witnesses node(SettingKey key, String value) {
            return new Witnesses(
                    on.database(),
                    new SinkStore(on.database()),
                    on.get(Checkpoints.class),
                    on.get(ActivityLog.class),
                    on.get(LogKeys.class),
                    SettingsLoader.load(Map.of(key, value), Map.of(), Optional.empty()));
        }

        private static void tell(Witnesses node) {
            node.tell(node.sinks().getFirst(), NOW, () -> true);
        }

        private void seal(Environment acme, String group) {
            on.database()
                    .write(() -> on.get(ActivityLog.class)
                            .record(
                                    acme.id(),
                                    Optional.empty(),
                                    ACTOR,
                                    Origin.SYSTEM,
                                    new ActivityEvent.GroupCreated(group),
                                    NOW));
            assertThat(on.get(Sealing.class).seal(acme.id(), NOW)).isPositive();
        }

        private static List<Long> numbers(Environment acme, List<String> lines) {
            return lines.stream()
                    .flatMap(line -> LogLines.checkpoint(line).stream())
                    .map(one -> one.checkpoint())
                    .filter(checkpoint ->
                            checkpoint.environment().equals(acme.id().value()))
                    .map(Checkpoint::number)
                    .toList();
        }

        @Test
        void a_file_grows_is_private_and_may_be_moved_away() throws IOException {
            Environment acme = on.environment();
            Path file = TestInstallation.newDirectory().resolve("checkpoints.jsonl");
            Witnesses node = node(SettingKey.LOG_FILE, file.toString());
            seal(acme, "one");
            tell(node);
            seal(acme, "two");
            tell(node);
            tell(node);
            assertThat(numbers(acme, Files.readAllLines(file))).containsExactly(1L, 2L);
            assertThat(LogLines.checkpoint(Files.readAllLines(file).getFirst())
                            .orElseThrow()
                            .listIsWhole())
                    .isTrue();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            Files.move(file, file.resolveSibling("checkpoints.1"));
            seal(acme, "three");
            tell(node);
            assertThat(numbers(acme, Files.readAllLines(file))).containsExactly(3L);
            assertThat(node.waiting()).containsEntry("file", 0L);
        }

        @Test
        void a_file_that_cannot_be_written_gets_everything_later() throws IOException {
            Environment acme = on.environment();
            Path directory = TestInstallation.newDirectory().resolve("not-yet");
            Witnesses node = node(
                    SettingKey.LOG_FILE, directory.resolve("checkpoints.jsonl").toString());
            seal(acme, "one");
            tell(node);
            assertThat(node.waiting().get("file")).isPositive();
            Files.createDirectory(directory);
            seal(acme, "two");
            tell(node);
            assertThat(numbers(acme, Files.readAllLines(directory.resolve("checkpoints.jsonl"))))
                    .containsExactly(1L, 2L);
        }

        @Test
        void a_log_that_is_older_than_its_copy_raises_an_alert_once() {
            Environment acme = on.environment();
            Path file = TestInstallation.newDirectory().resolve("checkpoints.jsonl");
            seal(acme, "one");
            tell(node(SettingKey.LOG_FILE, file.toString()));
            Checkpoint first = on.get(Checkpoints.class).before(acme.id(), 2, 1).getFirst();
            seal(acme, "two");
            tell(node(SettingKey.LOG_FILE, file.toString()));
            // As after an older database was restored.
            change(
                    "DELETE FROM activity_checkpoint WHERE environment_id = ? AND number > 1",
                    acme.id().value());
            change(
                    "DELETE FROM activity WHERE environment_id = ? AND sequence > ?",
                    acme.id().value(),
                    first.high());
            change(
                    "UPDATE activity_head SET number = 1, hash = ?, high = ? WHERE environment_id = ?",
                    first.hash(),
                    first.high(),
                    acme.id().value());
            Witnesses started = node(SettingKey.LOG_FILE, file.toString());
            tell(started);
            assertThat(on.log(acme))
                    .filteredOn(kind -> kind.equals("log-went-back"))
                    .hasSize(1);
            assertThat(on.count(
                            "SELECT count(*) FROM alert WHERE environment_id = ? AND kind = 'LOG_WENT_BACK'",
                            acme.id().value()))
                    .isEqualTo(1);
            on.get(Sealing.class).seal(acme.id(), NOW);
            tell(started);
            tell(node(SettingKey.LOG_FILE, file.toString()));
            assertThat(on.log(acme))
                    .filteredOn(kind -> kind.equals("log-went-back"))
                    .hasSize(1);
        }

        private void change(String statement, Object... values) {
            assertThat(on.database()
                            .write(() -> on.database()
                                    .sql()
                                    .sql(statement)
                                    .params(values)
                                    .update()))
                    .isPositive();
        }

        @Test
        void syslog_is_told_by_tcp_with_octets_counted_and_what_fails_waits() throws Exception {
            Environment acme = on.environment();
            seal(acme, "one");
            List<String> got = new ArrayList<>();
            Witnesses node;
            CompletableFuture<Void> reading;
            try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
                node = node(SettingKey.LOG_SYSLOG, "tcp://127.0.0.1:" + server.getLocalPort());
                reading = CompletableFuture.runAsync(() -> read(server, got));
                tell(node);
                assertThat(node.waiting()).containsEntry("syslog", 0L);
            }
            reading.get(20, TimeUnit.SECONDS);
            assertThat(numbers(acme, got)).containsExactly(1L);
            seal(acme, "two");
            tell(node);
            assertThat(node.waiting()).containsEntry("syslog", 1L);
        }

        /** Reads connections until the server socket is closed; octets are counted, so that nothing is guessed. */
        private static void read(ServerSocket server, List<String> got) {
            try {
                while (true) {
                    try (Socket socket = server.accept()) {
                        InputStream in = socket.getInputStream();
                        for (int length = length(in); length > 0; length = length(in)) {
                            String message = new String(in.readNBytes(length), StandardCharsets.UTF_8);
                            assertThat(message).matches("<109>1 \\S+Z \\S+ countersign - checkpoint - \\{.*}");
                            got.add(message.substring(message.indexOf('{')));
                        }
                    }
                }
            } catch (IOException e) {
                // Closed: it has seen enough.
            }
        }

        private static int length(InputStream in) throws IOException {
            StringBuilder digits = new StringBuilder();
            for (int next = in.read(); next > ' '; next = in.read()) {
                digits.append((char) next);
            }
            return digits.isEmpty() ? 0 : Integer.parseInt(digits.toString());
        }

        @Test
        void syslog_is_told_by_datagrams_that_fit() throws IOException {
            Environment acme = on.environment();
            seal(acme, "one");
            Checkpoint checkpoint =
                    on.get(Checkpoints.class).before(acme.id(), 2, 1).getFirst();
            try (DatagramSocket server = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
                server.setSoTimeout(10_000);
                SyslogSink sink = new SyslogSink(
                        java.net.URI.create("udp://127.0.0.1:" + server.getLocalPort()),
                        "northwind host",
                        java.time.Duration.ofSeconds(5));
                sink.tell(on.get(Checkpoints.class).after(acme.id().value(), 0, 10));
                DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
                server.receive(packet);
                String message = new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
                assertThat(message)
                        .startsWith("<109>1 2026-03-02T08:00:00Z northwind-host countersign - checkpoint - {");
                assertThat(packet.getLength()).isLessThan(1_400);
                assertThat(LogLines.checkpoint(message.substring(message.indexOf('{')))
                                .orElseThrow()
                                .checkpoint())
                        .isEqualTo(checkpoint);
            }
        }

        @Test
        void a_webhook_is_posted_signed_lines_and_tried_again_until_it_says_yes() throws IOException {
            Environment acme = on.environment();
            seal(acme, "one");
            ConcurrentLinkedQueue<String> got = new ConcurrentLinkedQueue<>();
            ConcurrentLinkedQueue<String> signatures = new ConcurrentLinkedQueue<>();
            AtomicInteger answer = new AtomicInteger(500);
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 5);
            server.createContext("/", exchange -> {
                got.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
                signatures.add(exchange.getRequestHeaders().getFirst("Countersign-Signature"));
                exchange.getResponseHeaders().set("Location", "/elsewhere");
                exchange.sendResponseHeaders(answer.get(), -1);
                exchange.close();
            });
            server.start();
            try {
                Witnesses node = node(
                        SettingKey.LOG_WEBHOOK,
                        "http://127.0.0.1:" + server.getAddress().getPort() + "/hook");
                tell(node);
                answer.set(302);
                tell(node);
                assertThat(node.waiting().get("webhook"))
                        .as("neither an error nor a redirect is a yes")
                        .isPositive();
                got.clear();
                signatures.clear();
                answer.set(204);
                tell(node);
                tell(node);
                assertThat(node.waiting()).containsEntry("webhook", 0L);
                List<String> lines = got.stream().flatMap(String::lines).toList();
                assertThat(numbers(acme, lines)).containsExactly(1L);
                String id = on.get(LogKeys.class).publicKey().id();
                String signature = signatures.peek();
                assertThat(signature).startsWith("keyId=\"" + id + "\", signature=\"");
                String hex = signature.replaceAll(".*signature=\"|\"$", "");
                assertThat(on.get(LogKeys.class).publicKey().verifies(got.peek(), hex))
                        .isTrue();
            } finally {
                server.stop(0);
            }
        }

        @Test
        void of_several_nodes_one_tells() {
            Environment acme = on.environment();
            seal(acme, "one");
            SinkStore store = new SinkStore(on.database());
            String sink = TestInstallation.fresh("webhook");
            String id = acme.id().value();
            assertThat(on.database().<Boolean>write(() -> store.claim(sink, id, NOW.plusSeconds(60), NOW)))
                    .isTrue();
            assertThat(on.database().<Boolean>write(() -> store.claim(sink, id, NOW.plusSeconds(60), NOW)))
                    .isFalse();
            assertThat(on.database()
                            .<Boolean>write(() -> store.claim(sink, id, NOW.plusSeconds(99), NOW.plusSeconds(61))))
                    .as("when the other has died")
                    .isTrue();
            on.database().write(() -> store.release(sink, id, 1, NOW));
            assertThat(store.told(sink, id)).isEqualTo(1);
        }
    }
}
