package dev.countersign.people;

import java.util.List;
import java.util.Optional;

/**
 * A stretch of the list.
 *
 * @param previous where the stretch before this one is, if there is one
 * @param next where the stretch after this one is, if there is one
 */
public record PeoplePage(List<Person> people, Optional<Cursor> previous, Optional<Cursor> next) {

    /**
     * A place in the list.
     *
     * @param key what the list is ordered by, of the account at this place
     * @param id that account's id
     * @param backward whether what comes before the place is wanted, instead of what comes after it
     */
    public record Cursor(String key, String id, boolean backward) {}
}
