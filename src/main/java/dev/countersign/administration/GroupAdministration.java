package dev.countersign.administration;

import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.directory.Username;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Permission;
import dev.countersign.kernel.Rights;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Policies;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.stereotype.Component;

/**
 * What administrators do to groups. A group that gives a role is changed only by someone whose rights cover that role, for
 * the group itself and all it stands in: otherwise membership would be a way to rights nobody gave. Thread-safe.
 */
@Component
public final class GroupAdministration {
    private final Groups groups;
    private final Accounts accounts;
    private final Policies policies;
    private final Safeguard safeguard;

    GroupAdministration(Groups groups, Accounts accounts, Policies policies, Safeguard safeguard) {
        this.groups = groups;
        this.accounts = accounts;
        this.policies = policies;
        this.safeguard = safeguard;
    }

    public Outcome<Group> create(Administrator by, String name, Instant now) {
        if (!by.rights().may(Permission.EDIT_PEOPLE)) {
            return Outcome.refused(Refusal.NOT_ALLOWED);
        }
        return named(
                name,
                parsed -> groups.create(by.environment(), parsed, by.actor(), by.origin(), now)
                        .<Outcome<Group>>map(Outcome.Done::new)
                        .orElseGet(() -> Outcome.refused(Refusal.NAME_TAKEN)));
    }

    public Outcome<Outcome.Nothing> rename(Administrator by, GroupId id, String name, Instant now) {
        return on(
                by,
                id,
                group -> named(
                        name,
                        parsed -> groups.rename(by.environment(), group, parsed, by.actor(), by.origin(), now)
                                ? Outcome.done()
                                : Outcome.refused(Refusal.NAME_TAKEN)));
    }

    /** Removes a group; the accounts in it stay. The rules forget it, unless they would name nobody any more. */
    public Outcome<Outcome.Nothing> delete(Administrator by, GroupId id, Instant now) {
        return on(by, id, group -> {
            if (!policies.forget(by.environment(), id, by.actor(), by.origin(), now)) {
                return Outcome.refused(Refusal.LAST_IN_RULES);
            }
            groups.delete(by.environment(), group, by.actor(), by.origin(), now);
            return Outcome.done();
        });
    }

    /** Gives everyone in the group a role beside their own, or none any more. */
    public Outcome<Outcome.Nothing> changeRole(Administrator by, GroupId id, Optional<Role> role, Instant now) {
        if (role.filter(given -> !by.rights().cover(given)).isPresent()) {
            return Outcome.refused(Refusal.ABOVE_YOUR_RIGHTS);
        }
        return on(by, id, group -> {
            groups.changeRole(by.environment(), group, role, by.actor(), by.origin(), now);
            return Outcome.done();
        });
    }

    /** Puts {@code child} into {@code parent}. */
    public Outcome<Outcome.Nothing> nest(Administrator by, GroupId parent, GroupId child, Instant now) {
        return on(
                by,
                parent,
                outer -> on(by, child, inner -> switch (groups.nest(
                        by.environment(), outer, inner, by.actor(), by.origin(), now)) {
                    case DONE, ALREADY -> Outcome.done();
                    case CYCLE -> Outcome.refused(Refusal.GROUP_CYCLE);
                }));
    }

    public Outcome<Outcome.Nothing> unnest(Administrator by, GroupId parent, GroupId child, Instant now) {
        return on(
                by,
                parent,
                outer -> on(
                        by,
                        child,
                        inner -> groups.unnest(by.environment(), outer, inner, by.actor(), by.origin(), now)
                                ? Outcome.done()
                                : Outcome.refused(Refusal.NOT_FOUND)));
    }

    /** Adds accounts; answers how many were not in the group before. One that may not be added refuses all. */
    public Outcome<Integer> add(Administrator by, GroupId id, Collection<AccountId> people, Instant now) {
        return onMembers(by, id, people, (group, account) -> groups.add(group, account, by.actor(), by.origin(), now));
    }

    /** Takes accounts out; answers how many were in the group before. */
    public Outcome<Integer> remove(Administrator by, GroupId id, Collection<AccountId> people, Instant now) {
        return onMembers(
                by, id, people, (group, account) -> groups.remove(group, account, by.actor(), by.origin(), now));
    }

    private interface OnMember {
        boolean apply(Group group, Account account);
    }

    private Outcome<Integer> onMembers(Administrator by, GroupId id, Collection<AccountId> people, OnMember what) {
        return on(by, id, group -> {
            int changed = 0;
            for (AccountId person : people) {
                Optional<Account> account = accounts.find(person)
                        .filter(found -> found.environment().equals(by.environment()));
                if (account.isEmpty()) {
                    return Outcome.refused(Refusal.NOT_FOUND);
                }
                if (!by.rights().cover(accounts.rights(account.get()))) {
                    return Outcome.refused(Refusal.ABOVE_YOUR_RIGHTS);
                }
                changed += what.apply(group, account.get()) ? 1 : 0;
            }
            return new Outcome.Done<>(changed);
        });
    }

    private static <T> Outcome<T> named(String name, Function<Username, Outcome<T>> what) {
        return switch (Username.parseGroupName(name)) {
            case Username.Parsed.Accepted(Username parsed) -> what.apply(parsed);
            case Username.Parsed.Refused _ -> Outcome.refused(Refusal.NAME_INVALID);
        };
    }

    private <T> Outcome<T> on(Administrator by, GroupId id, Function<Group, Outcome<T>> what) {
        if (!by.rights().may(Permission.EDIT_PEOPLE)) {
            return Outcome.refused(Refusal.NOT_ALLOWED);
        }
        return safeguard.guard(by.environment(), () -> {
            Optional<Group> group = groups.find(by.environment(), id);
            if (group.isEmpty()) {
                return Outcome.refused(Refusal.NOT_FOUND);
            }
            return by.rights().cover(Rights.of(groups.rolesGivenBy(id)))
                    ? what.apply(group.get())
                    : Outcome.refused(Refusal.ABOVE_YOUR_RIGHTS);
        });
    }

    /** All groups of the environment, by name. */
    public List<Group> all(Administrator by) {
        return groups.all(by.environment());
    }
}
