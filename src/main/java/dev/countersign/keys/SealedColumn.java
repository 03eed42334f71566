package dev.countersign.keys;

import java.util.Optional;

/**
 * A column of sealed values. What is written here is SQL over the columns of the table.
 *
 * @param row names a row
 * @param owner whose value it is; the empty text where the row says enough
 * @param counted what replacements are counted under; absent for what is written once in the life of its row
 * @param environment the environment of a row; the empty text for what is the installation's
 * @param account the account of a row; the empty text where there is none
 * @param open what lies open beside a seal that only confirms it, or was to be sealed and is not yet
 * @param closes whether sealing makes the open value disappear
 * @param rehash the purpose of the keyed hash of the value that lies beside it, in {@code secret_hash}
 */
record SealedColumn(
        String table,
        String column,
        String row,
        String owner,
        Optional<String> counted,
        String environment,
        String account,
        Optional<String> open,
        boolean closes,
        Optional<String> rehash) {

    static final String NOBODY = "''";

    /** A value that is written once, and goes with its row. */
    static SealedColumn once(String table, String column, String row, String environment, String account) {
        return new SealedColumn(
                table,
                column,
                row,
                NOBODY,
                Optional.empty(),
                environment,
                account,
                Optional.empty(),
                false,
                Optional.empty());
    }

    /** A value of an account that can be replaced. */
    static SealedColumn ofAccount(String table, String column, String row, String counted) {
        return new SealedColumn(
                table,
                column,
                row,
                "account_id",
                Optional.of(counted),
                "environment_id",
                "account_id",
                Optional.empty(),
                false,
                Optional.empty());
    }

    SealedColumn ownedBy(String newOwner, String newCounted) {
        return new SealedColumn(
                table, column, row, newOwner, Optional.of(newCounted), environment, account, open, closes, rehash);
    }

    SealedColumn confirming(String openText) {
        return new SealedColumn(
                table, column, row, owner, counted, environment, account, Optional.of(openText), false, rehash);
    }

    SealedColumn closing(String openColumn) {
        return new SealedColumn(
                table, column, row, owner, counted, environment, account, Optional.of(openColumn), true, rehash);
    }

    SealedColumn hashedFor(String purpose) {
        return new SealedColumn(
                table, column, row, owner, counted, environment, account, open, closes, Optional.of(purpose));
    }

    String name() {
        return table + "." + column;
    }
}
