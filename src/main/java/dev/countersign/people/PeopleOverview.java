package dev.countersign.people;

import java.time.Instant;
import java.util.Map;

/**
 * The people of an environment in numbers.
 *
 * @param statuses how many have each status
 * @param seats of how many the rules demand a second factor
 * @param countedAt when; in a large environment up to 15 seconds ago
 */
public record PeopleOverview(Map<PersonStatus, Long> statuses, long seats, Instant countedAt) {
    public long total() {
        return statuses.values().stream().mapToLong(Long::longValue).sum();
    }
}
