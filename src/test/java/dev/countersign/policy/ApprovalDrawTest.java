package dev.countersign.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.Account;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.GroupId;
import dev.countersign.support.TestInstallation;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whether a phone is asked beyond the rules. */
class ApprovalDrawTest {
    private static final Instant NOW = TestInstallation.NOW;
    private static final ApprovalRule OFF = new ApprovalRule(ApprovalRule.Mode.OFF, 20, Duration.ofDays(7));
    private static final ApprovalRule RANDOM = new ApprovalRule(ApprovalRule.Mode.RANDOM, 20, Duration.ofDays(7));
    private static final ApprovalRule ALWAYS = new ApprovalRule(ApprovalRule.Mode.ALWAYS, 20, Duration.ofDays(7));
    private static final Circumstances USUAL = around(false, false, false, false, Duration.ofDays(1));

    private final ApprovalRules rules = TestInstallation.sqlite().get(ApprovalRules.class);

    private static Circumstances around(
            boolean browser, boolean network, boolean failures, boolean administrator, Duration ago) {
        return new Circumstances(browser, network, failures, administrator, Optional.of(NOW.minus(ago)));
    }

    private record Example(ApprovalRule rule, Circumstances around, int lot, Optional<Why.Rule> expected) {}

    private static Example example(ApprovalRule rule, Circumstances around, int lot, Why.Rule expected) {
        return new Example(rule, around, lot, Optional.of(expected));
    }

    private static Example nobody(ApprovalRule rule, Circumstances around, int lot) {
        return new Example(rule, around, lot, Optional.empty());
    }

    @Test
    void g5_the_table() {
        Duration day = Duration.ofDays(1);
        Duration week = Duration.ofDays(7);
        Circumstances unusual = around(true, true, true, true, week);
        ApprovalRule all = new ApprovalRule(ApprovalRule.Mode.RANDOM, 100, week);
        ApprovalRule few = new ApprovalRule(ApprovalRule.Mode.RANDOM, 1, week);
        List<Example> table = List.of(
                nobody(OFF, unusual, 0),
                example(ALWAYS, USUAL, 9_999, Why.Rule.APPROVAL_ALWAYS),
                example(RANDOM, USUAL, 0, Why.Rule.APPROVAL_DRAWN),
                example(RANDOM, USUAL, 1_999, Why.Rule.APPROVAL_DRAWN),
                nobody(RANDOM, USUAL, 2_000),
                nobody(RANDOM, USUAL, 9_999),
                example(all, USUAL, 9_999, Why.Rule.APPROVAL_DRAWN),
                example(few, USUAL, 99, Why.Rule.APPROVAL_DRAWN),
                nobody(few, USUAL, 100),
                example(RANDOM, around(true, false, false, false, day), 9_999, Why.Rule.APPROVAL_NEW_BROWSER),
                example(RANDOM, around(false, true, false, false, day), 9_999, Why.Rule.APPROVAL_NEW_NETWORK),
                example(RANDOM, around(false, false, true, false, day), 9_999, Why.Rule.APPROVAL_AFTER_FAILURES),
                example(RANDOM, around(false, false, false, true, day), 9_999, Why.Rule.APPROVAL_ADMINISTRATOR),
                example(RANDOM, around(false, false, false, false, week), 9_999, Why.Rule.APPROVAL_INTERVAL),
                nobody(RANDOM, around(false, false, false, false, week.minusMillis(1)), 9_999),
                example(
                        RANDOM,
                        new Circumstances(false, false, false, false, Optional.empty()),
                        9_999,
                        Why.Rule.APPROVAL_INTERVAL));
        for (Example row : table) {
            assertThat(ApprovalDraw.of(row.rule(), row::around, row.lot(), NOW).map(Why::rule))
                    .as("%s", row)
                    .isEqualTo(row.expected());
        }
    }

    @Test
    void g5_of_several_groups_the_strictest_holds_and_without_one_that_of_everyone() {
        GroupId strict = new GroupId("strict");
        GroupId lax = new GroupId("lax");
        ApprovalRules.All all = new ApprovalRules.All(RANDOM, Map.of(strict, ALWAYS, lax, OFF), "NUMBER", 0);
        assertThat(all.of(Set.of())).isEqualTo(RANDOM);
        assertThat(all.of(Set.of(new GroupId("other")))).isEqualTo(RANDOM);
        assertThat(all.of(Set.of(lax))).isEqualTo(OFF);
        assertThat(all.of(Set.of(lax, strict))).isEqualTo(ALWAYS);
        ApprovalRule more = new ApprovalRule(ApprovalRule.Mode.RANDOM, 30, Duration.ofDays(9));
        assertThat(RANDOM.stricter(more)).isEqualTo(more);
        ApprovalRule sooner = new ApprovalRule(ApprovalRule.Mode.RANDOM, 20, Duration.ofDays(3));
        assertThat(RANDOM.stricter(sooner)).isEqualTo(sooner);
        assertThat(sooner.stricter(RANDOM)).isEqualTo(sooner);
    }

