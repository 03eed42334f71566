package dev.countersign.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.ActivityEntry;
import dev.countersign.activity.Actor;
import dev.countersign.configuration.SettingKey;
import dev.countersign.directory.Account;
import dev.countersign.directory.Environments;
import dev.countersign.kernel.Origin;
import dev.countersign.support.Fastest;
import dev.countersign.support.ServerProcess;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestCertificate;
import dev.countersign.support.TestInstallation;
import dev.countersign.support.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.HandshakeCompletedEvent;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;

/** The server behind a reverse proxy, and with a certificate of its own. */
class ProxyAndTlsTest {
    private static final String HTTPS_ONLY = "Strict-Transport-Security";

    // Behind a proxy

    private static TestServer behindProxy() {
        return TestServer.start(Map.of(SettingKey.TRUSTED_PROXIES, "127.0.0.0/8, ::1"));
    }

    private static String addressOfSignIn(TestServer server, Account account) {
        return server.activityOf(account).stream()
                .filter(entry -> entry.kind().equals("sign-in-completed"))
                .map(ActivityEntry::origin)
                .map(Origin::address)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_trusted_proxy_says_who_asks_and_how() {
        try (TestServer server = behindProxy()) {
            Account bea = server.person("bea");
            TestBrowser browser = server.browser()
                    .header("X-Forwarded-For", "198.51.100.9, 192.0.2.7, 127.0.0.2")
                    .header("X-Forwarded-Proto", "https");
            TestBrowser.Reply page = browser.get("/sign-in");
            assertThat(page.header(HTTPS_ONLY)).as("to people it is HTTPS").isPresent();
            assertThat(browser.signIn("bea", TestServer.PASSWORD).location()).isEqualTo("/account");
            assertThat(addressOfSignIn(server, bea)).isEqualTo("192.0.2.7");
        }
    }

    @Test
    void what_a_proxy_sends_that_cannot_be_read_is_refused() {
        try (TestServer server = behindProxy()) {
            assertThat(server.browser()
                            .header("X-Forwarded-For", "nonsense")
                            .get("/sign-in")
                            .status())
                    .isEqualTo(400);
            assertThat(server.browser()
                            .header("X-Forwarded-For", "192.0.2.7,")
                            .get("/sign-in")
                            .status())
                    .isEqualTo(400);
            assertThat(server.browser()
                            .header("X-Forwarded-Host", "a.example, b.example")
                            .get("/sign-in")
                            .status())
                    .isEqualTo(400);
        }
    }

    @Test
    void the_host_a_proxy_names_selects_the_environment() {
        try (TestServer server = behindProxy()) {
            server.get(Environments.class)
                    .create(
                            "acme",
                            Optional.of("login.acme.example"),
                            "Acme Tools",
                            Actor.SYSTEM,
                            Origin.SYSTEM,
                            server.clock().instant());
            assertThat(server.browser().get("/sign-in").body())
                    .contains("Northwind")
                    .doesNotContain("Acme Tools");
            assertThat(server.browser()
                            .header("X-Forwarded-Host", "Login.Acme.example")
                            .get("/sign-in")
                            .body())
                    .contains("Acme Tools");
            assertThat(server.browser()
                            .header("X-Forwarded-Host", "login.acme.example:443")
                            .get("/sign-in")
                            .body())
                    .contains("Acme Tools");
        }
    }

    @Test
    void without_a_listed_proxy_what_requests_say_of_themselves_is_worth_nothing() {
        try (TestServer server = TestServer.start()) {
            Account bea = server.person("bea");
            server.get(Environments.class)
                    .create(
                            "acme",
                            Optional.of("login.acme.example"),
                            "Acme Tools",
                            Actor.SYSTEM,
                            Origin.SYSTEM,
                            server.clock().instant());
            TestBrowser browser = server.browser()
                    .header("X-Forwarded-For", "192.0.2.7")
                    .header("X-Forwarded-Proto", "https")
                    .header("X-Forwarded-Host", "login.acme.example")
                    .header("Forwarded", "for=192.0.2.8;host=login.acme.example;proto=https");
            TestBrowser.Reply page = browser.get("/sign-in");
            assertThat(page.header(HTTPS_ONLY)).isEmpty();
            assertThat(page.body()).doesNotContain("Acme Tools");
            assertThat(browser.signIn("bea", TestServer.PASSWORD).location()).isEqualTo("/account");
            assertThat(addressOfSignIn(server, bea)).isIn("127.0.0.1", "::1");
        }
    }

    // HTTPS

    /** A certificate for localhost and its key, as administrators have them: two PEM files. */
    private record Pair(Path certificate, Path key, X509Certificate parsed) {
        static Pair create(String name) throws Exception {
            Path directory = TestInstallation.newDirectory();
            Path store = directory.resolve("store.p12");
            Process keytool = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "keytool")
                                    .toString(),
                            "-genkeypair",
                            "-alias",
                            "pair",
                            "-keyalg",
                            "EC",
                            "-groupname",
                            "secp256r1",
                            "-dname",
                            "CN=" + name,
                            "-ext",
                            "san=dns:localhost,ip:127.0.0.1",
                            "-validity",
                            "30",
                            "-storetype",
                            "PKCS12",
                            "-storepass",
                            "throwaway",
                            "-keystore",
                            store.toString())
                    .inheritIO()
                    .start();
            assertThat(keytool.waitFor()).isZero();
            KeyStore pair = KeyStore.getInstance(store.toFile(), "throwaway".toCharArray());
            X509Certificate parsed = (X509Certificate) pair.getCertificate("pair");
            return new Pair(
                    pem(directory.resolve("certificate"), "CERTIFICATE", parsed.getEncoded()),
                    pem(
                            directory.resolve("private"),
                            "PRIVATE KEY",
                            pair.getKey("pair", "throwaway".toCharArray()).getEncoded()),
                    parsed);
        }

