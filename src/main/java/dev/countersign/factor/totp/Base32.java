package dev.countersign.factor.totp;

import dev.countersign.vault.SecretBytes;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Base 32 of RFC 4648 section 6 without padding: how authenticator apps take a secret. */
public final class Base32 {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private Base32() {}

    public static String encode(SecretBytes secret) {
        StringBuilder text = new StringBuilder();
        int buffer = 0;
        int bits = 0;
        for (byte b : secret.reveal()) {
            buffer = (buffer << 8) | (b & 0xff);
            bits += 8;
            while (bits >= 5) {
                bits -= 5;
                text.append(ALPHABET.charAt((buffer >> bits) & 31));
            }
            buffer &= (1 << bits) - 1;
        }
        if (bits > 0) {
            text.append(ALPHABET.charAt((buffer << (5 - bits)) & 31));
        }
        return text.toString();
    }

    /** The secret in a text, with or without padding, spaces and dashes, in either case; absent when it is none. */
    public static Optional<SecretBytes> decode(String text) {
        String bare = text.replaceAll("[\\s-]", "").replaceAll("=+$", "").toUpperCase(Locale.ROOT);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int buffer = 0;
        int bits = 0;
        for (int i = 0; i < bare.length(); i++) {
            int value = ALPHABET.indexOf(bare.charAt(i));
            if (value < 0) {
                return Optional.empty();
            }
            buffer = (buffer << 5 | value) & 0xfff;
            bits += 5;
            if (bits >= 8) {
                bits -= 8;
                bytes.write(buffer >> bits);
            }
        }
        return Optional.of(SecretBytes.of(bytes.toByteArray()));
    }

    /** The text in groups of four, as people copy it. */
    public static List<String> groups(String text) {
        List<String> groups = new ArrayList<>();
        for (int start = 0; start < text.length(); start += 4) {
            groups.add(text.substring(start, Math.min(start + 4, text.length())));
        }
        return List.copyOf(groups);
    }
}
