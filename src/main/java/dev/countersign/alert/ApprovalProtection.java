package dev.countersign.alert;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether rules of approval ask for less than others did, for anybody; read from the words of the log. */
final class ApprovalProtection {
    private static final Pattern RULE =
            Pattern.compile("(off|always|random)(?: --share (\\d{1,3}) --longest (P[A-Z0-9.]{1,40}))?");
    private static final Pattern GROUP = Pattern.compile("[{, ]([a-z0-9-]+)=([^,}]*)");
    private static final Pattern CONFIRM = Pattern.compile(" --confirm ([a-z]+)");
    private static final List<String> MODES = List.of("off", "random", "always");
    private static final List<String> CONFIRMATIONS = List.of("tap", "number", "code");
    private static final Comparator<Rule> BY_PROTECTION = Comparator.comparingInt(Rule::mode)
            .thenComparingInt(Rule::share)
            .thenComparing(Rule::longest, Comparator.reverseOrder());

    private ApprovalProtection() {}

    private record Rule(int mode, int share, Duration longest) {}

    static boolean isLess(String before, String after) {
        if (confirmation(after) < confirmation(before)) {
            return true;
        }
        Map<String, Rule> old = rules(before);
        Map<String, Rule> now = rules(after);
        Set<String> groups = new HashSet<>(old.keySet());
        groups.addAll(now.keySet());
        return groups.stream().anyMatch(group -> BY_PROTECTION.compare(of(now, group), of(old, group)) < 0);
    }

    private static int confirmation(String rules) {
        Matcher matcher = CONFIRM.matcher(rules);
        return matcher.find() ? CONFIRMATIONS.indexOf(matcher.group(1)) : -1;
    }

    /** What holds for a group: its own, or that of everyone, which has the empty name. */
    private static Rule of(Map<String, Rule> rules, String group) {
        return rules.getOrDefault(group, rules.getOrDefault("", rule("off")));
    }

    private static Map<String, Rule> rules(String text) {
        Map<String, Rule> rules = new HashMap<>();
        rules.put("", rule(text));
        Matcher groups = GROUP.matcher(text.substring(Math.max(0, text.indexOf('{'))));
        while (text.contains("{") && groups.find()) {
            rules.put(groups.group(1), rule(groups.group(2)));
        }
        return rules;
    }

    private static Rule rule(String text) {
        Matcher matcher = RULE.matcher(text);
        if (!matcher.lookingAt()) {
            return new Rule(0, 0, Duration.ZERO);
        }
        int mode = MODES.indexOf(matcher.group(1));
        return matcher.group(2) == null
                ? new Rule(mode, 0, Duration.ZERO)
                : new Rule(mode, Integer.parseInt(matcher.group(2)), Duration.parse(matcher.group(3)));
    }
}
