package dev.countersign.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.bind.MissingRequestValueException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** Answers what REST handlers refuse, and bodies and parameters that cannot be read. */
@RestControllerAdvice(annotations = RestController.class)
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
final class RestFailures {
    private static final int LONGEST_NAME = 60;

    /** Fields that answers have and requests do not, and how what they say is changed. */
    private static final Map<String, String> READ_ONLY = Map.ofEntries(
            Map.entry("id", "it is given by the server"),
            Map.entry("createdAt", "it is given by the server"),
            Map.entry("lastSignInAt", "it is given by the server"),
            Map.entry("lastUsedAt", "it is given by the server"),
            Map.entry("version", "send it as If-Match"),
            Map.entry("prefix", "it is given by the server"),
            Map.entry("environment", "the host name of the request decides it"),
            Map.entry("owner", "it is whoever sends the request"),
            Map.entry("source", "it is given by the server"),
            Map.entry("status", "it follows from the rules"),
            Map.entry("role", "use PUT /api/v1/people/{id}/role"),
            Map.entry("groups", "use PUT /api/v1/groups/{id}/members/{person}"),
            Map.entry("disabled", "use POST /api/v1/people/{id}/disable or /enable"),
            Map.entry("password", "use PUT /api/v1/people/{id}/password"),
            Map.entry("passwordHash", "hashes are taken by import only"),
            Map.entry("twoFactor", "people set it up themselves; use POST /api/v1/people/{id}/reset to take it back"));

    @ExceptionHandler
    ResponseEntity<Problem> refused(Refusal refusal, HttpServletRequest request) {
        return Problems.reply(refusal, request);
    }

    @ExceptionHandler
    ResponseEntity<Problem> unreadable(HttpMessageNotReadableException failure, HttpServletRequest request) {
        return Problems.reply(explain(failure), request);
    }

    private static Refusal explain(HttpMessageNotReadableException failure) {
        return switch (failure.getCause()) {
            case UnrecognizedPropertyException unknown -> unknown(shown(unknown.getPropertyName()));
            case StreamReadException broken ->
                Refusal.of(
                        ProblemType.INVALID_JSON,
                        "The body is not JSON: look at line "
                                + broken.getLocation().getLineNr() + ", column "
                                + broken.getLocation().getColumnNr() + ".");
            case JacksonException wrong -> wrongType(wrong);
            case null, default -> Refusal.of(ProblemType.INVALID_JSON, "Send a JSON object as the body.");
        };
    }

    private static Refusal unknown(String name) {
        String advice = READ_ONLY.get(name);
        return advice == null
                ? Refusal.of(
                        ProblemType.UNKNOWN_FIELD,
                        name,
                        "There is no field '" + name + "' here. Leave it out, or look for its spelling in"
                                + " /api/v1/openapi.json.")
                : Refusal.of(ProblemType.READ_ONLY_FIELD, name, "'" + name + "' cannot be set here: " + advice + ".");
    }

    private static Refusal wrongType(JacksonException wrong) {
        String field = wrong.getPath().isEmpty()
                ? ""
                : shown(String.valueOf(wrong.getPath().getLast().getPropertyName()));
        return field.isEmpty()
                ? Refusal.of(ProblemType.INVALID_JSON, "Send a JSON object as the body.")
                : Refusal.of(ProblemType.INVALID_JSON, field, "'" + field + "' has a value of the wrong kind.");
    }

    @ExceptionHandler
    ResponseEntity<Problem> wrongParameter(MethodArgumentTypeMismatchException failure, HttpServletRequest request) {
        String name = failure.getName();
        return Problems.reply(
                Refusal.of(ProblemType.INVALID_REQUEST, name, "'" + name + "' has a value that cannot be read."),
                request);
    }

    @ExceptionHandler
    ResponseEntity<Problem> missing(MissingRequestValueException failure, HttpServletRequest request) {
        return Problems.reply(
                Refusal.of(ProblemType.INVALID_REQUEST, failure.getBody().getDetail() + ""), request);
    }

    /** What someone sent, fit to be sent back. */
    private static String shown(String text) {
        String printable = text.replaceAll("[^\\x20-\\x7e]", "?");
        return printable.length() > LONGEST_NAME ? printable.substring(0, LONGEST_NAME) : printable;
    }
}
