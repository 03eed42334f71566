package dev.countersign.activity;

import dev.countersign.vault.Sha256;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * An entry in the list of a checkpoint.
 *
 * @param open sealed without its count, which is sealed by a later checkpoint
 * @param digest {@link LoggedEntry#digest}
 */
public record ListedEntry(long sequence, boolean open, String digest) {
    private static final int DIGEST_BYTES = 32;
    /** One byte that says whether it is open, the number, the digest. */
    private static final int BYTES = 1 + Long.BYTES + DIGEST_BYTES;

    static ListedEntry of(LoggedEntry entry) {
        return new ListedEntry(entry.sequence(), entry.mayGrow(), entry.digest(entry.mayGrow()));
    }

    /** The list as it is stored and hashed. */
    static byte[] pack(List<ListedEntry> entries) {
        ByteBuffer packed = ByteBuffer.allocate(entries.size() * BYTES);
        for (ListedEntry entry : entries) {
            packed.put((byte) (entry.open ? 1 : 0))
                    .putLong(entry.sequence)
                    .put(HexFormat.of().parseHex(entry.digest));
        }
        return packed.array();
    }

    /** What {@link #pack} gave; a list somebody has cut or filled up ends where its last whole entry ends. */
    static List<ListedEntry> unpack(byte[] packed) {
        ByteBuffer rest = ByteBuffer.wrap(packed);
        List<ListedEntry> entries = new ArrayList<>();
        while (rest.remaining() >= BYTES) {
            boolean open = rest.get() != 0;
            long sequence = rest.getLong();
            byte[] digest = new byte[DIGEST_BYTES];
            rest.get(digest);
            entries.add(new ListedEntry(sequence, open, HexFormat.of().formatHex(digest)));
        }
        return entries;
    }

    /** What a checkpoint signs for its list. */
    static String hash(byte[] packed) {
        return Sha256.hex(packed);
    }
}
