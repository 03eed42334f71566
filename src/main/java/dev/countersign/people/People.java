package dev.countersign.people;

import dev.countersign.directory.Groups;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** The people of an environment with their two-factor status, found and counted. Thread-safe; changes nothing. */
@Component
public final class People {
    private final PeopleStore store;
    private final Policies policies;
    private final Groups groups;
    private final Kept<Rule, PeopleOverview> overviews = new Kept<>(overview -> overview.total() > PeopleStore.COUNTED);

    /** What decides a figure besides the accounts: a change of the rules shows at once. */
    private record Rule(EnvironmentId environment, Coverage coverage) {}

    People(PeopleStore store, Policies policies, Groups groups) {
        this.store = store;
        this.policies = policies;
        this.groups = groups;
    }

    /**
     * A stretch of the list.
     *
     * @param from where it begins; absent for the beginning
     * @param limit the most people in it
     */
    public PeoplePage list(
            EnvironmentId environment,
            PeopleFilter filter,
            PeopleSort sort,
            Optional<PeoplePage.Cursor> from,
            int limit,
            Instant now) {
        boolean backward = from.filter(PeoplePage.Cursor::backward).isPresent();
        List<Person> found = store.list(query(environment, filter, now), sort, from, limit);
        boolean more = found.size() > limit;
        List<Person> shown = more ? found.subList(backward ? 1 : 0, backward ? limit + 1 : limit) : found;
        if (shown.isEmpty()) {
            return new PeoplePage(List.of(), Optional.empty(), Optional.empty());
        }
        boolean before = backward ? more : from.isPresent();
        boolean after = backward || more;
        return new PeoplePage(
                List.copyOf(shown),
                before ? cursor(environment, shown.getFirst(), sort, true) : Optional.empty(),
                after ? cursor(environment, shown.getLast(), sort, false) : Optional.empty());
    }

    private Optional<PeoplePage.Cursor> cursor(
            EnvironmentId environment, Person person, PeopleSort sort, boolean backward) {
        return store.key(environment, person.id(), sort)
                .map(key -> new PeoplePage.Cursor(key, person.id().value(), backward));
    }

    /** One person as the list shows them. */
    public Optional<Person> find(EnvironmentId environment, AccountId id, Instant now) {
        return store.find(query(environment, PeopleFilter.EVERYONE, now), id);
    }

    /** How many people the filter finds. */
    public PeopleCount count(EnvironmentId environment, PeopleFilter filter, Instant now) {
        return store.count(query(environment, filter, now));
    }

    /** Some of the ids the filter finds, in order of id, beginning after {@code after}; an empty list at the end. */
    public List<AccountId> idsAfter(
            EnvironmentId environment, PeopleFilter filter, String after, int limit, Instant now) {
        return store.ids(query(environment, filter, now), after, limit);
    }

    /** How many people have each status under the rules that hold now, counted at this moment. */
    public Map<PersonStatus, Long> counts(EnvironmentId environment, Instant now) {
        return store.counts(query(environment, PeopleFilter.EVERYONE, now));
    }

    /** The same and the seats these rules need, for showing: in a large environment counted at most every 15 seconds. */
    public PeopleOverview overview(EnvironmentId environment, Instant now) {
        Coverage coverage = coverage(environment, now);
        PeopleQuery query = query(environment, PeopleFilter.EVERYONE, coverage, now);
        return overviews
                .get(
                        new Rule(environment, coverage),
                        now,
                        () -> new PeopleOverview(
                                store.counts(query), store.affected(query).covered(), now))
                .value();
    }

    /**
     * Whom rules affect.
     *
     * @param covered enabled accounts the rules demand a second factor of, exempt ones left out
     * @param enrolled of them, those who have one
     */
    public record Affected(long covered, long enrolled) {
        /** Those who will be led through registration at their next sign-in. */
        public long mustEnrol() {
            return covered - enrolled;
        }
    }

    /** Of how many people these rules require a second factor: what an operator counts as seats. */
    public long seats(EnvironmentId environment, Rules rules, Instant now) {
        return affected(environment, rules, now).covered();
    }

    /** The seats the rules that hold now need. Whoever sets up a second factor unasked needs none. */
    public long seats(EnvironmentId environment, Instant now) {
        return seats(environment, policies.rules(environment, now), now);
    }

    /** Whom these rules would affect. */
    public Affected affected(EnvironmentId environment, Rules rules, Instant now) {
        Coverage coverage = new Coverage(Coverage.of(rules, groups::withNested), Optional.empty());
        return store.affected(query(environment, PeopleFilter.EVERYONE, coverage, now));
    }

    private PeopleQuery query(EnvironmentId environment, PeopleFilter filter, Instant now) {
        return query(environment, filter, coverage(environment, now), now);
    }

    private PeopleQuery query(EnvironmentId environment, PeopleFilter filter, Coverage coverage, Instant now) {
        Set<GroupId> within =
                filter.group().map(group -> groups.withNested(List.of(group))).orElse(Set.of());
        Set<GroupId> giving = filter.role()
                .map(role -> groups.giving(environment, List.<Role>of(role)))
                .orElse(Set.of());
        return new PeopleQuery(environment, filter, coverage, within, giving, now);
    }

    private Coverage coverage(EnvironmentId environment, Instant now) {
        return new Coverage(
                Coverage.of(policies.rules(environment, now), groups::withNested),
                policies.planned(environment, now)
                        .map(start -> new Coverage.Later(
                                Coverage.of(start.scope(), groups::withNested),
                                start.startsAt().orElseThrow())));
    }
}
