package dev.countersign.people;

import java.util.Locale;
import java.util.Optional;

/** Whether somebody has a phone that approves. */
public enum Companion {
    PAIRED,
    NONE;

    /** The name used in REST, addresses, on the command line and in message keys. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The one with this {@link #wireName()}, if there is one. */
    public static Optional<Companion> ofWireName(String name) {
        for (Companion companion : values()) {
            if (companion.wireName().equals(name)) {
                return Optional.of(companion);
            }
        }
        return Optional.empty();
    }
}
