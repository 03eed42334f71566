package dev.countersign.web;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.context.MessageSource;
import org.springframework.stereotype.Component;

/**
 * Rules as the log has them ({@code required --groups sales}) in the reader's words. The log keeps the words of the command
 * line, which programs read and which stay the same in every language; what is not understood is shown as it stands.
 */
@Component
public final class RuleWords {
    private static final Pattern REQUIRED =
            Pattern.compile("required(?: --everyone)?(?: --groups (?<groups>.*?))?(?: --people (?<people>.*))?");
    private static final Pattern FROM = Pattern.compile("(?<rules>.*), from (?<day>\\d{4}-\\d{2}-\\d{2})T\\S+");
    private static final Pattern AFTER = Pattern.compile("(?<rules>.*), (?<delay>PT[0-9HMS]+) after (?<event>.*)");

    private final MessageSource messages;
    private final Durations durations;

    RuleWords(MessageSource messages, Durations durations) {
        this.messages = messages;
        this.durations = durations;
    }

    /** Rules, or an automatic start with them. */
    public String of(String logged, Locale locale) {
        Matcher from = FROM.matcher(logged);
        if (from.matches()) {
            return words("rule.from", locale, rules(from.group("rules"), locale), from.group("day"));
        }
        Matcher after = AFTER.matcher(logged);
        if (after.matches()) {
            String delay = delay(Duration.parse(after.group("delay")), locale);
            return words("rule.after", locale, rules(after.group("rules"), locale), delay, after.group("event"));
        }
        return rules(logged, locale);
    }

    private String delay(Duration delay, Locale locale) {
        return delay.toHours() >= 1 && delay.toMinutesPart() == 0
                ? words("rule.hours", locale, delay.toHours())
                : durations.exactly(delay, locale);
    }

    private String rules(String logged, Locale locale) {
        return switch (logged) {
            case "off" -> words("rule.off", locale);
            case "optional" -> words("rule.optional", locale);
            case "none" -> words("rule.none", locale);
            default -> required(logged, locale);
        };
    }

    private String required(String logged, Locale locale) {
        Matcher rule = REQUIRED.matcher(logged);
        if (!rule.matches()) {
            return logged;
        }
        Optional<String> groups = names(rule.group("groups"));
        Optional<String> people = names(rule.group("people"));
        if (groups.isPresent() && people.isPresent()) {
            return words("rule.groups-and-people", locale, groups.get(), people.get());
        }
        return groups.map(names -> words("rule.groups", locale, names))
                .or(() -> people.map(names -> words("rule.people", locale, names)))
                .orElseGet(() -> words("rule.everyone", locale));
    }

    private static Optional<String> names(@Nullable String logged) {
        return Optional.ofNullable(logged).map(names -> names.replace(",", ", "));
    }

    private String words(String key, Locale locale, Object... arguments) {
        return messages.getMessage(key, arguments, locale);
    }
}
