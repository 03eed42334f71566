package dev.countersign.phrases;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.directory.Username;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.policy.ApprovalRule;
import dev.countersign.policy.ApprovalRules;
import dev.countersign.support.TestInstallation;
import dev.countersign.web.Languages;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rules of every kind in every language: no key, no word of the command line, no identifier. */
class RuleWordsTest {
    /** What the log says and programs read; none of it is a word in any language here. */
    private static final Pattern RAW = Pattern.compile(
            "--|\\brequired --|rule\\.|security-approval\\.|PT[0-9]|T\\d\\d:|\\brandom\\b|\\bshare\\b|\\{|\\}|[a-z2-7]{26}");

    private static final TestInstallation ON = TestInstallation.sqlite();
    private static final RuleWords WORDS = ON.get(RuleWords.class);
    private static final Group BERTHS = berths();

    private static Group berths() {
        EnvironmentId environment = ON.environment().id();
        Username name = ((Username.Parsed.Accepted) Username.parseGroupName("Berths & Quays")).username();
        return ON.get(Groups.class)
                .create(environment, name, TestInstallation.ACTOR, Origin.SYSTEM, TestInstallation.NOW)
                .orElseThrow();
    }

    static Stream<Locale> languages() {
        return Languages.ALL.stream();
    }

    private static List<String> logged() {
        return List.of(
                "off",
                "optional",
                "none",
                "required --everyone",
                "required --groups Berths & Quays,HR",
                "required --people ada,ben",
                "required --groups Berths & Quays --people ada",
                "required --everyone, from 2026-03-02T08:00:00Z",
                "required --groups Berths & Quays, PT24H after customer.paid",
                "required --everyone, PT1H30M after customer.paid");
    }

    private static List<String> approvals() {
        ApprovalRule random = new ApprovalRule(ApprovalRule.Mode.RANDOM, 20, Duration.ofDays(7));
        ApprovalRule always = new ApprovalRule(ApprovalRule.Mode.ALWAYS, 20, Duration.ofDays(7));
        ApprovalRule off = ApprovalRule.INITIAL;
        GroupId gone = new GroupId("gone-group");
        return Stream.of(
                        new ApprovalRules.All(off, Map.of(), "NUMBER", 0),
                        new ApprovalRules.All(random, Map.of(BERTHS.id(), always), "CODE", 0),
                        new ApprovalRules.All(always, Map.of(BERTHS.id(), random, gone, off), "TAP", 0))
                .map(ApprovalRules.All::describe)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("languages")
    void every_kind_of_rule_is_said_without_a_key_or_a_raw_word(Locale language) {
        Set<String> said = new TreeSet<>();
        for (String rule :
                Stream.concat(logged().stream(), approvals().stream()).toList()) {
            String words = WORDS.of(rule, language);
            assertThat(words).as(rule).isNotBlank().doesNotContainPattern(RAW);
            said.add(words);
        }
        assertThat(said)
                .as("each says something else")
                .hasSize(logged().size() + approvals().size());
        String last = WORDS.of(approvals().getLast(), language);
        assertThat(last).contains("Berths & Quays", "20", "168").doesNotContain("gone-group");
    }

    @Test
    void languages_differ() {
        for (String rule :
                Stream.concat(logged().stream(), approvals().stream()).toList()) {
            assertThat(Languages.ALL.stream()
                            .map(language -> WORDS.of(rule, language))
                            .distinct())
                    .as(rule)
                    .hasSizeGreaterThan(2);
        }
    }

    @ParameterizedTest
    @MethodSource("languages")
    void every_role_has_its_name(Locale language) {
        for (Role role : Role.values()) {
            assertThat(WORDS.role(role.wireName(), language))
                    .isNotBlank()
                    .doesNotContain("role.")
                    .doesNotContain("-");
        }
        assertThat(WORDS.role("none", language)).isNotEqualTo("none");
    }

    @Test
    void what_is_not_understood_is_shown_as_it_stands() {
        assertThat(WORDS.of("something of a later release", Locale.ENGLISH)).isEqualTo("something of a later release");
        assertThat(WORDS.role("captain", Locale.ENGLISH)).isEqualTo("captain");
    }
}
