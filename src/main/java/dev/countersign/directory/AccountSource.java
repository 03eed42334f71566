package dev.countersign.directory;

/** Where an account comes from. */
public enum AccountSource {
    /** Created here. */
    LOCAL,
    /** Brought from another system in a file. */
    IMPORT
}
