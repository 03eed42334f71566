package dev.countersign.console;

import dev.countersign.factor.companion.Confirmation;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Identifiers;
import dev.countersign.policy.ApprovalRule;
import dev.countersign.policy.ApprovalRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The form for when phones are asked, as it was filled. */
record ApprovalRuleForm(Row everyone, List<Row> groups, String confirmation, String version) {
    private static final int MOST_ROWS = 101;

    /** @param mode empty to have no rule of its own */
    record Row(String group, String mode, String share, String longest) {
        static Row of(String group, ApprovalRule rule) {
            return new Row(
                    group,
                    rule.mode().name().toLowerCase(Locale.ROOT),
                    Integer.toString(rule.share()),
                    Long.toString(rule.longest().toHours()));
        }

        Optional<ApprovalRule> rule() {
            Optional<ApprovalRule.Mode> chosen = Stream.of(ApprovalRule.Mode.values())
                    .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(mode))
                    .findFirst();
            int days = number(share);
            int hours = number(longest);
            boolean fits = days >= 1 && days <= 100 && hours >= 1 && hours <= ApprovalRule.LONGEST.toHours();
            return fits ? chosen.map(one -> new ApprovalRule(one, days, Duration.ofHours(hours))) : Optional.empty();
        }
    }

    ApprovalRuleForm {
        groups = List.copyOf(groups);
    }

    static ApprovalRuleForm of(ApprovalRules.All rules) {
        List<Row> rows = rules.groups().entrySet().stream()
                .map(entry -> Row.of(entry.getKey().value(), entry.getValue()))
                .sorted(Comparator.comparing(Row::group))
                .toList();
        return new ApprovalRuleForm(
                Row.of("", rules.everyone()),
                rows,
                rules.confirmation().toLowerCase(Locale.ROOT),
                Long.toString(rules.version()));
    }

    /** The first row is everyone's; the others are those of groups. Rows without group or mode are left out. */
    static ApprovalRuleForm read(Function<String, String @Nullable []> request) {
        String[] ids = values(request, "group");
        String[] modes = values(request, "mode");
        String[] shares = values(request, "share");
        String[] longest = values(request, "longest");
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < Math.min(modes.length, MOST_ROWS); i++) {
            rows.add(new Row(at(ids, i), at(modes, i), at(shares, i), at(longest, i)));
        }
        Row first = rows.isEmpty() ? new Row("", "", "", "") : rows.removeFirst();
        rows.removeIf(row -> row.group().isEmpty() || row.mode().isEmpty());
        return new ApprovalRuleForm(
                first, rows, at(values(request, "confirmation"), 0), at(values(request, "version"), 0));
    }

    private static String[] values(Function<String, String @Nullable []> request, String name) {
        String @Nullable [] values = request.apply(name);
        return values == null ? new String[0] : values;
    }

    private static String at(String[] values, int index) {
        return index < values.length && values[index].length() <= 64 ? values[index].strip() : "";
    }

    private static int number(String text) {
        return text.matches("\\d{1,5}") ? Integer.parseInt(text) : 0;
    }

    /** The rules; nothing when something in the form cannot be. */
    Optional<ApprovalRules.All> rules() {
        Map<GroupId, ApprovalRule> ofGroups = new HashMap<>();
        for (Row row : groups) {
            Optional<ApprovalRule> rule = row.rule();
            if (rule.isEmpty() || !Identifiers.isOne(row.group())) {
                return Optional.empty();
            }
            ofGroups.put(new GroupId(row.group()), rule.get());
        }
        Optional<String> how = Stream.of(Confirmation.values())
                .filter(one -> one.wireName().equals(confirmation))
                .map(Confirmation::name)
                .findFirst();
        return version.matches("\\d{1,15}")
                ? everyone.rule()
                        .flatMap(rule ->
                                how.map(name -> new ApprovalRules.All(rule, ofGroups, name, Long.parseLong(version))))
                : Optional.empty();
    }

    /** The address of the form as it was filled. */
    String address(String path) {
        PageAddress address = new PageAddress(path);
        Stream.concat(Stream.of(everyone), groups.stream())
                .forEach(row -> address.with("group", row.group())
                        .with("mode", row.mode())
                        .with("share", row.share())
                        .with("longest", row.longest()));
        return address.with("confirmation", confirmation)
                .with("version", version)
                .toString();
    }
}
