package dev.countersign.moving;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** Texts that were seen, of each only 64 bits: a million take 16 MiB, and two that are alike by chance are one in ten million. */
final class Fingerprints {
    private long[] slots = new long[1 << 12];
    private int used;

    /** Adds a text; false when it was there. */
    boolean add(String text) {
        long value = fingerprint(text);
        if (find(value)) {
            return false;
        }
        if (used * 2 > slots.length) {
            grow();
        }
        place(value);
        used++;
        return true;
    }

    boolean contains(String text) {
        return find(fingerprint(text));
    }

    private boolean find(long value) {
        for (int i = start(value); slots[i] != 0; i = i + 1 & slots.length - 1) {
            if (slots[i] == value) {
                return true;
            }
        }
        return false;
    }

    private void place(long value) {
        int i = start(value);
        while (slots[i] != 0) {
            i = i + 1 & slots.length - 1;
        }
        slots[i] = value;
    }

    private void grow() {
        long[] old = slots;
        slots = new long[old.length * 2];
        Arrays.stream(old).filter(value -> value != 0).forEach(this::place);
    }

    private int start(long value) {
        return (int) value & slots.length - 1;
    }

    private static long fingerprint(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            long value = ByteBuffer.wrap(hash).getLong();
            return value == 0 ? 1 : value;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
