package dev.countersign.session;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * One reminder.
 *
 * @param at the day it is about, if it is about one
 */
public record Notice(Kind kind, Optional<Instant> at) {
    /** What there is to do, each a sentence in {@code messages/}. */
    public enum Kind {
        /** A second factor may be set up and is not. */
        NOT_SET_UP,
        /** It is not set up and will be demanded from a day on. */
        REQUIRED_FROM,
        /** It is not set up and is demanded as soon as an exemption ends. */
        EXEMPTION_ENDS,
        /** There is an app and no recovery code that was saved. */
        RECOVERY_CODE_MISSING
    }

    public static Notice of(Kind kind) {
        return new Notice(kind, Optional.empty());
    }

    public static Notice of(Kind kind, Instant at) {
        return new Notice(kind, Optional.of(at));
    }

    /** The name used in REST and in message keys: {@code required-from}. */
    public String wireName() {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public String messageKey() {
        return "reminder." + wireName();
    }
}
