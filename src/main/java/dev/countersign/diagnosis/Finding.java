package dev.countersign.diagnosis;

/**
 * One thing that was looked at.
 *
 * @param code names the finding in JSON and never changes: {@code clock-ahead}
 * @param text what was found, in one sentence
 * @param advice what to do; empty when nothing is
 */
public record Finding(Subject subject, Level level, String code, String text, String advice) {
    /** What is looked at. */
    public enum Subject {
        SETTINGS,
        DISK,
        KEYS,
        DATABASE,
        CLOCK,
        PROXIES,
        CERTIFICATE,
        MAIL,
        ADMINISTRATORS,
        EXEMPTIONS
    }

    /** How bad it is. */
    public enum Level {
        GREEN,
        /** Works, but something should be done. */
        WARNING,
        /** Does not work, or soon will not. */
        RED
    }

    static Finding green(Subject subject, String code, String text) {
        return new Finding(subject, Level.GREEN, code, text, "");
    }

    static Finding warning(Subject subject, String code, String text, String advice) {
        return new Finding(subject, Level.WARNING, code, text, advice);
    }

    static Finding red(Subject subject, String code, String text, String advice) {
        return new Finding(subject, Level.RED, code, text, advice);
    }
}
