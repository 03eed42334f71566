package dev.countersign.factor.totp;

import dev.countersign.vault.SecretText;
import java.util.Optional;

/** A code as people type it: with spaces or dashes, or in the digits of their own script. */
final class CodeText {
    private static final int LONGEST_TYPED = 40;

    private CodeText() {}

    /** The code as ASCII digits, if it has exactly {@code count} of them. */
    static Optional<String> digits(SecretText typed, int count) {
        String text = typed.reveal();
        if (text.length() > LONGEST_TYPED) {
            return Optional.empty();
        }
        StringBuilder digits = new StringBuilder();
        for (int c : text.codePoints().toArray()) {
            int value = Character.digit(c, 10);
            if (value >= 0) {
                digits.append((char) ('0' + value));
            } else if (!Character.isWhitespace(c) && !Character.isSpaceChar(c) && c != '-') {
                return Optional.empty();
            }
        }
        return digits.length() == count ? Optional.of(digits.toString()) : Optional.empty();
    }
}
