package dev.countersign.administration;

import dev.countersign.kernel.AccountId;
import dev.countersign.people.PeopleFilter;
import dev.countersign.people.Readiness;
import dev.countersign.policy.Rules;
import java.util.List;

/** The people something is to be done to. It is fixed when the work is prepared. */
public sealed interface Selection {
    /** The most people that can be named one by one. */
    int MOST_NAMED = 5_000;

    record Named(List<AccountId> people) implements Selection {}

    /** Everyone a search finds. */
    record Found(PeopleFilter filter) implements Selection {}

    /** Everyone rules would cover, or those of them the readiness report is filtered by. */
    record Covered(Rules rules, Readiness.Wanted wanted) implements Selection {}
}
