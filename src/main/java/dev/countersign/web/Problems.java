package dev.countersign.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Writes every refusal of REST, as problem+json. */
@Component
final class Problems {
    private static final String REALM = "Bearer realm=\"countersign\"";

    private final JsonMapper json;

    Problems(JsonMapper json) {
        this.json = json;
    }

    /** The refusal as a handler's answer. */
    static ResponseEntity<Problem> reply(Refusal refusal, HttpServletRequest request) {
        ResponseEntity.BodyBuilder reply =
                ResponseEntity.status(refusal.type().status()).contentType(MediaType.APPLICATION_PROBLEM_JSON);
        challenge(refusal).ifPresent(value -> reply.header(HttpHeaders.WWW_AUTHENTICATE, value));
        retryAfter(refusal).ifPresent(value -> reply.header(HttpHeaders.RETRY_AFTER, value));
        return reply.body(problem(refusal, request));
    }

    /** The refusal, sent before a handler was reached. */
    void send(Refusal refusal, HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setStatus(refusal.type().status().value());
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        challenge(refusal).ifPresent(value -> response.setHeader(HttpHeaders.WWW_AUTHENTICATE, value));
        retryAfter(refusal).ifPresent(value -> response.setHeader(HttpHeaders.RETRY_AFTER, value));
        response.getOutputStream().write(json.writeValueAsBytes(problem(refusal, request)));
    }

    private static Problem problem(Refusal refusal, HttpServletRequest request) {
        ProblemType type = refusal.type();
        return new Problem(
                type.type(),
                type.title(),
                type.status().value(),
                refusal.detail(),
                refusal.field().orElse(null),
                RequestFacts.find(request).map(RequestFacts::requestId).orElse(""));
    }

    private static Optional<String> retryAfter(Refusal refusal) {
        if (refusal.type() == ProblemType.BUSY && refusal.pause().isEmpty()) {
            return Optional.of("3");
        }
        if (refusal.type().status().value() < 429) {
            return Optional.empty();
        }
        return refusal.pause().map(pause -> Long.toString(Math.max(1, pause.toSeconds())));
    }

    /** What RFC 6750 and RFC 9470 want said beside a 401, and beside a 403 for want of a scope. */
    private static Optional<String> challenge(Refusal refusal) {
        return switch (refusal.type()) {
            case INVALID_TOKEN -> Optional.of(REALM + ", error=\"invalid_token\"");
            case INSUFFICIENT_USER_AUTHENTICATION ->
                Optional.of(REALM + ", error=\"insufficient_user_authentication\", acr_values=\"" + Access.SECOND_FACTOR
                        + "\""
                        + refusal.pause()
                                .map(age -> ", max_age=" + age.toSeconds())
                                .orElse(""));
            case PERMISSION_MISSING ->
                Optional.of(REALM + ", error=\"insufficient_scope\""
                        + refusal.field()
                                .map(scope -> ", scope=\"" + scope + "\"")
                                .orElse(""));
            default -> refusal.type().status().value() == 401 ? Optional.of(REALM) : Optional.empty();
        };
    }
}
