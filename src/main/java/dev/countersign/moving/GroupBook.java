package dev.countersign.moving;

import dev.countersign.administration.Administrator;
import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.directory.Newcomers;
import dev.countersign.directory.Username;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Role;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The groups of an environment as they are during one transaction, or would be after it. Where {@code groups} is absent, what
 * is missing is only imagined.
 */
final class GroupBook {
    private final Administrator by;
    private final Instant now;
    private final Optional<Groups> groups;
    private final Map<String, Group> byKey = new HashMap<>();
    private final Map<GroupId, Set<GroupId>> parents = new HashMap<>();
    private final Map<GroupId, Group> byId = new HashMap<>();
    private final List<String> made = new ArrayList<>();
    private int nested;

    GroupBook(Newcomers.GroupsNow there, Optional<Groups> groups, Administrator by, Instant now) {
        this.by = by;
        this.now = now;
        this.groups = groups;
        there.groups().forEach(this::note);
        there.nestings().forEach(nesting -> nest(nesting.parent(), nesting.child()));
    }

    private void note(Group group) {
        Username.lookupKey(group.name()).ifPresent(key -> byKey.put(key, group));
        byId.put(group.id(), group);
    }

    private void nest(GroupId parent, GroupId child) {
        parents.computeIfAbsent(child, _ -> new HashSet<>()).add(parent);
    }

    /** The group at the end of a path, if it exists and stands where the path says. */
    Optional<GroupId> find(List<Username> path) {
        Optional<GroupId> outer = Optional.empty();
        for (Username name : path) {
            Group group = byKey.get(name.key());
            if (group == null || (outer.isPresent() && !isIn(group.id(), outer.get()))) {
                return Optional.empty();
            }
            outer = Optional.of(group.id());
        }
        return outer;
    }

    private boolean isIn(GroupId child, GroupId parent) {
        return parents.getOrDefault(child, Set.of()).contains(parent);
    }

    /** The roles that being at the end of this path gives, or would give. */
    Set<Role> rolesOf(List<Username> path) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (Username name : path) {
            Group group = byKey.get(name.key());
            if (group != null) {
                above(group.id())
                        .forEach(id -> Optional.ofNullable(byId.get(id))
                                .flatMap(Group::role)
                                .ifPresent(roles::add));
            }
        }
        return roles;
    }

    /** The group and all it stands in. */
    private Set<GroupId> above(GroupId id) {
        Set<GroupId> all = new HashSet<>();
        collect(id, all);
        return all;
    }

    private void collect(GroupId id, Set<GroupId> all) {
        if (all.add(id)) {
            parents.getOrDefault(id, Set.of()).forEach(parent -> collect(parent, all));
        }
    }

    /** Whether putting the groups of the path into each other would put one into itself. */
    boolean closesCircle(List<Username> path) {
        for (int i = 1; i < path.size(); i++) {
            Group outer = byKey.get(path.get(i - 1).key());
            Group inner = byKey.get(path.get(i).key());
            if (outer != null && inner != null && above(outer.id()).contains(inner.id())) {
                return true;
            }
        }
        return false;
    }

    /** The group at the end of a path; it and those it stands in are created where they are missing. */
    GroupId make(List<Username> path) {
        Optional<Group> outer = Optional.empty();
        for (Username name : path) {
            Group group = byKey.get(name.key());
            if (group == null) {
                group = create(name);
                note(group);
                made.add(group.name());
            }
            if (outer.isPresent() && !isIn(group.id(), outer.get().id())) {
                put(outer.get(), group);
            }
            outer = Optional.of(group);
        }
        return outer.orElseThrow().id();
    }

    private Group create(Username name) {
        if (groups.isEmpty()) {
            return new Group(new GroupId("imagined-" + made.size()), name.display(), 0, Optional.empty());
        }
        return groups.get()
                .create(by.environment(), name, by.actor(), by.origin(), now)
                .orElseThrow(() -> new IllegalStateException("a group appeared inside a transaction"));
    }

    /** The names of the groups that were missing, in order. */
    List<String> made() {
        return made;
    }

    /** How many groups were put into another. */
    int nested() {
        return nested;
    }

    private void put(Group outer, Group inner) {
        nest(outer.id(), inner.id());
        nested++;
        if (groups.isPresent()
                && groups.get().nest(by.environment(), outer, inner, by.actor(), by.origin(), now)
                        == Groups.Nested.CYCLE) {
            throw new IllegalStateException("a circle of groups was not foreseen");
        }
    }
}
