package dev.countersign.store;

/** What SQLite and PostgreSQL cannot say in the same words. Everything else is one SQL for both. */
public enum Dialect {
    SQLITE("INTEGER PRIMARY KEY AUTOINCREMENT", "COLLATE BINARY"),
    POSTGRESQL("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "COLLATE \"C\"");

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
}
