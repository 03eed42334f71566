package dev.countersign.activity;

import java.util.Locale;
import java.util.Optional;

/**
 * Something about the log that is not as it was sealed.
 *
 * @param entry the number of the entry
 * @param checkpoint the number of the checkpoint
 */
public record LogFinding(Kind kind, String environment, Optional<Long> entry, Optional<Long> checkpoint, String text) {
    /** What was done. */
    public enum Kind {
        ENTRY_CHANGED,
        ENTRY_REMOVED,
        ENTRY_INSERTED,
        ENTRY_REORDERED,
        CHECKPOINT_CHANGED,
        CHECKPOINT_REMOVED,
        CHECKPOINT_REORDERED,
        /** Something at the end is gone. */
        TAIL_REMOVED,
        /** What was carried outside says something else. */
        COPY_DIFFERS,
        LINE_UNREADABLE;

        public String wireName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    static LogFinding ofEntry(Kind kind, String environment, long entry, long checkpoint, String text) {
        return new LogFinding(
                kind, environment, Optional.of(entry), Optional.of(checkpoint).filter(number -> number > 0), text);
    }

    static LogFinding ofCheckpoint(Kind kind, String environment, long checkpoint, String text) {
        return new LogFinding(kind, environment, Optional.empty(), Optional.of(checkpoint), text);
    }

    static LogFinding of(Kind kind, String environment, String text) {
        return new LogFinding(kind, environment, Optional.empty(), Optional.empty(), text);
    }
}
