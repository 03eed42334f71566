package dev.countersign.entitlement;

import java.util.Locale;
import java.util.Optional;

/** What an operator can include or leave out. Signing in, registering and resetting are never among it. */
public enum Feature {
    /** Require a second factor, of everyone or of some. */
    REQUIRED_MODE,
    /** Require it of chosen groups and people only. */
    GROUP_SCOPE,
    /** Start the requirement by an event and a delay. */
    AUTOMATIC_START,
    /** Send invitations and reminders. Mails that tell people of their accounts, and administrators of danger, go on without. */
    MAIL,
    /** Make API keys. Those that exist go on working. */
    API,
    /** Import people or groups from a file. A preview needs nothing. */
    IMPORT;

    /** The name in the operator's file, on the command line and in REST: {@code required-mode}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The feature with this {@link #wireName()}, if there is one. */
    public static Optional<Feature> ofWireName(String name) {
        for (Feature feature : values()) {
            if (feature.wireName().equals(name)) {
                return Optional.of(feature);
            }
        }
        return Optional.empty();
    }
}
