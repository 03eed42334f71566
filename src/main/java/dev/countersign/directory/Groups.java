package dev.countersign.directory;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.store.Database;
import dev.countersign.vault.Randomness;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** The groups of all environments. Thread-safe; every change is logged. */
@Component
public final class Groups {
    private final Database database;
    private final GroupStore store;
    private final Environments environments;
    private final ActivityLog activity;
    private final Randomness randomness;

    Groups(
            Database database,
            GroupStore store,
            Environments environments,
            ActivityLog activity,
            Randomness randomness) {
        this.database = database;
        this.store = store;
        this.environments = environments;
        this.activity = activity;
        this.randomness = randomness;
    }

    /** Creates a group; nothing when one of that name exists. */
    public Optional<Group> create(EnvironmentId environment, Username name, Actor actor, Origin origin, Instant now) {
        GroupId id = new GroupId(randomness.identifier());
        return database.write(() -> {
            if (!store.insert(environment, id, name, now)) {
                return Optional.empty();
            }
            activity.record(
                    environment, Optional.empty(), actor, origin, new ActivityEvent.GroupCreated(name.display()), now);
            return Optional.of(new Group(id, name.display(), 0, Optional.empty()));
        });
    }

    public List<Group> all(EnvironmentId environment) {
        return store.all(environment);
    }

    /** The name of a group, for lists to choose from: reading these counts nobody. */
    public record Name(GroupId id, String name, Optional<Role> role) {}

    /** The names of all groups, in order. */
    public List<Name> names(EnvironmentId environment) {
        return store.names(environment);
    }

    /** Someone who is in a group directly. */
    public record Member(AccountId account, String username) {}

    /** Some of the direct members of a group, in order of id, beginning after {@code after}. */
    public List<Member> members(GroupId group, String after, int limit) {
        return store.members(group, after, limit);
    }

    /** The group of a name in any spelling. */
    public Optional<Group> findByName(EnvironmentId environment, String typed) {
        return Username.lookupKey(typed).flatMap(key -> store.findByKey(environment, key));
    }

    public List<Group> groupsOf(Account account) {
        return store.groupsOf(account.environment(), account.id());
    }

    /** The groups the account is in, directly or because a group of its stands in them. */
    public Set<GroupId> groupIdsOf(AccountId account) {
        return Set.copyOf(store.groupIdsOf(account));
    }

    /** The names of the groups the account is in, directly or because a group of its stands in them, in order. */
    public List<String> groupNamesOf(AccountId account) {
        return store.groupNamesOf(account);
    }

    /** Adds the account; false when it belonged already. */
    public boolean add(Group group, Account account, Actor actor, Origin origin, Instant now) {
        return database.write(() -> {
            boolean added = store.addMember(account.environment(), group.id(), account.id(), now);
            if (added) {
                log(account, actor, origin, new ActivityEvent.GroupMemberAdded(group.name()), now);
            }
            return added;
        });
    }

    /** Takes the account out; false when it did not belong. */
    public boolean remove(Group group, Account account, Actor actor, Origin origin, Instant now) {
        return database.write(() -> {
            boolean removed = store.removeMember(group.id(), account.id());
            if (removed) {
                log(account, actor, origin, new ActivityEvent.GroupMemberRemoved(group.name()), now);
            }
            return removed;
        });
    }

    public Optional<Group> find(EnvironmentId environment, GroupId id) {
        return store.find(environment, id);
    }

    /** The name of a group of any environment. */
    public Optional<String> nameOf(GroupId id) {
        return store.nameOf(id);
    }

    /** These groups and all that stand in them: whoever is in one of the answer is in one of {@code groups}. */
    public Set<GroupId> withNested(Collection<GroupId> groups) {
        return store.withNested(groups);
    }

    /** The groups that give one of these roles, and all that stand in them. */
    public Set<GroupId> giving(EnvironmentId environment, Collection<Role> roles) {
        return roles.isEmpty() ? Set.of() : store.withNested(store.withRoleIn(environment, roles));
    }

    /** The roles someone in this group has by it: its own, and those of all groups it stands in. */
    public List<Role> rolesGivenBy(GroupId group) {
        return store.rolesGivenBy(group);
    }

    /** One group standing directly in another. */
    public record Nesting(GroupId parent, GroupId child) {}

    public List<Nesting> nestings(EnvironmentId environment) {
        return store.nestings(environment);
    }

    /** What came of putting a group into another. */
    public enum Nested {
        DONE,
        /** It stood there already. */
        ALREADY,
        /** It would stand in itself, through however many others. */
        CYCLE
    }

    /** Puts {@code child} into {@code parent}: whoever is in the one is then in the other. */
    public Nested nest(EnvironmentId environment, Group parent, Group child, Actor actor, Origin origin, Instant now) {
        return database.write(() -> {
            environments.lock(environment);
            if (store.withNested(List.of(child.id())).contains(parent.id())) {
                return Nested.CYCLE;
            }
            if (!store.nest(environment, parent.id(), child.id())) {
                return Nested.ALREADY;
            }
            log(environment, actor, origin, new ActivityEvent.GroupNested(parent.name(), child.name()), now);
            return Nested.DONE;
        });
    }

    /** Takes {@code child} out of {@code parent}; false when it did not stand there directly. */
    public boolean unnest(
            EnvironmentId environment, Group parent, Group child, Actor actor, Origin origin, Instant now) {
        return database.write(() -> {
            boolean taken = store.unnest(parent.id(), child.id());
            if (taken) {
                log(environment, actor, origin, new ActivityEvent.GroupUnnested(parent.name(), child.name()), now);
            }
            return taken;
        });
    }

    /** Renames the group; false when another has that name. */
    public boolean rename(
            EnvironmentId environment, Group group, Username name, Actor actor, Origin origin, Instant now) {
        return database.write(() -> {
            boolean renamed = store.rename(environment, group.id(), name);
            if (renamed) {
                log(environment, actor, origin, new ActivityEvent.GroupRenamed(group.name(), name.display()), now);
            }
            return renamed;
        });
    }

    /** Gives everyone in the group a role beside their own, or none any more. */
    public void changeRole(
            EnvironmentId environment, Group group, Optional<Role> role, Actor actor, Origin origin, Instant now) {
        database.write(() -> {
            store.updateRole(group.id(), role);
            log(
                    environment,
                    actor,
                    origin,
                    new ActivityEvent.GroupRoleChanged(group.name(), nameOf(group.role()), nameOf(role)),
                    now);
        });
    }

    /** Removes the group; the accounts in it stay. What the policy says of it is the caller's part of the transaction. */
    public void delete(EnvironmentId environment, Group group, Actor actor, Origin origin, Instant now) {
        database.requireTransaction();
        store.delete(group.id());
        log(environment, actor, origin, new ActivityEvent.GroupDeleted(group.name(), group.members()), now);
    }

    private static String nameOf(Optional<Role> role) {
        return role.map(Role::wireName).orElse("none");
    }

    private void log(EnvironmentId environment, Actor actor, Origin origin, ActivityEvent event, Instant now) {
        activity.record(environment, Optional.empty(), actor, origin, event, now);
    }

    private void log(Account account, Actor actor, Origin origin, ActivityEvent event, Instant now) {
        activity.record(account.environment(), Optional.of(account.id()), actor, origin, event, now);
    }
}
