package dev.countersign.kernel;

import java.util.Locale;
import java.util.Optional;

/** What a role may do in the console, over REST and on behalf of others. */
public enum Permission {
    /** Open the console and see people with their two-factor status. */
    VIEW_PEOPLE,
    /** Create, change and disable accounts and groups. */
    EDIT_PEOPLE,
    /** Reset another person's second factor. */
    RESET_FACTORS,
    /** See the policy and other settings. */
    VIEW_SETTINGS,
    /** Change the policy and other settings. */
    EDIT_SYSTEM_SETTINGS,
    /** Read the activity log of everyone. */
    VIEW_ACTIVITY,
    /** Ask people for their second factor, for an application that keeps its own passwords. */
    CHALLENGE_PEOPLE,
    /** Make and revoke keys for programs. */
    MANAGE_API_KEYS;

    /** The name used as a scope of an API key and in REST: {@code view-people}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The permission with this {@link #wireName()}, if there is one. */
    public static Optional<Permission> ofWireName(String name) {
        for (Permission permission : values()) {
            if (permission.wireName().equals(name)) {
                return Optional.of(permission);
            }
        }
        return Optional.empty();
    }
}
