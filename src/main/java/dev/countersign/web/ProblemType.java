package dev.countersign.web;

import org.springframework.http.HttpStatus;

/** Every way in which REST refuses. The types are stable: programs compare them. */
public enum ProblemType {
    INVALID_REQUEST("invalid-request", HttpStatus.BAD_REQUEST, "The request cannot be read"),
    INVALID_JSON("invalid-json", HttpStatus.BAD_REQUEST, "The body is not the JSON that is expected"),
    UNKNOWN_FIELD("unknown-field", HttpStatus.BAD_REQUEST, "The body has a field that is not known"),
    READ_ONLY_FIELD("read-only-field", HttpStatus.BAD_REQUEST, "The body has a field that cannot be set here"),
    INVALID_CURSOR("invalid-cursor", HttpStatus.BAD_REQUEST, "The cursor is not one of this list"),
    NOT_AUTHENTICATED("not-authenticated", HttpStatus.UNAUTHORIZED, "No API key and no session token"),
    INVALID_TOKEN("invalid-token", HttpStatus.UNAUTHORIZED, "The API key or session token opens nothing"),
    INSUFFICIENT_USER_AUTHENTICATION(
            "insufficient-user-authentication", HttpStatus.UNAUTHORIZED, "A second factor is needed, or a newer one"),
    NOT_SIGNED_IN("not-signed-in", HttpStatus.UNAUTHORIZED, "No live session"),
    SIGN_IN_FAILED("sign-in-failed", HttpStatus.UNAUTHORIZED, "Sign-in failed"),
    CHALLENGE_FAILED("challenge-failed", HttpStatus.UNAUTHORIZED, "The second factor was not shown"),
    PERMISSION_MISSING("permission-missing", HttpStatus.FORBIDDEN, "A permission is missing"),
    PHONE_PROOF("phone-proof", HttpStatus.UNAUTHORIZED, "Not signed by a phone that is paired"),
    PHONE_DECISION("phone-decision", HttpStatus.FORBIDDEN, "Not this phone's answer to this request"),
    FORBIDDEN("forbidden", HttpStatus.FORBIDDEN, "Not allowed"),
    NOT_FOUND("not-found", HttpStatus.NOT_FOUND, "There is nothing here"),
    PAIRING_NOT_FOUND("pairing-not-found", HttpStatus.NOT_FOUND, "There is no such pairing"),
    METHOD_NOT_ALLOWED("method-not-allowed", HttpStatus.METHOD_NOT_ALLOWED, "The method does not exist here"),
    NOT_ACCEPTABLE("not-acceptable", HttpStatus.NOT_ACCEPTABLE, "Answers are JSON"),
    TAKEN("taken", HttpStatus.CONFLICT, "The name is taken"),
    LAST_ADMINISTRATOR("last-administrator", HttpStatus.CONFLICT, "Nobody could administer any more"),
    REQUEST_DECIDED("request-decided", HttpStatus.CONFLICT, "Answered before"),
    REQUEST_EXPIRED("request-expired", HttpStatus.GONE, "Too late"),
    CONFLICT("conflict", HttpStatus.CONFLICT, "Not possible as things stand"),
    REQUEST_IN_PROGRESS("request-in-progress", HttpStatus.CONFLICT, "The same request is being worked on"),
    OUTCOME_UNKNOWN("outcome-unknown", HttpStatus.CONFLICT, "The first request broke off"),
    VERSION_CHANGED("version-changed", HttpStatus.PRECONDITION_FAILED, "Somebody else was faster"),
    TOO_LARGE("too-large", HttpStatus.CONTENT_TOO_LARGE, "The body is too large"),
    UNSUPPORTED_MEDIA_TYPE("unsupported-media-type", HttpStatus.UNSUPPORTED_MEDIA_TYPE, "Send application/json"),
    INVALID_VALUE("invalid-value", HttpStatus.UNPROCESSABLE_CONTENT, "A value is not possible"),
    IDEMPOTENCY_KEY_REUSED(
            "idempotency-key-reused",
            HttpStatus.UNPROCESSABLE_CONTENT,
            "The Idempotency-Key belongs to another request"),
    PASSWORD_UNFIT("password-unfit", HttpStatus.UNPROCESSABLE_CONTENT, "The password cannot be taken"),
    CODE_WRONG("code-wrong", HttpStatus.UNPROCESSABLE_CONTENT, "The code is not that of the new factor"),
    NOT_ENTITLED("not-entitled", HttpStatus.UNPROCESSABLE_CONTENT, "The licence does not include this"),
    PRECONDITION_REQUIRED("precondition-required", HttpStatus.PRECONDITION_REQUIRED, "If-Match is missing"),
    TOO_MANY_ATTEMPTS("too-many-attempts", HttpStatus.TOO_MANY_REQUESTS, "Too many attempts"),
    TOO_MANY_REQUESTS("too-many-requests", HttpStatus.TOO_MANY_REQUESTS, "Too many requests"),
    INTERNAL("internal", HttpStatus.INTERNAL_SERVER_ERROR, "Something went wrong here"),
    BUSY("busy", HttpStatus.SERVICE_UNAVAILABLE, "Too busy at this moment");

    /** What every type begins with. */
    public static final String TYPES = "https://countersign.dev/problems/";

    private final String wireName;
    private final HttpStatus status;
    private final String title;

    ProblemType(String wireName, HttpStatus status, String title) {
        this.wireName = wireName;
        this.status = status;
        this.title = title;
    }

    /** The whole type, an address. */
    public String type() {
        return TYPES + wireName;
    }

    public HttpStatus status() {
        return status;
    }

    public String title() {
        return title;
    }

    /** The type for a status that no handler explained. */
    static ProblemType ofStatus(int status) {
        return switch (status) {
            case 403 -> FORBIDDEN;
            case 404 -> NOT_FOUND;
            case 405 -> METHOD_NOT_ALLOWED;
            case 406 -> NOT_ACCEPTABLE;
            case 413 -> TOO_LARGE;
            case 415 -> UNSUPPORTED_MEDIA_TYPE;
            case 503 -> BUSY;
            default -> status >= 500 ? INTERNAL : INVALID_REQUEST;
        };
    }

    /** What to do about a problem of which no more is known. */
    String generalAdvice() {
        return switch (this) {
            case NOT_FOUND -> "The routes are listed in /api/v1/openapi.json.";
            case METHOD_NOT_ALLOWED -> "The header Allow names the methods that exist here.";
            case NOT_ACCEPTABLE -> "Send 'Accept: application/json', or no Accept header.";
            case UNSUPPORTED_MEDIA_TYPE -> "Send the body with 'Content-Type: application/json'.";
            case TOO_LARGE -> "Send less at once.";
            case BUSY -> "Try again in a few seconds.";
            case FORBIDDEN -> "Send the request from the same site over HTTPS.";
            case INTERNAL -> "Tell your administrator the requestId.";
            default -> "Compare the request with /api/v1/openapi.json.";
        };
    }
}
