package dev.countersign.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.configuration.SettingKey;
import dev.countersign.health.ServerReadiness;
import dev.countersign.policy.Rules;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What whoever runs a server is told, and on which port. */
class ManagementPortTest {
    private static final TestServer SERVER = TestServer.start(Map.of(SettingKey.MANAGEMENT_PORT, "0"));
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @AfterAll
    static void stop() {
        SERVER.close();
        CLIENT.close();
    }

    /** Signals of other nodes are read a moment after the start. */
    @BeforeAll
    static void wait_until_it_is_ready() {
        long end = System.nanoTime() + 20_000_000_000L;
        while (manage(SERVER, "/health/ready").statusCode() != 200 && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    private static HttpResponse<String> get(String address, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static HttpResponse<String> manage(TestServer server, String path, String... headers) {
        return get("http://127.0.0.1:" + server.get(ManagementPort.class).port() + path, headers);
    }

    @Test
    void the_main_port_answers_yes_or_no_and_nothing_else() {
        for (String path : new String[] {"/health/live", "/health/ready"}) {
            HttpResponse<String> answer = get("http://127.0.0.1:" + SERVER.port() + path);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("yes\n");
            assertThat(answer.headers().map()).doesNotContainKeys("set-cookie", "location", "x-request-id");
        }
    }

    @Test
    void the_management_port_says_which_conditions_hold() {
        HttpResponse<String> ready = manage(SERVER, "/health/ready");
        assertThat(ready.statusCode()).isEqualTo(200);
        assertThat(ready.body())
                .contains("\"status\":\"up\"", "\"database\":\"well\"", "\"keys\":\"well\"", "\"disk\":\"well\"");
        assertThat(manage(SERVER, "/health/live").body()).isEqualTo("{\"status\":\"up\",\"conditions\":{}}");
        assertThat(manage(SERVER, "/").statusCode()).isEqualTo(404);
    }

    @Test
    void a_sign_in_is_in_the_figures() {
        TestServer.Enrolled anna = SERVER.enrolled("anna");
        SERVER.policy(Rules.Mode.REQUIRED);
        TestBrowser browser = SERVER.browser();
        browser.signIn("anna", TestServer.PASSWORD);
        browser.post("/sign-in/code", "code", anna.app().wrongCode());
        browser.post("/sign-in/code", "code", anna.app().code());
        String scrape = manage(SERVER, "/metrics").body();
        assertThat(scrape)
                .contains("countersign_sign_ins_total{environment=\"default\",factors=\"password+totp\"} 1.0")
                .contains(
                        "countersign_sign_in_refusals_total{environment=\"default\",factor=\"totp\",reason=\"wrong-code\"} 1.0")
                .contains("countersign_request_seconds_count{route=\"/sign-in/code\"")
                .contains("countersign_hash_wait_seconds_count", "countersign_database_write_seconds_count")
                .contains("jvm_memory_used_bytes")
                .doesNotContain("anna");
    }

    @Test
    void a_server_that_stops_is_not_ready_but_lives() {
        try (TestServer server = TestServer.start(Map.of(SettingKey.MANAGEMENT_PORT, "0"))) {
            server.get(ServerReadiness.class).stop();
            assertThat(manage(server, "/health/ready").statusCode()).isEqualTo(503);
            assertThat(manage(server, "/health/ready").body()).contains("\"stopping\":\"");
            assertThat(get(server.url() + "/health/ready").statusCode()).isEqualTo(503);
            assertThat(get(server.url() + "/health/ready").body()).isEqualTo("no\n");
            assertThat(get(server.url() + "/health/live").statusCode()).isEqualTo(200);
        }
    }
}
