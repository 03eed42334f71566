package dev.countersign.vault;

import java.security.SecureRandom;
import java.util.Base64;

/** The only source of randomness. Thread-safe. */
public final class Randomness {
    private static final String LOWER_BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
    private static final String LOWER_BASE32_IN_ORDER = "234567abcdefghijklmnopqrstuvwxyz";
    private static final int MOST_PARTS = 32 * 32;

    private final SecureRandom random = new SecureRandom();

    public SecretBytes bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return SecretBytes.of(bytes);
    }

    /** A name that does not repeat: 128 random bits in 26 characters of {@code a-z2-7}. Not a secret. */
    public String identifier() {
        byte[] bytes = new byte[26];
        random.nextBytes(bytes);
        StringBuilder name = new StringBuilder(26);
        for (byte b : bytes) {
            name.append(LOWER_BASE32.charAt(b & 31));
        }
        return name.toString();
    }

    /**
     * The same, within one of equal parts of all identifiers in their order: what is stored together then lies together. Of
     * the 128 bits at least 118 stay random.
     *
     * @param part from 0
     * @param parts 1 to 1,024, a power of two
     */
    public String identifier(int part, int parts) {
        if (Integer.bitCount(parts) != 1 || parts > MOST_PARTS || part < 0 || part >= parts) {
            throw new IllegalArgumentException("part " + part + " of " + parts);
        }
        int width = MOST_PARTS / parts;
        int first = part * width + random.nextInt(width);
        return "" + LOWER_BASE32_IN_ORDER.charAt(first / 32) + LOWER_BASE32_IN_ORDER.charAt(first % 32)
                + identifier().substring(2);
    }

    /** A new token of 256 random bits. */
    public Token token() {
        return new Token(
                Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(32).reveal()));
    }

    /** {@code length} characters drawn evenly from {@code alphabet}, whose size must divide 256. */
    public SecretText text(String alphabet, int length) {
        if (256 % alphabet.length() != 0) {
            throw new IllegalArgumentException(
                    "an alphabet of " + alphabet.length() + " symbols would be drawn unevenly");
        }
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        StringBuilder text = new StringBuilder(length);
        for (byte b : bytes) {
            text.append(alphabet.charAt((b & 0xff) % alphabet.length()));
        }
        return SecretText.of(text.toString());
    }

    /** {@code length} decimal digits, all numbers alike likely; at most nine. */
    public String digits(int length) {
        if (length == 0) {
            return "";
        }
        int bound = 1;
        for (int i = 0; i < length; i++) {
            bound = Math.multiplyExact(bound, 10);
        }
        return String.format(java.util.Locale.ROOT, "%0" + length + "d", random.nextInt(bound));
    }
}
