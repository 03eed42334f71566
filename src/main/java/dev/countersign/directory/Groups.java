package dev.countersign.directory;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import dev.countersign.vault.Randomness;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** The groups of all environments. Thread-safe; every change is logged. */
@Component
public final class Groups {
    private final Database database;
    private final GroupStore store;
    private final ActivityLog activity;
    private final Randomness randomness;

    Groups(Database database, GroupStore store, ActivityLog activity, Randomness randomness) {
        this.database = database;
        this.store = store;
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
            return Optional.of(new Group(id, name.display(), 0));
        });
    }

    public List<Group> all(EnvironmentId environment) {
        return store.all(environment);
    }

    /** The group of a name in any spelling. */
    public Optional<Group> findByName(EnvironmentId environment, String typed) {
        return Username.lookupKey(typed).flatMap(key -> store.findByKey(environment, key));
    }

    public List<Group> groupsOf(Account account) {
        return store.groupsOf(account.environment(), account.id());
    }

    public Set<GroupId> groupIdsOf(AccountId account) {
        return Set.copyOf(store.groupIdsOf(account));
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

    private void log(Account account, Actor actor, Origin origin, ActivityEvent event, Instant now) {
        activity.record(account.environment(), Optional.of(account.id()), actor, origin, event, now);
    }
}
