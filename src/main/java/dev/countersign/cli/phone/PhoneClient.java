package dev.countersign.cli.phone;

import dev.countersign.kernel.StartFailure;
import dev.countersign.vault.P256;
import dev.countersign.vault.PhoneKey;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.Sha256;
import dev.countersign.vault.SigningKey;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The companion protocol, spoken by a phone: {@code docs/companion-protocol.md}, whose sections are named here. */
final class PhoneClient {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String BASE = "/api/companion/v1";
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final long LONGEST_ANSWER = 1_000_000;

    private final String server;
    private final SigningKey key;
    private final Clock clock;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    private final Randomness randomness = new Randomness();
    private long serverIsAheadSeconds;

    /** @param server scheme and host, as in section 1.2 */
    PhoneClient(String server, SigningKey key, Clock clock) {
        this.server = server;
        this.key = key;
        this.clock = clock;
    }

    /** An answer of the server. */
    record Reply(int status, JsonNode json) {
        /** The last part of the type of a problem. */
        String problem() {
            String type = json.path("type").asString("");
            return type.substring(type.lastIndexOf('/') + 1);
        }

        String text(String field) {
            return json.path(field).asString("");
        }

        /** The same, or a failure that says what the server said. */
        Reply orFail() {
            if (status < 300) {
                return this;
            }
            String said = text("detail").isEmpty() ? "status " + status : text("detail");
            throw new StartFailure(StartFailure.Kind.REFUSED, "The server refuses: " + said);
        }
    }

    /** The public half, as a JWK: section 1. */
    Map<String, String> jwk() {
        byte[] point = key.publicPoint();
        int half = (P256.POINT_BYTES - 1) / 2;
        Map<String, String> jwk = new LinkedHashMap<>();
        jwk.put("kty", "EC");
        jwk.put("crv", "P-256");
        jwk.put("x", base64(Arrays.copyOfRange(point, 1, 1 + half)));
        jwk.put("y", base64(Arrays.copyOfRange(point, 1 + half, P256.POINT_BYTES)));
        return jwk;
    }

    private String thumbprint() {
        Map<String, String> jwk = jwk();
        return PhoneKey.of(jwk.getOrDefault("x", ""), jwk.getOrDefault("y", ""))
                .orElseThrow()
                .thumbprint();
    }

    /** The four words of section 2, of a list the server publishes. */
    List<String> words(String pairing, String language) {
        String text = "countersign-pairing-v1\n" + pairing + "\n" + thumbprint();
        byte[] hash = Sha256.of(text.getBytes(StandardCharsets.UTF_8));
        String list = language.matches("[a-z]{2}") ? language : "en";
        List<String> words = send(HttpRequest.newBuilder(URI.create(server + "/companion/words/" + list + ".txt"))
                        .timeout(PATIENCE)
                        .build())
                .body()
                .lines()
                .toList();
        if (words.size() != 256) {
            throw new StartFailure(StartFailure.Kind.REFUSED, "The server has no list of words.");
        }
        return List.of(
                words.get(hash[0] & 0xff),
                words.get(hash[1] & 0xff),
                words.get(hash[2] & 0xff),
                words.get(hash[3] & 0xff));
    }

    Reply get(String path) {
        return call("GET", path, "");
    }

    Reply post(String path, Object body) {
        return call("POST", path, JSON.writeValueAsString(body));
    }

    /** Calls, and once more when the server says that this clock is wrong: section 1.1. */
    private Reply call(String method, String path, String body) {
        Reply first = callOnce(method, path, body);
        if (first.status() != 401 || !first.problem().equals("phone-clock")) {
            return first;
        }
        serverIsAheadSeconds =
                first.json().path("serverTime").asLong() - clock.instant().getEpochSecond();
        return callOnce(method, path, body);
    }

    private Reply callOnce(String method, String path, String body) {
        HttpRequest.BodyPublisher publisher =
                body.isEmpty() ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
        HttpResponse<String> response = send(HttpRequest.newBuilder(URI.create(server + BASE + path))
                .timeout(PATIENCE)
                .header("Authorization", "Phone " + proof(method, path, body))
                .header("Content-Type", "application/json")
                .method(method, publisher)
                .build());
        try {
            return new Reply(
                    response.statusCode(),
                    response.body().isEmpty() ? JSON.createObjectNode() : JSON.readTree(response.body()));
        } catch (JacksonException e) {
            throw new StartFailure(StartFailure.Kind.REFUSED, server + " is no Countersign.", e);
        }
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return http.send(
                    request, HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofString(), LONGEST_ANSWER));
        } catch (IOException e) {
            throw new StartFailure(StartFailure.Kind.REFUSED, server + " does not answer: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartFailure(StartFailure.Kind.REFUSED, "Interrupted.", e);
        }
    }

    private long now() {
        return clock.instant().getEpochSecond() + serverIsAheadSeconds;
    }

    /** Section 1.1. */
    private String proof(String method, String path, String body) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("htm", method);
        claims.put("htu", server + BASE + path);
        claims.put("iat", now());
        claims.put("jti", base64(randomness.bytes(16).reveal()));
        claims.put("bod", PhoneKey.digest(body.getBytes(StandardCharsets.UTF_8)));
        return sign("phone-proof+jwt", claims);
    }

    /** Section 1.2: a decision about a request as it was shown. */
    String decision(PhoneFile.Contents phone, JsonNode request, String choice, Optional<String> answer) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("request", request.path("id").asString(""));
        claims.put("phone", Optional.ofNullable(phone.id()).orElse(""));
        claims.put("account", Optional.ofNullable(phone.account()).orElse(""));
        claims.put("origin", phone.server());
        claims.put("decision", choice);
        answer.ifPresent(typed -> claims.put("answer", typed));
        claims.put("shown", shown(Optional.ofNullable(phone.account()).orElse(""), request));
        claims.put("iat", now());
        return sign("phone-decision+jwt", claims);
    }

    /** Section 3.2. */
    private static String shown(String account, JsonNode request) {
        StringBuilder text = new StringBuilder("countersign-request-v1\n");
        text.append(request.path("id").asString(""))
                .append('\n')
                .append(account)
                .append('\n');
        for (String field : List.of("application", "browser", "system", "address", "network", "place")) {
            text.append(request.path(field).asString("")).append('\n');
        }
        text.append(request.path("createdAt").asLong()).append('\n');
        text.append(request.path("expiresAt").asLong()).append('\n');
        text.append(request.path("confirmation").asString("")).append('\n');
        return PhoneKey.digest(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private String sign(String type, Map<String, Object> claims) {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("alg", "ES256");
        header.put("typ", type);
        header.put("kid", thumbprint());
        String text = base64(JSON.writeValueAsBytes(header)) + "." + base64(JSON.writeValueAsBytes(claims));
        return text + "." + base64(key.sign(text.getBytes(StandardCharsets.US_ASCII)));
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
