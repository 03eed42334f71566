package dev.countersign.vault;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** Text a person typed or is shown once: a password, a code. No readable {@code toString}, no {@code equals}. Immutable. */
public final class SecretText {
    private final String text;

    private SecretText(String text) {
        this.text = text;
    }

    public static SecretText of(String text) {
        return new SecretText(text);
    }

    /** The text itself. */
    public String reveal() {
        return text;
    }

    public boolean isEmpty() {
        return text.isEmpty();
    }

    /** Compares in time that depends on the lengths alone. */
    public boolean equalsSecretText(SecretText other) {
        return MessageDigest.isEqual(
                text.getBytes(StandardCharsets.UTF_8), other.text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "SecretText(" + (text.isEmpty() ? "empty" : "hidden") + ")";
    }
}
