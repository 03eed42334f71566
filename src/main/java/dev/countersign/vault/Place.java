package dev.countersign.vault;

import java.nio.charset.StandardCharsets;

/**
 * Where a sealed value is stored. It is authenticated with the value, so that a value copied into another row or column, given
 * to another owner, or put back after it was replaced does not open.
 *
 * @param owner whose value it is: an account or an environment; empty when the row says enough
 * @param version how often the value was replaced, as counted beside the row; 0 for what is written once
 */
public record Place(String table, String column, String row, String owner, long version) {
    /** The place of a value that is written once. */
    public Place(String table, String column, String row) {
        this(table, column, row, "", 0);
    }

    /** The same place for the value of this owner that is current at this version. */
    public Place of(String newOwner, long newVersion) {
        return new Place(table, column, row, newOwner, newVersion);
    }

    byte[] associatedData() {
        return (table + '\n' + column + '\n' + row + '\n' + owner + '\n' + version).getBytes(StandardCharsets.UTF_8);
    }

    /** What was authenticated before owner and version were. */
    byte[] formerAssociatedData() {
        return (table + '\n' + column + '\n' + row).getBytes(StandardCharsets.UTF_8);
    }
}
