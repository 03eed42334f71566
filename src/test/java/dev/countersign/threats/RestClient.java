package dev.countersign.threats;

import dev.countersign.support.TestServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An application that signs people in over REST. Thread-safe. */
final class RestClient {
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final String url;

    RestClient(TestServer server) {
        this.url = server.url();
    }

    /** A reply. */
    record Reply(int status, JsonNode body, HttpResponse<String> response) {
        String text(String path) {
            JsonNode node = body;
            for (String name : path.split("\\.", -1)) {
                node = node.path(name);
            }
            return node.asString("");
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }
    }

    /** A sign-in that has begun. */
    record Begun(String id, String token) {}

    Reply begin(String username, String password) {
        return post("/api/v1/sign-ins", "", Map.of("username", username, "password", password));
    }

    /** A sign-in whose password was right. */
    Begun begun(String username) {
        Reply reply = begin(username, TestServer.PASSWORD);
        if (!reply.text("state").equals("asked")) {
            throw new AssertionError("not asked for a code: " + reply.body());
        }
        return new Begun(reply.text("id"), reply.text("token"));
    }

    Reply code(Begun begun, String code) {
        return answer(begun.id(), "Bearer " + begun.token(), Map.of("factor", "totp", "code", code));
    }

    Reply answer(String id, String authorization, Map<String, String> body) {
        return post("/api/v1/sign-ins/" + id + "/answers", authorization, body);
    }

    /** The session token of a complete sign-in. */
    String signIn(String username, String code) {
        String token = code(begun(username), code).text("session.token");
        if (token.isEmpty()) {
            throw new AssertionError("not signed in");
        }
        return token;
    }

    Reply session(String authorization) {
        return send(request("/api/v1/session", authorization).GET());
    }

    Reply endSession(String authorization) {
        return send(request("/api/v1/session", authorization).DELETE());
    }

    Reply get(String path, String authorization) {
        return send(request(path, authorization).GET());
    }

    Reply delete(String path, String authorization) {
        return send(request(path, authorization).DELETE());
    }

    Reply put(String path, String authorization, Object body) {
        return exchange("PUT", path, authorization, body);
    }

    Reply exchange(String method, String path, String authorization, Object body, String... headers) {
        HttpRequest.Builder builder = request(path, authorization)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)));
        if (headers.length > 0) {
            builder.headers(headers);
        }
        return send(builder);
    }

    Reply post(String path, String authorization, Object body) {
        return postRaw(path, authorization, "application/json", JSON.writeValueAsString(body));
    }

    Reply putRaw(String path, String authorization, String contentType, String body) {
        return send(request(path, authorization)
                .header("Content-Type", contentType)
                .PUT(HttpRequest.BodyPublishers.ofString(body)));
    }

    Reply postRaw(String path, String authorization, String contentType, String body) {
        return send(request(path, authorization)
                .header("Content-Type", contentType)
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private HttpRequest.Builder request(String path, String authorization) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(url + path));
        if (!authorization.isEmpty()) {
            builder.header("Authorization", authorization);
        }
        return builder;
    }

    private static Reply send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
            String type = response.headers().firstValue("Content-Type").orElse("");
            JsonNode body = type.contains("json") && !type.contains("ndjson")
                    ? JSON.readTree(response.body())
                    : JSON.createObjectNode();
            return new Reply(response.statusCode(), body, response);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
