package dev.countersign.people;

import java.util.Locale;
import java.util.Optional;

/** The orders people can be listed in. */
public enum PeopleSort {
    USERNAME,
    NAME,
    /** The newest sign-in first, those who never signed in last. */
    LAST_SIGN_IN;

    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The order with this {@link #wireName()}, if there is one. */
    public static Optional<PeopleSort> ofWireName(String name) {
        for (PeopleSort sort : values()) {
            if (sort.wireName().equals(name)) {
                return Optional.of(sort);
            }
        }
        return Optional.empty();
    }
}
