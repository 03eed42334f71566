package dev.countersign.keys;

import dev.countersign.store.Database;
import dev.countersign.store.SecretVersions;
import java.sql.Types;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/** All SQL over sealed values, whatever table they are in. */
@Component
final class SealedStore {
    private final Database database;

    SealedStore(Database database) {
        this.database = database;
    }

    /**
     * A value as it is stored.
     *
     * @param sealed absent where it is still to be sealed
     * @param open what lies open beside it; empty where nothing does
     */
    record Value(
            String row,
            String owner,
            long version,
            String environment,
            String account,
            Optional<byte[]> sealed,
            String open) {}

    /** The values after {@code row}, in the order of their rows. */
    List<Value> after(SealedColumn column, String row, int limit) {
        return select(column, " AND " + there(column), row, limit)
                .query(SealedStore::value)
                .list();
    }

    /** Those of them that do not begin like {@code prefix}: sealed with another key, in a former way, or not yet. */
    List<Value> otherThan(SealedColumn column, byte[] prefix, String row, int limit) {
        String other = " AND " + there(column) + " AND (" + column.column() + " IS NULL OR substr(" + column.column()
                + ", 1, " + prefix.length + ") <> :prefix)";
        return select(column, other, row, limit)
                .param("prefix", prefix)
                .query(SealedStore::value)
                .list();
    }

    private org.springframework.jdbc.core.simple.JdbcClient.StatementSpec select(
            SealedColumn column, String condition, String row, int limit) {
        String version = column.counted()
                .map(place -> SecretVersions.column(column.owner(), place))
                .orElse("0");
        return database.sql()
                .sql("SELECT " + column.row() + " AS row_key, " + column.owner() + " AS owner_key, " + version
                        + " AS version, " + column.environment() + " AS environment, " + column.account()
                        + " AS account, " + column.column() + " AS sealed_value, "
                        + column.open().orElse("''") + " AS open_value FROM " + column.table() + " WHERE "
                        + column.row() + " > :row" + condition + " ORDER BY " + column.row() + " LIMIT :limit")
                .param("row", row)
                .param("limit", limit);
    }

    /** Where there is anything: also what an earlier version left open. */
    private static String there(SealedColumn column) {
        return column.open()
                .map(open -> "(" + column.column() + " IS NOT NULL OR (" + open + ") <> '')")
                .orElse(column.column() + " IS NOT NULL");
    }

    private static Value value(java.sql.ResultSet row, int number) throws java.sql.SQLException {
        return new Value(
                row.getString("row_key"),
                row.getString("owner_key"),
                row.getLong("version"),
                row.getString("environment"),
                row.getString("account"),
                Optional.ofNullable(row.getBytes("sealed_value")),
                row.getString("open_value"));
    }

    /** Whose a row is, by what is written in it. */
    record Whose(String environment, String account) {}

    Optional<Whose> whose(SealedColumn column, String row) {
        return database.sql()
                .sql("SELECT " + column.environment() + " AS environment, " + column.account() + " AS account FROM "
                        + column.table() + " WHERE " + column.row() + " = ?")
                .param(row)
                .query((found, _) -> new Whose(found.getString("environment"), found.getString("account")))
                .optional();
    }

    /** Stores the same value sealed anew, unless it has changed since it was read. */
    boolean replace(SealedColumn column, Value before, byte[] sealedAnew, Optional<String> hash) {
        String statement = "UPDATE " + column.table() + " SET " + column.column() + " = :new"
                + (column.closes() ? ", " + column.open().orElseThrow() + " = ''" : "")
                + (hash.isPresent() ? ", secret_hash = :hash" : "")
                + " WHERE " + column.row() + " = :row AND "
                + (before.sealed().isPresent()
                        ? column.column() + " = :old"
                        : column.column() + " IS NULL AND (" + column.open().orElseThrow() + ") = :open");
        return database.sql()
                        .sql(statement)
                        .param("new", sealedAnew)
                        .param("hash", hash.orElse(null), Types.VARCHAR)
                        .param("row", before.row())
                        .param("old", before.sealed().orElse(null), Types.BINARY)
                        .param("open", before.open())
                        .update()
                == 1;
    }

    /** How many values begin how; the empty beginning counts those not sealed yet. */
    Map<List<Byte>, Long> countByPrefix(SealedColumn column, int length) {
        Map<List<Byte>, Long> counts = new java.util.HashMap<>();
        database.sql()
                .sql("SELECT substr(" + column.column() + ", 1, " + length + ") AS prefix, count(*) AS many FROM "
                        + column.table() + " WHERE " + there(column) + " GROUP BY 1")
                .query(row -> {
                    byte[] prefix = row.getBytes("prefix");
                    counts.put(prefix == null ? List.of() : boxed(prefix), row.getLong("many"));
                });
        return counts;
    }

    private static List<Byte> boxed(byte[] bytes) {
        java.util.ArrayList<Byte> list = new java.util.ArrayList<>();
        for (byte each : bytes) {
            list.add(each);
        }
        return List.copyOf(list);
    }

    /** How many hashes of a column each key has made; the empty name counts those that do not say. */
    Map<String, Long> countByHashKey(String table, String column) {
        Map<String, Long> counts = new TreeMap<>();
        database.sql()
                .sql("SELECT CASE WHEN substr(" + column + ", 9, 1) = ':' THEN substr(" + column
                        + ", 1, 8) ELSE '' END AS hash_key, count(*) AS many FROM " + table + " GROUP BY 1")
                .query(row -> {
                    counts.put(row.getString("hash_key"), row.getLong("many"));
                });
        return counts;
    }
}
