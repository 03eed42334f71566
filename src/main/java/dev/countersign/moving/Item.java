package dev.countersign.moving;

/** What a reader finds in a file, in order. */
sealed interface Item {
    /** The line it begins on, counted from 1. */
    long line();

    record Person(long line, Arrival arrival) implements Item {}

    /** A group that exists without anyone in it having been read. */
    record Group(long line, String path) implements Item {}

    /** One that cannot be read; those after it can. */
    record Unreadable(long line, String username, Reason reason) implements Item {}

    /** The file makes no sense from here on. */
    record Broken(long line, String reason) implements Item {}
}
