package dev.countersign.kernel;

import java.util.Optional;
import java.util.regex.Pattern;

/** The one shape of identifiers: 1 to 64 characters of {@code a-z 0-9 -}. */
public final class Identifiers {
    private static final Pattern SHAPE = Pattern.compile("[a-z0-9-]{1,64}");

    private Identifiers() {}

    /** Whether a text from outside can be an identifier of something; whether there is such a thing is another question. */
    public static boolean isOne(String text) {
        return SHAPE.matcher(text).matches();
    }

    /** A text from outside, if it can be an identifier. */
    public static Optional<String> find(String text) {
        return isOne(text) ? Optional.of(text) : Optional.empty();
    }

    static void check(String what, String value) {
        if (!isOne(value)) {
            throw new IllegalArgumentException(what + " must be 1 to 64 characters of a-z, 0-9 and -");
        }
    }
}
