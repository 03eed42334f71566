package dev.countersign.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.configuration.SettingKey;
import dev.countersign.health.ServerReadiness;
import dev.countersign.policy.Rules;
import dev.countersign.support.Soon;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestInstallation;
import dev.countersign.support.TestServer;
import dev.countersign.vault.PrivateFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

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
        assertThat(Soon.becomes(() -> manage(SERVER, "/health/ready").statusCode() == 200))
                .isTrue();
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

    /** Sends a head as it is, and reads the reply to its end. */
    private static String head(TestServer server, String... lines) {
        int port = server.get(ManagementPort.class).port();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            String text = String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void without_the_token_nothing_is_said() throws IOException {
        Path file = TestInstallation.newDirectory().resolve("management.token");
        PrivateFiles.create(file);
        Files.writeString(file, "northwind-0123456789\n");
        try (TestServer server = TestServer.start(
                Map.of(SettingKey.MANAGEMENT_PORT, "0", SettingKey.MANAGEMENT_TOKEN_FILE, file.toString()))) {
            for (String path : new String[] {"/metrics", "/health/live", "/health/ready", "/", "/sign-in"}) {
                for (String sent : new String[] {
                    "",
                    "Bearer ",
                    "Bearer northwind-012345678",
                    "Bearer northwind-01234567890",
                    "bearer northwind-0123456789",
                    "northwind-0123456789",
                    "Basic northwind-0123456789",
                    "null"
                }) {
                    HttpResponse<String> answer = manage(server, path, "Authorization", sent);
                    assertThat(answer.statusCode()).as(path + " " + sent).isEqualTo(401);
                    assertThat(answer.headers().firstValue("WWW-Authenticate"))
                            .hasValueSatisfying(value -> assertThat(value).startsWith("Bearer"));
                    assertThat(answer.body()).isEqualTo("A token is needed.\n");
                }
                assertThat(manage(server, path).statusCode()).isEqualTo(401);
                assertThat(manage(server, path + "?token=northwind-0123456789").statusCode())
                        .isEqualTo(401);
            }
            String[] right = {"Authorization", "Bearer northwind-0123456789"};
            assertThat(manage(server, "/metrics", right).statusCode()).isEqualTo(200);
            assertThat(manage(server, "/health/live", right).statusCode()).isEqualTo(200);
            assertThat(head(
                            server,
                            "GET /health/live HTTP/1.1",
                            "Host: node1.northwind.example",
                            "Authorization: Bearer northwind-0123456789"))
                    .as("whoever has the token may call it as they like")
                    .startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void a_page_that_leads_a_browser_here_by_a_name_of_its_own_reads_nothing() {
        for (String host :
                new String[] {"evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil.example", ""
                }) {
            assertThat(head(SERVER, "GET /metrics HTTP/1.1", "Host: " + host))
                    .as(host)
                    .startsWith("HTTP/1.1 401")
                    .doesNotContain("countersign_");
        }
        for (String host : new String[] {"localhost", "localhost:8481", "127.0.0.1:8481", "[::1]:8481", "10.0.0.5"}) {
            assertThat(head(SERVER, "GET /health/live HTTP/1.1", "Host: " + host))
                    .as(host)
                    .startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void only_what_reads_is_taken() {
        for (String method : new String[] {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}) {
            assertThat(head(SERVER, method + " /metrics HTTP/1.1", "Host: localhost", "Content-Length: 0"))
                    .as(method)
                    .startsWith("HTTP/1.1 405")
                    .containsIgnoringCase("\r\nAllow: GET, HEAD\r\n");
        }
        assertThat(head(SERVER, "HEAD /metrics HTTP/1.1", "Host: localhost"))
                .startsWith("HTTP/1.1 200")
                .endsWith("\r\n\r\n");
    }

    @Test
    void ac_247_no_route_of_the_product_is_on_the_management_port() {
        Set<String> paths = new TreeSet<>(Set.of("/css/countersign.css", "/api/authz/auth-request", "/favicon.ico"));
        SERVER.get(RequestMappingHandlerMapping.class)
                .getHandlerMethods()
                .keySet()
                .forEach(route -> paths.addAll(route.getPatternValues()));
        assertThat(paths).hasSizeGreaterThan(100);
        for (String path : paths) {
            String filled =
                    path.replaceAll("\\{[^}]+}", "aaaaaaaaaaaaaaaaaaaaaaaaaa").replace("*", "a");
            assertThat(manage(SERVER, filled).statusCode()).as(path).isEqualTo(404);
        }
    }

    @Test
    void ac_247_nothing_of_the_management_port_is_on_the_port_people_use() {
        for (String path : new String[] {
            "/metrics", "/prometheus", "/actuator", "/actuator/health", "/actuator/prometheus", "/health", "/health/",
            "/health/live/", "/health/ready/database", "/management", "/debug", "/heapdump", "/threaddump", "/env"
        }) {
            HttpResponse<String> answer = get("http://127.0.0.1:" + SERVER.port() + path);
            assertThat(answer.statusCode()).as(path).isNotEqualTo(200);
            assertThat(answer.body()).as(path).doesNotContain("countersign_", "\"conditions\"");
        }
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
