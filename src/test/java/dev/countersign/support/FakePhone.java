package dev.countersign.support;

import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A phone that speaks the companion protocol, written from {@code docs/companion-protocol.md} and sharing no code with the
 * server. Not thread-safe.
 */
public final class FakePhone {
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final SecureRandom RANDOM = new SecureRandom();

    private final String url;
    private final String origin;
    private final Clock clock;
    private final KeyPair key;
    private String id = "";
    private String account = "";
    private byte[] codes = new byte[0];

    public FakePhone(String url, Clock clock) {
        this(url, url, clock, newKey());
    }

    private FakePhone(String url, String origin, Clock clock, KeyPair key) {
        this.url = url;
        this.origin = origin;
        this.clock = clock;
        this.key = key;
    }

    private static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The same phone, which reaches another node of the same installation. */
    public FakePhone calling(String node) {
        return new FakePhone(node, origin, clock, key).pairedAs(id, account);
    }

    /** An answer of the server. */
    public record Reply(int status, String body) {
        public JsonNode json() {
            return JSON.readTree(body);
        }

        /** The last part of the type of a problem. */
        public String problem() {
            String type = json().path("type").asString("");
            return type.substring(type.lastIndexOf('/') + 1);
        }
    }

    public String id() {
        return id;
    }

    public String account() {
        return account;
    }

    /** The secret of its codes, as it came with the pairing. */
    public byte[] codes() {
        return codes.clone();
    }

    public Map<String, String> jwk() {
        ECPublicKey point = (ECPublicKey) key.getPublic();
        Map<String, String> jwk = new LinkedHashMap<>();
        jwk.put("crv", "P-256");
        jwk.put("kty", "EC");
        jwk.put("x", base64(coordinate(point.getW().getAffineX())));
        jwk.put("y", base64(coordinate(point.getW().getAffineY())));
        return jwk;
    }

    private static byte[] coordinate(BigInteger value) {
        byte[] bytes = value.toByteArray();
        byte[] padded = new byte[32];
        int length = Math.min(bytes.length, 32);
        System.arraycopy(bytes, bytes.length - length, padded, 32 - length, length);
        return padded;
    }

    /** RFC 7638. */
    public String thumbprint() {
        return digest(JSON.writeValueAsString(jwk()));
    }

    /** The numbers of the four words, as the phone computes them. */
    public int[] words(String pairing) {
        byte[] hash =
                sha256(("countersign-pairing-v1\n" + pairing + "\n" + thumbprint()).getBytes(StandardCharsets.UTF_8));
        return new int[] {hash[0] & 0xff, hash[1] & 0xff, hash[2] & 0xff, hash[3] & 0xff};
    }

    /** Offers its key by the id of the picture. */
    public Reply claim(String pairing, String name) {
        return post("/pairings/claim", Map.of("pairing", pairing, "key", jwk(), "name", name));
    }

    /** Offers its key by the typed code. */
    public Reply claimByCode(String code, String name) {
        return post("/pairings/claim", Map.of("code", code, "key", jwk(), "name", name));
    }

    /** Asks what became of the pairing, and keeps what it says once it is confirmed. */
    public Reply look(String pairing) {
        Reply reply = get("/pairings/" + pairing);
        if (reply.status() == 200 && reply.json().path("state").asString().equals("confirmed")) {
            id = reply.json().path("phone").path("id").asString();
            account = reply.json().path("account").path("id").asString();
            String secret = reply.json().path("codes").path("secret").asString("");
            if (!secret.isEmpty()) {
                codes = Base64.getUrlDecoder().decode(secret);
            }
        }
        return reply;
    }

    /** This phone as it is after it was paired without its calls. */
    public FakePhone pairedAs(String paired, String owner) {
        id = paired;
        account = owner;
        return this;
    }

    /** What waits. */
    public Reply requests() {
        return get("/requests");
    }

