package dev.countersign.console;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.people.People;
import dev.countersign.people.PeopleCount;
import dev.countersign.people.PeopleFilter;
import dev.countersign.people.PeopleSort;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Finding people to tick, search after search, on any page: those ticked stay at the top until the form is sent. */
@Component
final class FoundPeople {
    private static final int SHOWN = 20;
    private static final int MOST_CHOSEN = 500;

    private final People people;
    private final Clock clock;

    FoundPeople(People people, Clock clock) {
        this.people = people;
        this.clock = clock;
    }

    /** Puts what {@code console/find-people} shows into a page: {@code query}, {@code people}, {@code more}. */
    void add(EnvironmentId environment, String query, List<AccountId> chosen, Map<String, Object> model) {
        Instant now = clock.instant();
        List<PersonRow> rows = new ArrayList<>();
        Set<AccountId> shown = new HashSet<>();
        for (AccountId id : chosen.stream().limit(MOST_CHOSEN).toList()) {
            people.find(environment, id, now).ifPresent(person -> {
                rows.add(PersonRow.of(person, true));
                shown.add(id);
            });
        }
        PeopleFilter filter = PeopleFilter.ofText(query);
        List<PersonRow> found =
                people
                        .list(environment, filter, PeopleSort.USERNAME, Optional.empty(), SHOWN + 1, now)
                        .people()
                        .stream()
                        .filter(person -> !shown.contains(person.id()))
                        .map(PersonRow::of)
                        .toList();
        rows.addAll(found.subList(0, Math.min(SHOWN, found.size())));
        model.put("query", filter.text());
        model.put("people", rows);
        model.put("more", found.size() > SHOWN);
    }

    /** How many there are in all: {@code total}, and whether it is {@code exact}. */
    void addCount(EnvironmentId environment, String query, Map<String, Object> model) {
        PeopleCount count = people.count(environment, PeopleFilter.ofText(query), clock.instant());
        model.put("total", count.value());
        model.put("exact", count.exact());
    }
}
