package dev.countersign.support;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes a MaxMind DB file (format 2.0) of a few IPv4 networks, each with a map of texts, maps and numbers. */
public final class PlaceFile {
    private static final int RECORD_BYTES = 3;
    private static final int SEPARATOR = 16;

    /** From this length on it stands in a byte of its own. */
    private static final int LONG = 29;

    private final List<int[]> nodes = new ArrayList<>();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private final List<Long> leaves = new ArrayList<>();

    public PlaceFile() {
        nodes.add(new int[] {0, 0});
    }

    /** Everything in {@code a.b.c.d/length}. */
    public PlaceFile with(String network, int length, Map<String, ?> record) {
        int address = 0;
        for (String part : network.split("\\.")) {
            address = address << 8 | Integer.parseInt(part);
        }
        int leaf = -1 - leaves.size();
        leaves.add((long) data.size());
        value(record);
        int node = 0;
        for (int bit = 0; bit < length; bit++) {
            int side = address >>> (31 - bit) & 1;
            if (bit == length - 1) {
                nodes.get(node)[side] = leaf;
            } else {
                if (nodes.get(node)[side] == 0) {
                    nodes.add(new int[] {0, 0});
                    nodes.get(node)[side] = nodes.size() - 1;
                }
                node = nodes.get(node)[side];
            }
        }
        return this;
    }

    private void value(Object value) {
        switch (value) {
            case Map<?, ?> map -> {
                data.write(7 << 5 | map.size());
                map.forEach((key, each) -> {
                    value(key);
                    value(each);
                });
            }
            case String text -> {
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                data.write(2 << 5 | Math.min(bytes.length, LONG));
                if (bytes.length >= LONG) {
                    data.write(bytes.length - LONG);
                }
                data.writeBytes(bytes);
            }
            case Integer number -> {
                data.write(6 << 5 | 4);
                data.writeBytes(new byte[] {
                    (byte) (number >> 24), (byte) (number >> 16), (byte) (number >> 8), number.byteValue()
                });
            }
            default -> throw new IllegalArgumentException(value.toString());
        }
    }

    /** The whole file. */
    public void write(Path file) throws IOException {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (int[] node : nodes) {
            for (int side : node) {
                int record = side == 0
                        ? nodes.size()
                        : side > 0 ? side : (int) (nodes.size() + SEPARATOR + leaves.get(-1 - side));
                whole.writeBytes(new byte[] {(byte) (record >> 16), (byte) (record >> 8), (byte) record});
            }
        }
        whole.writeBytes(new byte[SEPARATOR]);
        whole.writeBytes(data.toByteArray());
        whole.writeBytes(new byte[] {(byte) 0xab, (byte) 0xcd, (byte) 0xef});
        whole.writeBytes("MaxMind.com".getBytes(StandardCharsets.US_ASCII));
        data.reset();
        value(Map.of(
                "node_count", nodes.size(),
                "record_size", RECORD_BYTES * 8,
                "ip_version", 4,
                "database_type", "Test",
                "binary_format_major_version", 2,
                "binary_format_minor_version", 0,
                "build_epoch", 1_700_000_000));
        whole.writeBytes(data.toByteArray());
        Files.write(file, whole.toByteArray());
    }
}
