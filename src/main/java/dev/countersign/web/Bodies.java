package dev.countersign.web;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a body or a query must hold. */
public final class Bodies {
    private Bodies() {}

    /** A moment of a query. */
    public static Optional<Instant> instant(String field, @Nullable String text) {
        try {
            return Optional.ofNullable(text).map(Instant::parse);
        } catch (DateTimeException e) {
            throw Refusal.of(ProblemType.INVALID_REQUEST, field, field + " is a moment such as 2026-11-22T08:00:00Z");
        }
    }

    /** The value of a field that must be there: JSON can leave out what Java cannot. */
    public static <T> T required(String field, @Nullable T value) {
        if (value == null) {
            throw Refusal.of(ProblemType.INVALID_REQUEST, field, field + " is missing");
        }
        return value;
    }
}
