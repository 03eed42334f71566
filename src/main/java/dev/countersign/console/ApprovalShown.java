package dev.countersign.console;

import dev.countersign.directory.Groups;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.people.People;
import dev.countersign.policy.ApprovalRule;
import dev.countersign.policy.ApprovalRules;
import dev.countersign.policy.Rules;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** When phones are asked, in the words of the console, and of how many people. */
@Component
final class ApprovalShown {
    private final Groups groups;
    private final People people;

    ApprovalShown(Groups groups, People people) {
        this.groups = groups;
        this.people = people;
    }

    /**
     * What holds for a group, or for everyone else.
     *
     * @param group its name; empty for everyone else
     * @param key a sentence, which takes share and hours
     */
    record Line(String group, String key, int share, long hours) {
        static Line of(String group, ApprovalRule rule) {
            return new Line(
                    group, modeKey(rule.mode()), rule.share(), rule.longest().toHours());
        }
    }

    record Shown(Line everyone, List<Line> groups, String confirmationKey, boolean weak) {}

    Shown of(EnvironmentId environment, ApprovalRules.All rules) {
        Map<GroupId, String> names = names(environment);
        List<Line> lines = rules.groups().entrySet().stream()
                .map(entry -> Line.of(
                        names.getOrDefault(entry.getKey(), entry.getKey().value()), entry.getValue()))
                .sorted(Comparator.comparing(Line::group))
                .toList();
        String confirmation = rules.confirmation().toLowerCase(Locale.ROOT);
        return new Shown(
                Line.of("", rules.everyone()), lines, confirmationKey(confirmation), confirmation.equals("tap"));
    }

    Map<GroupId, String> names(EnvironmentId environment) {
        return groups.names(environment).stream().collect(Collectors.toMap(Groups.Name::id, Groups.Name::name));
    }

    private static String confirmationKey(String confirmation) {
        return switch (confirmation) {
            case "code" -> "security-approval.confirm-code";
            case "tap" -> "security-approval.confirm-tap";
            default -> "security-approval.confirm-number";
        };
    }

    private static String modeKey(ApprovalRule.Mode mode) {
        return switch (mode) {
            case OFF -> "security-approval.is-off";
            case RANDOM -> "security-approval.is-random";
            case ALWAYS -> "security-approval.is-always";
        };
    }

    /** Of how many people phones are asked, now and then or always. */
    long asked(EnvironmentId environment, ApprovalRules.All rules, Instant now) {
        Set<GroupId> asking = with(rules, true);
        long ofGroups = count(environment, asking, now);
        if (rules.everyone().mode() == ApprovalRule.Mode.OFF) {
            return ofGroups;
        }
        Set<GroupId> named = new HashSet<>(rules.groups().keySet());
        long all = people.affected(environment, required(new Rules.Scope.Everyone()), now)
                .covered();
        return all - (count(environment, named, now) - ofGroups);
    }

    private static Set<GroupId> with(ApprovalRules.All rules, boolean asking) {
        return rules.groups().entrySet().stream()
                .filter(entry -> (entry.getValue().mode() != ApprovalRule.Mode.OFF) == asking)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private long count(EnvironmentId environment, Set<GroupId> of, Instant now) {
        return of.isEmpty()
                ? 0
                : people.affected(environment, required(new Rules.Scope.Selected(of, Set.of())), now)
                        .covered();
    }

    private static Rules required(Rules.Scope scope) {
        return new Rules(Rules.Mode.REQUIRED, scope, 0);
    }
}
