package dev.countersign.store;

/** What SQLite and PostgreSQL cannot say in the same words. Everything else is one SQL for both. */
public enum Dialect {
    SQLITE("INTEGER PRIMARY KEY AUTOINCREMENT"),
    POSTGRESQL("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY");

    private final String identity;

    Dialect(String identity) {
        this.identity = identity;
    }

    /** How a table numbers its rows; the placeholder {@code ${identity}} of the migrations. */
    String identity() {
        return identity;
    }
}
