package dev.countersign.witness;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Checkpoints;
import dev.countersign.activity.LogKeys;
import dev.countersign.activity.LogLines;
import dev.countersign.activity.SealedCheckpoint;
import dev.countersign.activity.Sealing;
import dev.countersign.directory.Environment;
import dev.countersign.kernel.Origin;
import dev.countersign.support.HangingServer;
import dev.countersign.support.TestCertificate;
import dev.countersign.support.TestInstallation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Places outside that show a certificate, a wrong one, or nothing at all. */
class SinksTest {
    private static final TestInstallation ON = TestInstallation.sqlite();
    private static final Duration PATIENCE = Duration.ofMillis(400);

    /** Far more than a sink may take, and far less than for ever. */
    private static final Duration BOUND = Duration.ofSeconds(20);

    private static List<SealedCheckpoint> told = List.of();

    @BeforeAll
    static void seal_something() {
        Environment acme = ON.environment();
        ON.database()
                .write(() -> ON.get(ActivityLog.class)
                        .record(
                                acme.id(),
                                Optional.empty(),
                                ACTOR,
                                Origin.SYSTEM,
                                new ActivityEvent.GroupCreated("one"),
                                NOW));
        ON.get(Sealing.class).seal(acme.id(), NOW);
        told = ON.get(Checkpoints.class).after(acme.id().value(), 0, 10);
        assertThat(told).hasSize(1);
    }

    private static SyslogSink syslog(String scheme, int port, SSLSocketFactory trust) {
        return new SyslogSink(URI.create(scheme + "://127.0.0.1:" + port), "northwind", PATIENCE, trust);
    }

    /** What one connection brings, read to its end; empty when its handshake fails. */
    private static CompletableFuture<String> read(ServerSocket server) {
        return CompletableFuture.supplyAsync(() -> {
            try (Socket socket = server.accept()) {
                socket.setSoTimeout(20_000);
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                return "";
            }
        });
    }

    private static ServerSocket listen(TestCertificate certificate) throws Exception {
        return certificate.server().getServerSocketFactory().createServerSocket(0, 5, InetAddress.getLoopbackAddress());
    }

    @Test
    void syslog_over_tls_reaches_whoever_shows_a_certificate_that_is_trusted_for_this_name() throws Exception {
        TestCertificate certificate = TestCertificate.of("ip:127.0.0.1");
        try (ServerSocket server = listen(certificate)) {
            CompletableFuture<String> read = read(server);
            syslog("tls", server.getLocalPort(), certificate.client().getSocketFactory())
                    .tell(told);
            String message = read.get(20, TimeUnit.SECONDS);
            int space = message.indexOf(' ');
            String counted = message.substring(space + 1);
            assertThat(Integer.parseInt(message.substring(0, space)))
                    .as("octets are counted")
                    .isEqualTo(counted.getBytes(StandardCharsets.UTF_8).length);
            assertThat(counted).startsWith("<109>1 ");
            assertThat(LogLines.checkpoint(counted.substring(counted.indexOf('{')))
                            .orElseThrow()
                            .checkpoint())
                    .isEqualTo(told.getFirst().checkpoint());
        }
    }

    @Test
    void syslog_over_tls_says_nothing_to_whoever_is_not_trusted() throws Exception {
        TestCertificate certificate = TestCertificate.of("ip:127.0.0.1");
        try (ServerSocket server = listen(certificate)) {
            CompletableFuture<String> read = read(server);
            SyslogSink sink = syslog("tls", server.getLocalPort(), (SSLSocketFactory) SSLSocketFactory.getDefault());
            assertThatThrownBy(() -> sink.tell(told)).isInstanceOf(SSLException.class);
            assertThat(read.get(20, TimeUnit.SECONDS)).isEmpty();
        }
    }

    @Test
    void syslog_over_tls_says_nothing_to_whoever_is_trusted_for_another_name() throws Exception {
        TestCertificate certificate = TestCertificate.of("dns:logs.other.example");
        try (ServerSocket server = listen(certificate)) {
            CompletableFuture<String> read = read(server);
            SyslogSink sink =
                    syslog("tls", server.getLocalPort(), certificate.client().getSocketFactory());
            assertThatThrownBy(() -> sink.tell(told)).isInstanceOf(SSLException.class);
            assertThat(read.get(20, TimeUnit.SECONDS)).isEmpty();
        }
    }

    private static void endsInTime(Sink sink, List<SealedCheckpoint> checkpoints) {
        long begun = System.nanoTime();
        assertThatThrownBy(() -> sink.tell(checkpoints)).isInstanceOf(IOException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(BOUND);
    }

    @Test
    void ac_244_syslog_that_never_reads_or_never_greets_is_given_up() {
        try (HangingServer server = HangingServer.silent()) {
            SSLSocketFactory trust = (SSLSocketFactory) SSLSocketFactory.getDefault();
            endsInTime(syslog("tcp", server.port(), trust), Collections.nCopies(40_000, told.getFirst()));
            endsInTime(syslog("tls", server.port(), trust), told);
        }
    }

    @Test
    void ac_244_a_webhook_that_says_nothing_or_a_byte_now_and_then_is_given_up() throws IOException {
        try (HangingServer silent = HangingServer.silent();
                HangingServer head = HangingServer.dripping("HTTP/1.1 200 OK\r\n", "X-More: and more\r\n");
                HangingServer body = HangingServer.dripping("HTTP/1.1 200 OK\r\n\r\n", "a")) {
            for (HangingServer server : List.of(silent, head, body)) {
                try (WebhookSink sink = new WebhookSink(
                        URI.create("http://127.0.0.1:" + server.port() + "/"), ON.get(LogKeys.class), PATIENCE)) {
                    endsInTime(sink, told);
                }
            }
        }
    }
}
