package dev.countersign.kernel;

import static dev.countersign.kernel.Permission.EDIT_SYSTEM_SETTINGS;
import static dev.countersign.kernel.Permission.RESET_FACTORS;
import static dev.countersign.kernel.Permission.VIEW_ACTIVITY;
import static dev.countersign.kernel.Permission.VIEW_PEOPLE;
import static dev.countersign.kernel.Permission.VIEW_SETTINGS;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What an account is in its environment. Each account has exactly one role of its own; its groups may give it others. */
public enum Role {
    ADMINISTRATOR(EnumSet.allOf(Permission.class)),
    SECURITY_ADMINISTRATOR(EnumSet.of(VIEW_PEOPLE, VIEW_SETTINGS, EDIT_SYSTEM_SETTINGS, VIEW_ACTIVITY)),
    HELP_DESK(EnumSet.of(VIEW_PEOPLE, RESET_FACTORS)),
    AUDITOR(EnumSet.of(VIEW_PEOPLE, VIEW_SETTINGS, VIEW_ACTIVITY)),
    USER(EnumSet.noneOf(Permission.class));

    @SuppressWarnings("ImmutableEnumChecker") // Set.copyOf makes an immutable set, which the type cannot say
    private final Set<Permission> permissions;

    Role(EnumSet<Permission> permissions) {
        this.permissions = Set.copyOf(permissions);
    }

    public Set<Permission> permissions() {
        return permissions;
    }

    /** The name used on the command line, in REST and in message keys: {@code security-administrator}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The role with this {@link #wireName()}, if there is one. */
    public static Optional<Role> ofWireName(String name) {
        for (Role role : values()) {
            if (role.wireName().equals(name)) {
                return Optional.of(role);
            }
        }
        return Optional.empty();
    }
}