    @Test
    void g5_a_change_protects_less_when_anybody_is_asked_less_or_with_less() {
        GroupId one = new GroupId("one");
        ApprovalRule rarer = new ApprovalRule(ApprovalRule.Mode.RANDOM, 19, Duration.ofDays(7));
        ApprovalRule later = new ApprovalRule(ApprovalRule.Mode.RANDOM, 20, Duration.ofDays(8));
        ApprovalRule unused = new ApprovalRule(ApprovalRule.Mode.ALWAYS, 1, Duration.ofDays(90));
        ApprovalRules.All off = all(OFF, Map.of(), "NUMBER");
        ApprovalRules.All random = all(RANDOM, Map.of(), "NUMBER");
        ApprovalRules.All always = all(ALWAYS, Map.of(), "NUMBER");
        assertThat(always.protectLessThan(off)).isFalse();
        assertThat(off.protectLessThan(always)).isTrue();
        assertThat(random.protectLessThan(always)).isTrue();
        assertThat(all(rarer, Map.of(), "NUMBER").protectLessThan(random)).isTrue();
        assertThat(all(later, Map.of(), "NUMBER").protectLessThan(random)).isTrue();
        assertThat(all(unused, Map.of(), "NUMBER").protectLessThan(always)).isFalse();
        assertThat(all(ALWAYS, Map.of(), "TAP").protectLessThan(always)).isTrue();
        assertThat(all(ALWAYS, Map.of(), "CODE").protectLessThan(always)).isFalse();
        assertThat(all(ALWAYS, Map.of(one, OFF), "NUMBER").protectLessThan(always))
                .isTrue();
        assertThat(off.protectLessThan(all(OFF, Map.of(one, ALWAYS), "NUMBER"))).isTrue();
        assertThat(off.protectLessThan(all(OFF, Map.of(one, OFF), "NUMBER"))).isFalse();
    }

    private static ApprovalRules.All all(ApprovalRule everyone, Map<GroupId, ApprovalRule> groups, String how) {
        return new ApprovalRules.All(everyone, groups, how, 0);
    }

    @Test
    void g5_the_command_line_names_groups_by_name() {
        TestInstallation on = TestInstallation.sqlite();
        var acme = on.environment();
        var sales = on.group(acme, "Sales north");
        assertThat(rules.describe(acme.id(), all(OFF, Map.of(sales.id(), ALWAYS), "NUMBER")))
                .isEqualTo("off --confirm number; Sales north: always");
    }

    @Test
    void g5_the_lot_is_bound_to_person_and_day() {
        Account bea = TestInstallation.sqlite().person();
        Instant morning = Instant.parse("2026-03-02T00:00:00Z");
        Instant night = Instant.parse("2026-03-02T23:59:59.999Z");
        assertThat(rules.lot(bea.id(), morning)).isEqualTo(rules.lot(bea.id(), night));
        Set<Integer> ofDays = new HashSet<>();
        for (int day = 0; day < 50; day++) {
            ofDays.add(rules.lot(bea.id(), morning.plus(Duration.ofDays(day))));
        }
        assertThat(ofDays).hasSizeGreaterThan(45);
    }

    @Test
    void g5_over_ten_thousand_people_the_share_is_nearly_the_one_that_was_set() {
        for (int share : List.of(1, 20, 50)) {
            ApprovalRule rule = new ApprovalRule(ApprovalRule.Mode.RANDOM, share, Duration.ofDays(7));
            int drawn = 0;
            for (int person = 0; person < 10_000; person++) {
                int lot = rules.lot(new AccountId("person" + person), NOW);
                drawn += ApprovalDraw.of(rule, () -> USUAL, lot, NOW).isPresent() ? 1 : 0;
            }
            // Six standard deviations: 50 of 10,000 at one half.
            assertThat(drawn).isBetween(share * 100 - 300, share * 100 + 300);
        }
    }
}
