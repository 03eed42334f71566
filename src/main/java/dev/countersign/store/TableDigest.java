package dev.countersign.store;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * What a table holds as 32 bytes, in whatever order its rows come: the sum of the SHA-256 of each row. It shows that a copy
 * holds what its source holds; it is no proof against somebody who makes up rows. It goes on from where it was kept. Not
 * thread-safe.
 */
public final class TableDigest {
    private static final int WORDS = 4;

    private final MessageDigest sha256;
    private final long[] sum = new long[WORDS];
    private long rows;

    public TableDigest() {
        this(0, new byte[WORDS * Long.BYTES]);
    }

    TableDigest(long rows, byte[] kept) {
        this.rows = rows;
        ByteBuffer.wrap(kept).asLongBuffer().get(sum);
        try {
            this.sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** @param row as {@link RowCode} encodes it */
    public void add(byte[] row) {
        ByteBuffer hash = ByteBuffer.wrap(sha256.digest(row));
        for (int i = 0; i < WORDS; i++) {
            sum[i] += hash.getLong();
        }
        rows++;
    }

    public long rows() {
        return rows;
    }

    /** 32 bytes. */
    public byte[] value() {
        ByteBuffer value = ByteBuffer.allocate(WORDS * Long.BYTES);
        value.asLongBuffer().put(sum);
        return value.array();
    }
}
