package dev.countersign.moving;

/** What came, or would come, of one line of a file. */
public sealed interface Verdict {
    /** The line it begins on, counted from 1. */
    long line();

    /** The person as the file names them; may be empty where it cannot be read. */
    String username();

    record Created(long line, String username) implements Verdict {}

    /** @param what the fields, separated by commas */
    record Changed(long line, String username, String what) implements Verdict {}

    record Unchanged(long line, String username) implements Verdict {}

    record Refused(long line, String username, Reason reason) implements Verdict {}
}
