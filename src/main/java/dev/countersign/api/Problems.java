package dev.countersign.api;

import dev.countersign.web.RequestFacts;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.time.Duration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;

/** The refusals of REST, as problem+json (RFC 9457) with stable types. */
final class Problems {
    private static final String TYPES = "https://countersign.dev/problems/";
    private static final String CHALLENGE = "Bearer realm=\"countersign\"";

    private Problems() {}

    /** Every refused sign-in looks like this one: what was wrong does not show. */
    static ResponseEntity<ProblemDetail> signInFailed(HttpServletRequest request) {
        return builder(HttpStatus.UNAUTHORIZED)
                .header(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE)
                .body(problem(
                        HttpStatus.UNAUTHORIZED,
                        "sign-in-failed",
                        "Login failed. Please check your login details and try again. Otherwise contact your administrator.",
                        request));
    }

    static ResponseEntity<ProblemDetail> notSignedIn(HttpServletRequest request) {
        return builder(HttpStatus.UNAUTHORIZED)
                .header(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE)
                .body(problem(
                        HttpStatus.UNAUTHORIZED,
                        "not-signed-in",
                        "Send a live session token as 'Authorization: Bearer'.",
                        request));
    }

    static ResponseEntity<ProblemDetail> tooMany(Duration pause, HttpServletRequest request) {
        return builder(HttpStatus.TOO_MANY_REQUESTS)
                .header(HttpHeaders.RETRY_AFTER, Long.toString(pause.toSeconds()))
                .body(problem(
                        HttpStatus.TOO_MANY_REQUESTS,
                        "too-many-attempts",
                        "Too many attempts. Wait " + pause.toSeconds() + " seconds.",
                        request));
    }

    static ResponseEntity<ProblemDetail> busy(HttpServletRequest request) {
        return builder(HttpStatus.SERVICE_UNAVAILABLE)
                .header(HttpHeaders.RETRY_AFTER, "3")
                .body(problem(
                        HttpStatus.SERVICE_UNAVAILABLE,
                        "busy",
                        "Many people are signing in at this moment. Try again in a few seconds.",
                        request));
    }

    static ResponseEntity<ProblemDetail> invalid(String detail, HttpServletRequest request) {
        return builder(HttpStatus.BAD_REQUEST)
                .body(problem(HttpStatus.BAD_REQUEST, "invalid-request", detail, request));
    }

    private static ResponseEntity.BodyBuilder builder(HttpStatus status) {
        return ResponseEntity.status(status).contentType(MediaType.APPLICATION_PROBLEM_JSON);
    }

    private static ProblemDetail problem(HttpStatus status, String type, String detail, HttpServletRequest request) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, detail);
        problem.setType(URI.create(TYPES + type));
        problem.setTitle(status.getReasonPhrase());
        problem.setProperty("requestId", RequestFacts.of(request).requestId());
        return problem;
    }
}
