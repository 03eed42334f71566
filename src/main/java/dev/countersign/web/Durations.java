package dev.countersign.web;

import java.time.Duration;
import java.util.Locale;
import org.springframework.context.MessageSource;
import org.springframework.stereotype.Component;

/** A time to wait, in words: "2 minutes". */
@Component
public final class Durations {
    private final MessageSource messages;

    Durations(MessageSource messages) {
        this.messages = messages;
    }

    /** The duration, rounded up to what a person would say. */
    public String inWords(Duration duration, Locale locale) {
        long seconds = duration.toSeconds();
        if (seconds < 90) {
            return words("duration.seconds", seconds, locale);
        }
        if (seconds < 90 * 60) {
            return words("duration.minutes", (seconds + 59) / 60, locale);
        }
        return words("duration.hours", (seconds + 3599) / 3600, locale);
    }

    /** The duration to the second: "4 min 10 s". */
    public String exactly(Duration duration, Locale locale) {
        return messages.getMessage(
                "duration.exact", new Object[] {duration.toMinutes(), (long) duration.toSecondsPart()}, locale);
    }

    private String words(String key, long count, Locale locale) {
        return messages.getMessage(key, new Object[] {count}, locale);
    }
}
