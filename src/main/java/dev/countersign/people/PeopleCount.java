package dev.countersign.people;

/**
 * How many people were found. Counting stops where it would take long.
 *
 * @param exact whether there are exactly so many; otherwise at least so many
 */
public record PeopleCount(long value, boolean exact) {}
