package dev.countersign.vault;

import java.security.MessageDigest;
import java.util.Arrays;

/**
 * Bytes nobody may see by accident: no readable {@code toString}, no {@code equals}. Immutable and thread-safe. Every
 * place that reads the bytes calls {@link #reveal()}, so that {@code grep reveal} lists them.
 */
public final class SecretBytes {
    private final byte[] bytes;

    private SecretBytes(byte[] bytes) {
        this.bytes = bytes;
    }

    /** A copy of {@code bytes}. */
    public static SecretBytes of(byte[] bytes) {
        return new SecretBytes(bytes.clone());
    }

    /** A copy of the bytes. */
    public byte[] reveal() {
        return bytes.clone();
    }

    public int length() {
        return bytes.length;
    }

    /** Compares in time that depends on the length alone. */
    public boolean equalsSecretBytes(SecretBytes other) {
        return MessageDigest.isEqual(bytes, other.bytes);
    }

    /** Overwrites the bytes; the value must not be used afterwards. */
    public void erase() {
        Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public String toString() {
        return "SecretBytes(" + bytes.length + " bytes)";
    }
}
