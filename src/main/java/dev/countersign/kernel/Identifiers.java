package dev.countersign.kernel;

import java.util.regex.Pattern;

/** The one shape of identifiers: 1 to 64 characters of {@code a-z 0-9 -}. */
final class Identifiers {
    private static final Pattern SHAPE = Pattern.compile("[a-z0-9-]{1,64}");

    private Identifiers() {}

    static void check(String what, String value) {
        if (!SHAPE.matcher(value).matches()) {
            throw new IllegalArgumentException(what + " must be 1 to 64 characters of a-z, 0-9 and -");
        }
    }
}
