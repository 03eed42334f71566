package dev.countersign.api;

import dev.countersign.directory.Accounts;
import dev.countersign.directory.Groups;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Identifiers;
import dev.countersign.policy.Rules;
import dev.countersign.web.ProblemType;
import dev.countersign.web.Refusal;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Whom rules cover, read from JSON and written to it. An empty list never means everyone. */
@Component
final class Scopes {
    private static final int MOST = 1_000;

    private final Groups groups;
    private final Accounts accounts;

    Scopes(Groups groups, Accounts accounts) {
        this.groups = groups;
        this.accounts = accounts;
    }

    /** Either everyone, or these groups and people, at least one. */
    record ScopeView(
            boolean everyone,
            @Nullable List<String> groups,
            @Nullable List<String> people) {}

    static ScopeView view(Rules.Scope scope) {
        return switch (scope) {
            case Rules.Scope.Everyone() -> new ScopeView(true, null, null);
            case Rules.Scope.Selected(Set<GroupId> groups, Set<AccountId> people) ->
                new ScopeView(
                        false,
                        groups.stream().map(GroupId::value).sorted().toList(),
                        people.stream().map(AccountId::value).sorted().toList());
        };
    }

    Rules.Scope read(EnvironmentId environment, ScopeView scope) {
        List<String> groupIds = orNone(scope.groups());
        List<String> people = orNone(scope.people());
        if (scope.everyone() && groupIds.isEmpty() && people.isEmpty()) {
            return new Rules.Scope.Everyone();
        }
        if (scope.everyone() || (groupIds.isEmpty() && people.isEmpty()) || groupIds.size() + people.size() > MOST) {
            throw Refusal.of(
                    ProblemType.INVALID_VALUE,
                    "scope",
                    "scope is either everyone, or 1 to " + MOST + " groups and people; an empty list is nobody.");
        }
        Set<GroupId> chosenGroups = new HashSet<>();
        groupIds.forEach(id -> chosenGroups.add(group(environment, id)));
        Set<AccountId> chosenPeople = new HashSet<>();
        people.forEach(id -> chosenPeople.add(person(environment, id)));
        return new Rules.Scope.Selected(chosenGroups, chosenPeople);
    }

    private static List<String> orNone(@Nullable List<String> list) {
        return list == null ? List.of() : list;
    }

    private GroupId group(EnvironmentId environment, String id) {
        return Identifiers.find(id)
                .map(GroupId::new)
                .filter(one -> groups.find(environment, one).isPresent())
                .orElseThrow(() -> Refusal.of(ProblemType.INVALID_VALUE, "groups", "There is no such group."));
    }

    private AccountId person(EnvironmentId environment, String id) {
        return Identifiers.find(id)
                .map(AccountId::new)
                .filter(one -> accounts.find(one)
                        .filter(account -> account.environment().equals(environment))
                        .isPresent())
                .orElseThrow(() -> Refusal.of(ProblemType.INVALID_VALUE, "people", "There is no such person."));
    }

    static Rules.Mode mode(String name) {
        return Stream.of(Rules.Mode.values())
                .filter(mode -> wireName(mode).equals(name))
                .findFirst()
                .orElseThrow(() -> Refusal.of(ProblemType.INVALID_VALUE, "mode", "mode is off, optional or required"));
    }

    static String wireName(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
