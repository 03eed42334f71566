package dev.countersign.kernel;

import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;

/** What someone may do: everything that one of their roles permits. Immutable. */
public record Rights(Set<Permission> permissions) {
    public static final Rights NONE = new Rights(Set.of());

    /** The owner of the server, at its command line. */
    public static final Rights ALL = new Rights(EnumSet.allOf(Permission.class));

    public Rights {
        permissions = Set.copyOf(permissions);
    }

    /** The rights of someone with these roles. */
    public static Rights of(Collection<Role> roles) {
        EnumSet<Permission> all = EnumSet.noneOf(Permission.class);
        roles.forEach(role -> all.addAll(role.permissions()));
        return new Rights(all);
    }

    public boolean may(Permission permission) {
        return permissions.contains(permission);
    }

    /** Whether these rights open the console at all. */
    public boolean openConsole() {
        return !permissions.isEmpty();
    }

    /** Whether someone with these rights may act on someone with {@code other}: never on more rights than one's own. */
    public boolean cover(Rights other) {
        return permissions.containsAll(other.permissions);
    }

    /** Whether these rights cover all that {@code role} gives. */
    public boolean cover(Role role) {
        return permissions.containsAll(role.permissions());
    }

    /** What both permit: a key can do no more than its owner. */
    public Rights and(Rights other) {
        EnumSet<Permission> both = EnumSet.noneOf(Permission.class);
        permissions.stream().filter(other.permissions::contains).forEach(both::add);
        return new Rights(both);
    }
}
