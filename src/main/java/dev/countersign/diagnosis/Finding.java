package dev.countersign.diagnosis;

/**
 * One thing that was looked at.
 *
 * @param code names the finding in JSON and never changes: {@code clock-ahead}
 * @param text what was found, in one sentence
 * @param advice what to do; empty when it is green, and only then
 */
public record Finding(Subject subject, Level level, String code, String text, String advice) {
    public Finding {
        if ((level == Level.GREEN) != advice.isEmpty()) {
            throw new IllegalArgumentException(code + " must say what to do if anything is wrong, and only then");
        }
    }

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
        EXEMPTIONS,
        LOG
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
