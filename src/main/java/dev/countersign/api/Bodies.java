package dev.countersign.api;

import dev.countersign.web.ProblemType;
import dev.countersign.web.Refusal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a body must hold. */
final class Bodies {
    private static final Pattern ID = Pattern.compile("[a-z0-9-]{1,64}");

    private Bodies() {}

    /** An identifier of an address, if it can be one. */
    static Optional<String> identifier(String text) {
        return ID.matcher(text).matches() ? Optional.of(text) : Optional.empty();
    }

    /** A moment of a query. */
    static Optional<Instant> instant(String field, @Nullable String text) {
        try {
            return Optional.ofNullable(text).map(Instant::parse);
        } catch (DateTimeException e) {
            throw Refusal.of(ProblemType.INVALID_REQUEST, field, field + " is a moment such as 2026-11-22T08:00:00Z");
        }
    }

    /** The value of a field that must be there: JSON can leave out what Java cannot. */
    static <T> T required(String field, @Nullable T value) {
        if (value == null) {
            throw Refusal.of(ProblemType.INVALID_REQUEST, field, field + " is missing");
        }
        return value;
    }
}
