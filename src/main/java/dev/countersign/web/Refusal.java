package dev.countersign.web;

import java.time.Duration;
import java.util.Optional;

/** Thrown by a REST handler to refuse a request; {@link RestFailures} answers it. Knows no more than the answer says. */
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ProblemType type;
    private final transient Optional<String> field;
    private final transient Optional<Duration> pause;

    private Refusal(ProblemType type, String detail, Optional<String> field, Optional<Duration> pause) {
        super(detail, null, false, false);
        this.type = type;
        this.field = field;
        this.pause = pause;
    }

    /** A refusal that says in {@code detail} what to do. */
    public static Refusal of(ProblemType type, String detail) {
        return new Refusal(type, detail, Optional.empty(), Optional.empty());
    }

    /** A refusal because of one field or parameter. */
    public static Refusal of(ProblemType type, String field, String detail) {
        return new Refusal(type, detail, Optional.of(field), Optional.empty());
    }

    /** A refusal until {@code pause} is over. */
    public static Refusal until(ProblemType type, Duration pause, String detail) {
        return new Refusal(type, detail, Optional.empty(), Optional.of(pause));
    }

    /** What was asked for is not there, or not the caller's to see: the same answer. */
    public static Refusal notFound() {
        return of(ProblemType.NOT_FOUND, ProblemType.NOT_FOUND.generalAdvice());
    }

    public ProblemType type() {
        return type;
    }

    public String detail() {
        return String.valueOf(getMessage());
    }

    public Optional<String> field() {
        return field;
    }

    public Optional<Duration> pause() {
        return pause;
    }
}
