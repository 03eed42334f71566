package dev.countersign.store;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A row as bytes, the same whichever database it comes from. Not thread-safe. */
public final class RowCode {
    private static final int NULL = -1;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    private final DataOutputStream out = new DataOutputStream(bytes);

    /** The row's values, each with its length before it. */
    public byte[] encode(@Nullable Object[] values) throws IOException {
        bytes.reset();
        for (@Nullable Object value : values) {
            switch (value) {
                case null -> out.writeInt(NULL);
                case Long number -> {
                    out.writeInt(Long.BYTES);
                    out.writeLong(number);
                }
                case String text -> put(text.getBytes(StandardCharsets.UTF_8));
                case byte[] binary -> put(binary);
                default -> throw new IllegalArgumentException("a value of " + value.getClass());
            }
        }
        return bytes.toByteArray();
    }

    private void put(byte[] content) throws IOException {
        out.writeInt(content.length);
        out.write(content);
    }

    /** The values of the next row. */
    public static @Nullable Object[] decode(List<TableShape.Column> columns, DataInputStream in) throws IOException {
        @Nullable Object[] values = new @Nullable Object[columns.size()];
        for (int i = 0; i < values.length; i++) {
            int length = in.readInt();
            if (length != NULL) {
                values[i] = switch (columns.get(i).kind()) {
                    case TEXT -> new String(whole(in, length), StandardCharsets.UTF_8);
                    case BYTES -> whole(in, length);
                    case NUMBER, SHORT_NUMBER -> in.readLong();
                };
            }
        }
        return values;
    }

    private static byte[] whole(DataInputStream in, int length) throws IOException {
        byte[] content = in.readNBytes(length);
        if (content.length != length) {
            throw new java.io.EOFException("a row ends in the middle");
        }
        return content;
    }
}