    /** The newest request that waits. */
    public JsonNode request() {
        JsonNode all = requests().json().path("requests");
        if (all.isEmpty()) {
            throw new AssertionError("no request waits");
        }
        return all.get(0);
    }

    /** Signs and sends a decision about a request as it was shown. */
    public Reply decide(JsonNode request, String choice, String answer) {
        return decide(request.path("id").asString(), decision(request, choice, answer));
    }

    /** Sends a decision that is signed already. */
    public Reply decide(String request, String decision) {
        return post("/requests/" + request + "/decision", Map.of("decision", decision));
    }

    /** A signed decision. */
    public String decision(JsonNode request, String choice, String answer) {
        return sign("phone-decision+jwt", claims(request, choice, answer));
    }

    /** What a decision says, to be changed by tests. */
    public Map<String, Object> claims(JsonNode request, String choice, String answer) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("request", request.path("id").asString());
        claims.put("phone", id);
        claims.put("account", account);
        claims.put("origin", origin);
        claims.put("decision", choice);
        if (!answer.isEmpty()) {
            claims.put("answer", answer);
        }
        claims.put("shown", shown(request));
        claims.put("iat", clock.instant().getEpochSecond());
        return claims;
    }

    private String shown(JsonNode request) {
        StringBuilder text = new StringBuilder("countersign-request-v1\n");
        text.append(request.path("id").asString()).append('\n').append(account).append('\n');
        for (String field : Arrays.asList("application", "browser", "system", "address", "network", "place")) {
            text.append(request.path(field).asString("")).append('\n');
        }
        text.append(request.path("createdAt").asLong()).append('\n');
        text.append(request.path("expiresAt").asLong()).append('\n');
        text.append(request.path("confirmation").asString()).append('\n');
        return digest(text.toString());
    }

    public Reply get(String path) {
        return send("GET", path, "", proof("GET", path, ""));
    }

    public Reply delete(String path) {
        return send("DELETE", path, "", proof("DELETE", path, ""));
    }

    public Reply post(String path, Object body) {
        String json = JSON.writeValueAsString(body);
        return send("POST", path, json, proof("POST", path, json));
    }

    public Reply put(String path, Object body) {
        String json = JSON.writeValueAsString(body);
        return send("PUT", path, json, proof("PUT", path, json));
    }

    /** Sends a request with any proof. */
    public Reply send(String method, String path, String body, String proof) {
        try {
            HttpResponse<String> response = CLIENT.send(
                    HttpRequest.newBuilder(URI.create(url + "/api/companion/v1" + path))
                            .timeout(Duration.ofMinutes(1))
                            .header("Authorization", "Phone " + proof)
                            .header("Content-Type", "application/json")
                            .method(
                                    method,
                                    body.isEmpty()
                                            ? HttpRequest.BodyPublishers.noBody()
                                            : HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return new Reply(response.statusCode(), response.body());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The proof of a request. */
    public String proof(String method, String path, String body) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("htm", method);
        claims.put("htu", url + "/api/companion/v1" + path);
        claims.put("iat", clock.instant().getEpochSecond());
        claims.put("jti", base64(random(16)));
        claims.put("bod", digest(body));
        return sign("phone-proof+jwt", claims);
    }

    /** A compact JWS. */
    public String sign(String type, Map<String, Object> claims) {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("alg", "ES256");
        header.put("typ", type);
        header.put("kid", thumbprint());
        return sign(header, claims);
    }

    /** A compact JWS with any header, signed by this phone's key whatever the header says. */
    public String sign(Map<String, Object> header, Map<String, Object> claims) {
        String text = base64(JSON.writeValueAsBytes(header)) + "." + base64(JSON.writeValueAsBytes(claims));
        try {
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(key.getPrivate());
            signature.update(text.getBytes(StandardCharsets.US_ASCII));
            return text + "." + base64(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    private static String digest(String text) {
        return base64(sha256(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