        private static Path pem(Path file, String what, byte[] content) throws IOException {
            String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
            return Files.writeString(file, "-----BEGIN " + what + "-----\n" + lines + "\n-----END " + what + "-----\n");
        }
    }

    private static TestServer withTls(Pair pair) {
        return TestServer.start(tls(pair));
    }

    private static Map<SettingKey, String> tls(Pair pair) {
        return Map.of(
                SettingKey.TLS_CERTIFICATE, pair.certificate().toString(),
                SettingKey.TLS_KEY, pair.key().toString());
    }

    private static SSLContext trusting(Pair... trusted) throws Exception {
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        for (Pair pair : trusted) {
            anchors.setCertificateEntry(pair.parsed().getSubjectX500Principal().getName(), pair.parsed());
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance("PKIX");
        managers.init(anchors);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    /** A new connection that trusts these certificates alone, and checks the name. */
    private static HttpResponse<String> get(TestServer server, String path, Pair... trusted) throws Exception {
        SSLContext context = trusting(trusted);
        try (HttpClient client = HttpClient.newBuilder().sslContext(context).build()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("https://localhost:" + server.port() + path))
                    .timeout(Duration.ofSeconds(20))
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String certificateOf(HttpResponse<String> reply) throws Exception {
        X509Certificate shown =
                (X509Certificate) reply.sslSession().orElseThrow().getPeerCertificates()[0];
        return shown.getSubjectX500Principal().getName();
    }

    @Test
    void serves_https_with_the_certificate_of_the_files_and_takes_a_new_one_without_a_restart() throws Exception {
        Pair first = Pair.create("first");
        Pair second = Pair.create("second");
        try (TestServer server = withTls(first)) {
            HttpResponse<String> page = get(server, "/sign-in", first);
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(page.headers().firstValue(HTTPS_ONLY)).isPresent();
            assertThat(page.sslSession().orElseThrow().getProtocol()).isIn("TLSv1.3", "TLSv1.2");
            assertThat(certificateOf(page)).isEqualTo("CN=first");

            Files.copy(second.key(), first.key(), StandardCopyOption.REPLACE_EXISTING);
            Files.copy(second.certificate(), first.certificate(), StandardCopyOption.REPLACE_EXISTING);
            assertThat(untilCertificateIs("CN=second", server, first, second)).isTrue();
        }
    }

    /** Records and messages by hand (RFC 5246, section 7.4.1.2): Java's own client no longer offers what is to be refused. */
    @Test
    void ac_248_old_versions_and_suites_without_forward_secrecy_are_refused() throws Exception {
        int tls10 = 0x0301;
        int tls11 = 0x0302;
        int tls12 = 0x0303;
        int[] forwardSecret = {0xC02B, 0xC02F, 0xC009, 0xC013};
        try (TestServer server = withTls(Pair.create("first"))) {
            assertThat(firstByte(server, tls12, 0xC02B, 0xC02F))
                    .as("what is fine")
                    .isEqualTo(HANDSHAKE);
            assertThat(firstByte(server, tls11, forwardSecret)).isEqualTo(ALERT);
            assertThat(firstByte(server, tls10, forwardSecret)).isEqualTo(ALERT);
            for (int weak :
                    new int[] {0x009C, 0x002F, 0x000A, 0x0005, 0xC004, 0xC02D, 0xC007, 0xC008, 0xC018, 0x0034}) {
                assertThat(firstByte(server, tls12, weak))
                        .as("suite " + Integer.toHexString(weak))
                        .isEqualTo(ALERT);
            }
        }
    }

    /** A second handshake inside the first costs the server more than whoever asks for it (CVE-2011-1473). */
    @Test
    void ac_248_nobody_negotiates_twice_in_one_connection() throws Exception {
        TestCertificate certificate = TestCertificate.of("dns:localhost");
        try (ServerSocket other = certificate
                .server()
                .getServerSocketFactory()
                .createServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> answer(other));
            assertThat(handshakes(certificate.client(), other.getLocalPort()))
                    .as("a server that allows it")
                    .isEqualTo(2);
        }
        Pair pair = Pair.create("first");
        Map<SettingKey, String> settings = new EnumMap<>(tls(pair));
        settings.put(SettingKey.DATA, TestInstallation.newDirectory().toString());
        settings.put(SettingKey.PORT, "0");
        try (ServerProcess server = ServerProcess.startClasses(settings)) {
            assertThat(handshakes(trusting(pair), server.port())).isEqualTo(1);
            assertThat(handshakes(trusting(pair), server.port()))
                    .as("it goes on serving")
                    .isEqualTo(1);
        }
    }

    private static void answer(ServerSocket server) {
        try (Socket socket = server.accept()) {
            byte[] buffer = new byte[8_192];
            while (socket.getInputStream().read(buffer) >= 0) {
                socket.getOutputStream().write('H');
            }
        } catch (IOException e) {
            // It was closed.
        }
    }

    /** How many handshakes a connection gets that asks for a second one after its first request. */
    private static int handshakes(SSLContext trust, int port) throws IOException, InterruptedException {
        BlockingQueue<HandshakeCompletedEvent> completed = new LinkedBlockingQueue<>();
        try (SSLSocket socket = (SSLSocket) trust.getSocketFactory().createSocket("localhost", port)) {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            socket.addHandshakeCompletedListener(completed::add);
            socket.setSoTimeout(3_000);
            byte[] request = "GET /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
            socket.getOutputStream().write(request);
            assertThat(socket.getInputStream().read()).isEqualTo('H');
            try {
                socket.startHandshake();
                socket.getOutputStream().write(request);
                while (socket.getInputStream().read() >= 0 && completed.size() < 2) {
                    // the rest of the first answer, and perhaps a second one
                }
            } catch (IOException e) {
                // It was refused.
            }
        }
        int handshakes = 0;
        while (completed.poll(500, TimeUnit.MILLISECONDS) != null) {
            handshakes++;
        }
        return handshakes;
    }

    private static final int HANDSHAKE = 22;
    private static final int ALERT = 21;

    /** What kind of record the server answers with. */
    private static int firstByte(TestServer server, int version, int... suites) throws IOException {
        try (Socket socket = new Socket("localhost", server.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(hello(version, suites));
            return socket.getInputStream().read();
        }
    }

    private static byte[] hello(int version, int... suites) {
        byte[] groups = {0, 10, 0, 6, 0, 4, 0, 0x1d, 0, 0x17};
        byte[] points = {0, 11, 0, 2, 1, 0};
        byte[] signatures = {0, 13, 0, 10, 0, 8, 4, 3, 8, 4, 4, 1, 6, 1};
        int extensions = groups.length + points.length + signatures.length;
        int body = 2 + 32 + 1 + 2 + 2 * suites.length + 2 + 2 + extensions;
        ByteBuffer record = ByteBuffer.allocate(5 + 4 + body);
        record.put((byte) HANDSHAKE).putShort((short) 0x0301).putShort((short) (4 + body));
        record.put((byte) 1).put((byte) 0).putShort((short) body);
        record.putShort((short) version).put(new byte[32]).put((byte) 0);
        record.putShort((short) (2 * suites.length));
        for (int suite : suites) {
            record.putShort((short) suite);
        }
        record.put((byte) 1).put((byte) 0).putShort((short) extensions);
        return record.put(groups).put(points).put(signatures).array();
    }

    @Test
    void ac_235_handshakes_that_stall_do_not_stop_others() throws Exception {
        Pair pair = Pair.create("first");
        List<Socket> stalled = new ArrayList<>();
        try (TestServer server = withTls(pair)) {
            for (int i = 0; i < 300; i++) {
                Socket socket = new Socket("localhost", server.port());
                // The beginning of a handshake of 512 bytes, or nothing at all.
                socket.getOutputStream().write(i % 2 == 0 ? new byte[] {22, 3, 1, 2, 0, 1} : new byte[0]);
                stalled.add(socket);
            }
            Duration second = Duration.ofSeconds(1);
            assertThat(Fastest.of(
                            second,
                            () -> assertThat(get(server, "/sign-in", pair).statusCode())
                                    .isEqualTo(200)))
                    .isLessThan(second);
            if (Boolean.getBoolean("countersign.long")) {
                stalled.getFirst().setSoTimeout(40_000);
                assertThat(hangsUp(stalled.getFirst()))
                        .as("the server has a limit")
                        .isTrue();
            }
        } finally {
            for (Socket socket : stalled) {
                socket.close();
            }
        }
    }

    private static boolean hangsUp(Socket socket) throws IOException {
        try {
            return socket.getInputStream().readAllBytes().length < 100;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            return true;
        }
    }

    private static boolean untilCertificateIs(String expected, TestServer server, Pair... trusted) throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        for (int attempt = 0; attempt < 120; attempt++) {
            if (certificateOf(get(server, "/robots.txt", trusted)).equals(expected)) {
                return true;
            }
            assertThat(never.await(500, TimeUnit.MILLISECONDS)).isFalse();
        }
        return false;
    }
}
