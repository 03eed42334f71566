package dev.countersign.apikey;

import dev.countersign.kernel.Permission;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a key was made for.
 *
 * @param permissions at most what its owner may do at the moment it is used
 * @param reach whether it also acts for the operator of the installation
 */
public record Scopes(Set<Permission> permissions, Reach reach) {
    private static final String OPERATOR = "operator";

    /** How far a key reaches. */
    public enum Reach {
        /** Its environment. */
        ENVIRONMENT,
        /** Every environment, for what operators agree with customers. Only the command line hands it out. */
        OPERATOR
    }

    public Scopes {
        permissions = Set.copyOf(permissions);
    }

    /** The scopes with these names; absent when one of them is none. */
    public static Optional<Scopes> parse(Collection<String> names) {
        EnumSet<Permission> permissions = EnumSet.noneOf(Permission.class);
        Reach reach = Reach.ENVIRONMENT;
        for (String name : names) {
            Optional<Permission> permission = Permission.ofWireName(name);
            if (permission.isEmpty() && !name.equals(OPERATOR)) {
                return Optional.empty();
            }
            permission.ifPresent(permissions::add);
            reach = name.equals(OPERATOR) ? Reach.OPERATOR : reach;
        }
        return Optional.of(new Scopes(permissions, reach));
    }

    /** All names a key can have. */
    public static List<String> allNames() {
        List<String> names = new ArrayList<>(EnumSet.allOf(Permission.class).stream()
                .map(Permission::wireName)
                .toList());
        names.add(OPERATOR);
        return names;
    }

    public boolean isEmpty() {
        return permissions.isEmpty() && reach == Reach.ENVIRONMENT;
    }

    /** The names, sorted. */
    public List<String> names() {
        List<String> names = new ArrayList<>(
                permissions.stream().map(Permission::wireName).sorted().toList());
        if (reach == Reach.OPERATOR) {
            names.add(OPERATOR);
        }
        return names;
    }
}
