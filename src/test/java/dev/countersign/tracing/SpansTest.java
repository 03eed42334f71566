package dev.countersign.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.configuration.SettingKey;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** A collector gets spans that say where the time went, and nothing of people. */
class SpansTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    @Test
    void ac_226_spans_reach_a_collector_and_hold_no_secret_and_no_name() throws IOException {
        Queue<String> received = new ConcurrentLinkedQueue<>();
        HttpServer collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        collector.createContext("/v1/traces", exchange -> {
            received.add(exchange.getRequestHeaders().getFirst("Content-Type") + "\n"
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        collector.start();
        String endpoint = "http://127.0.0.1:" + collector.getAddress().getPort() + "/v1/traces";
        try (TestServer server = TestServer.start(
                Map.of(SettingKey.TRACES_ENDPOINT, endpoint, SettingKey.TRUSTED_PROXIES, "127.0.0.1,::1"))) {
            server.person("canary.anna");
            TestBrowser browser = server.browser().header("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01");
            browser.get("/sign-in?to=/canary-query");
            browser.signIn("canary.anna", TestServer.PASSWORD);
            assertThat(server.get(Spans.class).flush())
                    .as("the collector took them")
                    .isTrue();
            String all = String.join("\n", received);
            assertThat(all)
                    .contains("application/x-protobuf", "GET /sign-in", "POST /sign-in", "http.route", "hash wait")
                    .contains("database write", "countersign")
                    .doesNotContain("canary", TestServer.PASSWORD, "127.0.0.1");
            assertThat(all.getBytes(StandardCharsets.ISO_8859_1)).containsSequence(bytes(TRACE));
            browser.cookies().values().forEach(cookie -> assertThat(all).doesNotContain(cookie));
        } finally {
            collector.stop(0);
        }
    }

    private static byte[] bytes(String hex) {
        return java.util.HexFormat.of().parseHex(hex);
    }
}
