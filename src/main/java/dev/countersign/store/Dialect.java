package dev.countersign.store;

import java.util.List;

/** What SQLite and PostgreSQL cannot say in the same words. Everything else is one SQL for both. */
public enum Dialect {
    SQLITE("INTEGER PRIMARY KEY AUTOINCREMENT", "COLLATE BINARY"),
    POSTGRESQL("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "COLLATE \"C\"");

    /** What a connection of SQLite keeps of the file at most; a small installation never comes to it. */
    static final int SQLITE_CACHE_KIB = 2_048;

    private static final int SQLITE_CACHE_FOR_MUCH_KIB = 65_536;

    private final String identity;
    private final String bytewise;

    Dialect(String identity, String bytewise) {
        this.identity = identity;
        this.bytewise = bytewise;
    }

    /** How a table numbers its rows; the placeholder {@code ${identity}} of the migrations. */
    String identity() {
        return identity;
    }

    /** The collation that compares bytes, the same on both; the placeholder {@code ${bytewise}} of the migrations. */
    public String bytewise() {
        return bytewise;
    }

    /** The database's clock. */
    String epochMillis() {
        return switch (this) {
            case SQLITE -> "CAST(unixepoch('subsec') * 1000 AS INTEGER)";
            case POSTGRESQL -> "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";
        };
    }

    /**
     * What makes the writing connection fit for very many rows: it leaves the copying back of its log to
     * {@link Writers#settle}, and does it itself only at 64 MiB.
     */
    List<String> forMuch() {
        return switch (this) {
            case SQLITE ->
                List.of("PRAGMA cache_size = -" + SQLITE_CACHE_FOR_MUCH_KIB, "PRAGMA wal_autocheckpoint = 16000");
            case POSTGRESQL -> List.of();
        };
    }

    /** What {@link #forMuch} changed as it was before; the log's file is cut when it is begun anew. */
    List<String> forLittle() {
        return switch (this) {
            case SQLITE ->
                List.of(
                        "PRAGMA cache_size = -" + SQLITE_CACHE_KIB,
                        "PRAGMA wal_autocheckpoint = 1000",
                        "PRAGMA journal_size_limit = 8388608");
            case POSTGRESQL -> List.of();
        };
    }
}
