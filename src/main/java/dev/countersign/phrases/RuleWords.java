package dev.countersign.phrases;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.directory.Groups;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
    private static final String WHEN = "off|always|random --share \\d{1,3} --longest P[A-Z0-9.]{1,40}";
    private static final Pattern APPROVAL = Pattern.compile(
            "(?<everyone>" + WHEN + ") --confirm (?<confirm>number|code|tap)(?: \\{(?<groups>[a-z0-9-]+=.*)\\})?");
    private static final Pattern OF_GROUP = Pattern.compile("(?<group>[a-z0-9-]+)=(?<rule>" + WHEN + ")(?:, |$)");
    private static final Pattern RANDOM = Pattern.compile("random --share (\\d{1,3}) --longest (P[A-Z0-9.]{1,40})");

    private final MessageSource messages;
    private final Groups groups;

    RuleWords(MessageSource messages, Groups groups) {
        this.messages = messages;
        this.groups = groups;
    }

    /** Rules, an automatic start with them, or when phones are asked. */
    public String of(String logged, Locale locale) {
        Matcher approval = APPROVAL.matcher(logged);
        if (approval.matches()) {
            return approval(approval, locale);
        }
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

    /** The name of a role, or that there is none. */
    public String role(String logged, Locale locale) {
        return Role.ofWireName(logged)
                .map(role -> words("role." + role.wireName(), locale))
                .orElseGet(() -> logged.equals("none") ? words("groups.no-role", locale) : logged);
    }

    private String delay(Duration delay, Locale locale) {
        return delay.toHours() >= 1 && delay.toMinutesPart() == 0
                ? words("rule.hours", locale, delay.toHours())
                : words("duration.exact", locale, delay.toMinutes(), (long) delay.toSecondsPart());
    }

    private String rules(String logged, Locale locale) {
        return switch (logged) {
            case "off" -> words("rule.off", locale);
            case "optional" -> words("rule.optional", locale);
            case ActivityEvent.AutomaticStartChanged.NONE -> words("rule.none", locale);
            default -> required(logged, locale);
        };
    }

    private String required(String logged, Locale locale) {
        Matcher rule = REQUIRED.matcher(logged);
        if (!rule.matches()) {
            return logged;
        }
        Optional<String> groupNames = names(rule.group("groups"));
        Optional<String> people = names(rule.group("people"));
        if (groupNames.isPresent() && people.isPresent()) {
            return words("rule.groups-and-people", locale, groupNames.get(), people.get());
        }
        return groupNames
                .map(names -> words("rule.groups", locale, names))
                .or(() -> people.map(names -> words("rule.people", locale, names)))
                .orElseGet(() -> words("rule.everyone", locale));
    }

    private static Optional<String> names(@Nullable String logged) {
        return Optional.ofNullable(logged).map(names -> names.replace(",", ", "));
    }

    /** The log names groups by their identifier, since their names may change. */
    private String approval(Matcher logged, Locale locale) {
        List<String> parts = new ArrayList<>();
        parts.add(part(words("security-approval.everyone", locale), when(logged.group("everyone"), locale), locale));
        Matcher group =
                OF_GROUP.matcher(Optional.ofNullable(logged.group("groups")).orElse(""));
        while (group.find()) {
            String name =
                    groups.nameOf(new GroupId(group.group("group"))).orElseGet(() -> words("rule.group-gone", locale));
            parts.add(part(name, when(group.group("rule"), locale), locale));
        }
        parts.add(part(
                words("security-approval.confirmation", locale),
                words(confirmationKey(logged.group("confirm")), locale),
                locale));
        return String.join("; ", parts);
    }

    private String part(String name, String value, Locale locale) {
        return words("rule.part", locale, name, value);
    }

    private static String confirmationKey(String logged) {
        return switch (logged) {
            case "code" -> "security-approval.confirm-code";
            case "tap" -> "security-approval.confirm-tap";
            default -> "security-approval.confirm-number";
        };
    }

    private String when(String logged, Locale locale) {
        Matcher random = RANDOM.matcher(logged);
        if (random.matches()) {
            Duration longest = Duration.parse(random.group(2));
            return words("security-approval.is-random", locale, Integer.parseInt(random.group(1)), longest.toHours());
        }
        return words(logged.equals("always") ? "security-approval.is-always" : "security-approval.is-off", locale);
    }

    private String words(String key, Locale locale, Object... arguments) {
        return messages.getMessage(key, arguments, locale);
    }
}
