package dev.countersign.vault;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 (FIPS 180-4) of what is no secret, or of a secret with 256 random bits, which needs no salt and no slow hash. */
public final class Sha256 {
    /** Asking for one by name takes longer than hashing a token does; a copy of one that has seen nothing is the same. */
    private static final MessageDigest NEW = find();

    private Sha256() {}

    /** 32 bytes. */
    public static byte[] of(byte[] message) {
        return begin().digest(message);
    }

    /** 64 hexadecimal digits. */
    public static String hex(byte[] message) {
        return HexFormat.of().formatHex(of(message));
    }

    /** For what comes piece by piece. */
    public static MessageDigest begin() {
        try {
            return (MessageDigest) NEW.clone();
        } catch (CloneNotSupportedException e) {
            return find();
        }
    }

    private static MessageDigest find() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
