package dev.countersign.safekeeping;

/** Hears how far a copy has come. */
@FunctionalInterface
public interface Progress {
    /** Nobody listens. */
    Progress SILENT = (_, _, _) -> {};

    /** @param all how many rows the table has */
    void rows(String table, long done, long all);
}
