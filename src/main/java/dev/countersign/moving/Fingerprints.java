package dev.countersign.moving;

import dev.countersign.vault.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
        long value = ByteBuffer.wrap(Sha256.of(text.getBytes(StandardCharsets.UTF_8)))
                .getLong();
        return value == 0 ? 1 : value;
    }
}
