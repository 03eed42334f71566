package dev.countersign.alert;

import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * Something every administrator is to see.
 *
 * @param arguments what stands in its text: who did it, then to whom or what
 */
public record Alert(String id, Kind kind, List<String> arguments, Instant at) {
    /** What there is to see, each a sentence in {@code messages/}. */
    public enum Kind {
        LOG_WENT_BACK,
        RESET_ON_SERVER,
        PHONE_REPLACED_ON_SERVER,
        UNLOCKED_ON_SERVER,
        PASSWORD_SET_ON_SERVER,
        ADMINISTRATOR_MADE_ON_SERVER,
        ADMINISTRATOR_GROUP_ON_SERVER,
        RULE_LOWERED,
        APPROVAL_LOWERED,
        START_CHANGED,
        SESSIONS_CHANGED,
        RETENTION_CHANGED,
        ADMINISTRATOR_EXEMPTED,
        SIGN_IN_REPORTED,
        INTEGRITY_BROKEN,
        INSTALLATION_RESTORED,
        CLOCK_JUMPED
    }

    public Alert {
        arguments = List.copyOf(arguments);
    }

    public String messageKey() {
        return "alert." + kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
