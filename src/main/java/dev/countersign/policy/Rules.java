package dev.countersign.policy;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.GroupId;
import java.util.HashSet;
import java.util.Set;

/**
 * What an environment demands.
 *
 * @param version grows with each change, so that two people editing at once notice
 */
public record Rules(Mode mode, Scope scope, long version) {
    /** What a new environment starts with. */
    public static final Rules INITIAL = new Rules(Mode.OFF, new Scope.Everyone(), 0);

    /** Whether a second factor is asked for. */
    public enum Mode {
        /** Of nobody; what people had set up is kept. */
        OFF,
        /** Of those who set one up. */
        OPTIONAL,
        /** Of everyone in the scope; of others only if they set one up. */
        REQUIRED
    }

    /** Whether these rules leave out somebody whom the other rules cover. */
    public boolean protectLessThan(Rules other) {
        if (mode != other.mode) {
            return mode.compareTo(other.mode) < 0;
        }
        return mode == Mode.REQUIRED && !scope.or(other.scope).equals(scope);
    }

    /** Whom {@link Mode#REQUIRED} covers. There is no empty list that could mean everyone or nobody. */
    public sealed interface Scope {
        record Everyone() implements Scope {}

        /** What covers everyone one of the two covers. */
        default Scope or(Scope other) {
            if (!(this instanceof Selected(Set<GroupId> groups, Set<AccountId> people))
                    || !(other instanceof Selected(Set<GroupId> otherGroups, Set<AccountId> otherPeople))) {
                return new Everyone();
            }
            Set<GroupId> allGroups = new HashSet<>(groups);
            allGroups.addAll(otherGroups);
            Set<AccountId> allPeople = new HashSet<>(people);
            allPeople.addAll(otherPeople);
            return new Selected(allGroups, allPeople);
        }

        /** At least one group or person. */
        record Selected(Set<GroupId> groups, Set<AccountId> people) implements Scope {
            public Selected {
                groups = Set.copyOf(groups);
                people = Set.copyOf(people);
                if (groups.isEmpty() && people.isEmpty()) {
                    throw new IllegalArgumentException("a selection names at least one group or person");
                }
            }
        }
    }
}
