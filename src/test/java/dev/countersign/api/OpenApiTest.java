package dev.countersign.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.support.TestServer;
import dev.countersign.web.ProblemType;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The description of REST is that of the running server. */
class OpenApiTest {
    private static final TestServer SERVER = TestServer.start();
    private static final Path DOCUMENT = Path.of("src/main/resources/openapi/v1.json");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private static Map<RequestMappingInfo, HandlerMethod> handlers() {
        return SERVER.get(RequestMappingHandlerMapping.class).getHandlerMethods();
    }

    @Test
    void is_what_the_code_says() throws IOException {
        String written = OpenApiDocument.write(handlers());
        boolean current = Files.exists(DOCUMENT) && Files.readString(DOCUMENT).equals(written);
        if (!current) {
            Files.createDirectories(DOCUMENT.getParent());
            Files.writeString(DOCUMENT, written);
        }
        assertThat(current)
                .as(DOCUMENT + " was not current; it has been written anew, commit it")
                .isTrue();
    }

    @Test
    void the_server_serves_it_and_describes_every_route_of_rest_and_nothing_else() throws Exception {
        HttpResponse<String> reply = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(SERVER.url() + "/api/v1/openapi.json"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(reply.headers().firstValue("Content-Type")).contains("application/json");
        JsonNode served = JSON.readTree(reply.body());
        assertThat(served.path("openapi").asString()).isEqualTo("3.1.0");
        Set<String> routes = new TreeSet<>();
        handlers()
                .forEach((info, _) -> info.getPatternValues().stream()
                        .filter(path -> path.startsWith("/api/v1/"))
                        .forEach(path -> info.getMethodsCondition()
                                .getMethods()
                                .forEach(method -> routes.add(method + " " + path))));
        assertThat(OpenApiDocument.routes(served)).isEqualTo(routes);
    }

    @Test
    void names_each_operation_once_and_lists_every_problem() throws IOException {
        JsonNode document = JSON.readTree(Files.readString(DOCUMENT));
        Map<String, String> names = new TreeMap<>();
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(operation -> {
                    String where = operation.getKey() + " " + path.getKey();
                    assertThat(names.put(
                                    operation.getValue().path("operationId").asString(), where))
                            .as(where)
                            .isNull();
                }));
        Set<String> listed = new TreeSet<>();
        document.path("components")
                .path("schemas")
                .path("Problem")
                .path("properties")
                .path("type")
                .path("examples")
                .forEach(type -> listed.add(type.asString()));
        Set<String> known = new TreeSet<>();
        for (ProblemType type : ProblemType.values()) {
            known.add(type.type());
        }
        assertThat(listed).isEqualTo(known);
    }
}
