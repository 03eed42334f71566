package dev.countersign.vault;

import java.nio.charset.StandardCharsets;

/**
 * Where a sealed value is stored. It is authenticated with the value, so that a value copied into another row or column
 * does not open.
 */
public record Place(String table, String column, String row) {
    byte[] associatedData() {
        return (table + '\n' + column + '\n' + row).getBytes(StandardCharsets.UTF_8);
    }
}
