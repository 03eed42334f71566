package dev.countersign.administration;

import java.util.function.Function;

/** What came of something an administrator asked for. */
public sealed interface Outcome<T> {
    record Done<T>(T value) implements Outcome<T> {}

    record Refused<T>(Refusal why) implements Outcome<T> {}

    /** A result without a value. */
    enum Nothing {
        NOTHING
    }

    static Outcome<Nothing> done() {
        return new Done<>(Nothing.NOTHING);
    }

    static <T> Outcome<T> refused(Refusal why) {
        return new Refused<>(why);
    }

    /** One of the two functions, applied to what there is. */
    default <R> R fold(Function<T, R> whenDone, Function<Refusal, R> whenRefused) {
        return switch (this) {
            case Done<T>(T value) -> whenDone.apply(value);
            case Refused<T>(Refusal why) -> whenRefused.apply(why);
        };
    }
}
