package dev.countersign.web;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.vault.Place;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.Vault;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;
import org.springframework.web.util.ContentCachingResponseWrapper;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Requests that are sent twice are done once (draft-ietf-httpapi-idempotency-key-header). The answer to a request with an
 * {@code Idempotency-Key} is kept for a day, sealed, for whoever sent it with the same Authorization; the check of that comes
 * first, so a key that was revoked meanwhile sees nothing. Thread-safe.
 */
@Component
final class Idempotency {
    static final String HEADER = "Idempotency-Key";
    static final int LARGEST_BODY = 1 << 20;

    private static final Duration KEPT = Duration.ofHours(24);
    private static final Duration LONGEST_WORK = Duration.ofMinutes(2);
    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,255}");
    private static final String PENDING = Idempotency.class.getName();
    private static final List<String> KEPT_HEADERS =
            List.of("Content-Type", "Location", "ETag", "Link", "WWW-Authenticate");

    private final Database database;
    private final IdempotentRequestStore store;
    private final Vault vault;
    private final Problems problems;
    private final JsonMapper json;
    private final Clock clock;

    Idempotency(
            Database database,
            IdempotentRequestStore store,
            Vault vault,
            Problems problems,
            JsonMapper json,
            Clock clock) {
        this.database = database;
        this.store = store;
        this.vault = vault;
        this.problems = problems;
        this.json = json;
        this.clock = clock;
    }

    static boolean applies(HttpServletRequest request) {
        return request.getMethod().equals("POST") && request.getHeader(HEADER) != null;
    }

    /** Whether a request may reach its handler; else it has been answered here. Called once the caller was let in. */
    boolean admit(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!applies(request) || !(request.getAttribute(PENDING + ".body") instanceof byte[] body)) {
            return true;
        }
        String key = request.getHeader(HEADER);
        if (!KEY.matcher(key).matches()) {
            problems.send(
                    Refusal.of(
                            ProblemType.INVALID_REQUEST,
                            HEADER,
                            "Idempotency-Key is 1 to 255 visible ASCII characters."),
                    request,
                    response);
            return false;
        }
        EnvironmentId environment = RequestFacts.of(request).environment().id();
        String keyHash =
                stored(hashes("idempotency-key", List.of(environment.value(), whose(request), key), new byte[0]));
        List<String> requestHashes = hashes(
                "idempotent-request",
                List.of(
                        request.getRequestURI(),
                        Optional.ofNullable(request.getQueryString()).orElse("")),
                body);
        Instant now = clock.instant();
        if (database.write(() -> store.claim(environment, keyHash, requestHashes.getFirst(), now, now.plus(KEPT)))) {
            request.setAttribute(PENDING, keyHash);
            return true;
        }
        answerAgain(keyHash, requestHashes, now, request, response);
        return false;
    }

    /** Keeps a body that was read, for {@link #admit}. */
    static void keepBody(HttpServletRequest request, byte[] body) {
        request.setAttribute(PENDING + ".body", body);
    }

    /** Under which hash a key is known: one that an older key of the server made, or that of the newest. */
    private String stored(List<String> hashes) {
        return hashes.size() == 1
                ? hashes.getFirst()
                : hashes.stream()
                        .filter(hash -> store.find(hash).isPresent())
                        .findFirst()
                        .orElse(hashes.getFirst());
    }

    private void answerAgain(
            String keyHash,
            List<String> requestHashes,
            Instant now,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        Optional<IdempotentRequestStore.Row> before = store.find(keyHash);
        if (before.isEmpty()) {
            problems.send(inProgress(), request, response);
            return;
        }
        if (!requestHashes.contains(before.get().requestHash())) {
            Refusal other = Refusal.of(
                    ProblemType.IDEMPOTENCY_KEY_REUSED,
                    HEADER,
                    "Another request was sent with this Idempotency-Key. Take a new one for each new request.");
            problems.send(other, request, response);
            return;
        }
        Optional<byte[]> sealedAnswer = before.get().sealedAnswer();
        if (sealedAnswer.isEmpty()) {
            boolean broken = before.get().startedAt().plus(LONGEST_WORK).isBefore(now);
            problems.send(broken ? outcomeUnknown() : inProgress(), request, response);
            return;
        }
        replay(keyHash, sealedAnswer.get(), request, response);
    }

    private static Refusal inProgress() {
        return Refusal.of(
                ProblemType.REQUEST_IN_PROGRESS, "The same request is being worked on. Ask again in a moment.");
    }

    private static Refusal outcomeUnknown() {
        return Refusal.of(
                ProblemType.OUTCOME_UNKNOWN,
                "The server was interrupted while it worked on this request. Look what became of it, then send it with a"
                        + " new Idempotency-Key if it is still needed.");
    }

    private void replay(String keyHash, byte[] sealedAnswer, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        try {
            JsonNode answer =
                    json.readTree(vault.open(sealedAnswer, place(keyHash)).reveal());
            response.setStatus(answer.path("status").asInt());
            answer.path("headers")
                    .properties()
                    .forEach(header -> response.setHeader(
                            header.getKey(), header.getValue().asString()));
            response.setHeader("Idempotency-Replayed", "true");
            response.getOutputStream()
                    .write(Base64.getDecoder().decode(answer.path("body").asString()));
        } catch (Vault.NotOurs e) {
            problems.send(outcomeUnknown(), request, response);
        }
    }

    /** Keeps the answer, or forgets the request when it may be sent again: the server was busy, or it was too many. */
    void finish(HttpServletRequest request, ContentCachingResponseWrapper response) {
        if (!(request.getAttribute(PENDING) instanceof String keyHash)) {
            return;
        }
        int status = response.getStatus();
        if (status >= 500 || status == 429) {
            database.write(() -> store.delete(keyHash));
            return;
        }
        Map<String, String> headers = new TreeMap<>();
        for (String name : KEPT_HEADERS) {
            Optional.ofNullable(response.getHeader(name)).ifPresent(value -> headers.put(name, value));
        }
        Optional.ofNullable(response.getContentType()).ifPresent(type -> headers.put("Content-Type", type));
        Answer answer =
                new Answer(status, headers, Base64.getEncoder().encodeToString(response.getContentAsByteArray()));
        byte[] bytes = vault.seal(SecretBytes.of(json.writeValueAsBytes(answer)), place(keyHash));
        database.write(() -> store.answer(keyHash, bytes));
    }

    /** What was answered, as it is sealed. */
    record Answer(int status, Map<String, String> headers, String body) {
        @Override
        public String toString() {
            return "Answer(" + status + ", hidden)";
        }
    }

    /** Removes what is older than a day; answers how many rows. */
    int forgetOld(Instant now) {
        return database.write(() -> store.deleteExpired(now));
    }

    /** Who sent a request: whoever sends the same Authorization; without one, the address. */
    private static String whose(HttpServletRequest request) {
        return Optional.ofNullable(request.getHeader("Authorization"))
                .map(header -> "authorization " + header)
                .orElseGet(() -> "address " + RequestFacts.of(request).address());
    }

    /** Keyed, since a body can hold a password. */
    private List<String> hashes(String purpose, List<String> parts, byte[] rest) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        parts.forEach(part -> {
            message.writeBytes(part.getBytes(StandardCharsets.UTF_8));
            message.write(0);
        });
        message.writeBytes(rest);
        return vault.keyedHashes(purpose, message.toByteArray()).stream()
                .map(HexFormat.of()::formatHex)
                .toList();
    }

    private static Place place(String keyHash) {
        return new Place("idempotent_request", "sealed_answer", keyHash);
    }
}
