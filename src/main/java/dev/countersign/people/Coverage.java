package dev.countersign.people;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.GroupId;
import dev.countersign.policy.Rules;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Whom rules cover, in the form a query needs.
 *
 * @param now those covered now
 * @param later those covered by a requirement that starts later, and when
 */
record Coverage(Covered now, Optional<Later> later) {
    record Later(Covered covered, Instant startsAt) {}

    /** A set of accounts. */
    sealed interface Covered {
        record Nobody() implements Covered {}

        record Everybody() implements Covered {}

        /** @param groups with all that stand in them */
        record Some(Set<GroupId> groups, Set<AccountId> people) implements Covered {}
    }

    static Covered of(Rules rules, Function expand) {
        if (rules.mode() != Rules.Mode.REQUIRED) {
            return new Covered.Nobody();
        }
        return of(rules.scope(), expand);
    }

    static Covered of(Rules.Scope scope, Function expand) {
        return switch (scope) {
            case Rules.Scope.Everyone() -> new Covered.Everybody();
            case Rules.Scope.Selected(Set<GroupId> groups, Set<AccountId> people) ->
                new Covered.Some(expand.apply(groups), people);
        };
    }

    /** Adds to groups all that stand in them. */
    interface Function {
        Set<GroupId> apply(Set<GroupId> groups);
    }
}
