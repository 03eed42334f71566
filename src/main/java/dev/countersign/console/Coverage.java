package dev.countersign.console;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.people.People;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.springframework.context.MessageSource;
import org.springframework.stereotype.Component;

/** Whom a policy affects, in numbers and in a sentence. */
@Component
final class Coverage {
    private final Policies policies;
    private final People people;
    private final MessageSource messages;

    Coverage(Policies policies, People people, MessageSource messages) {
        this.policies = policies;
        this.people = people;
        this.messages = messages;
    }

    /**
     * @param total people the requirement covers
     * @param enrolled of them, those who have set up their app
     * @param mustEnrol of them, those who will be led through it at their next sign-in
     */
    record Affected(long total, long enrolled, long mustEnrol, String sentence) {}

    Affected of(EnvironmentId environment, Rules rules, Instant now, Locale locale) {
        People.Affected affected = people.affected(environment, rules, now);
        return new Affected(
                affected.covered(),
                affected.enrolled(),
                affected.mustEnrol(),
                sentence(environment, rules, affected.covered(), locale));
    }

    /** How many people the one rules cover and the other do not; at least that many, for sets that only overlap. */
    static long noLongerAsked(Affected before, Affected after) {
        return Math.max(0, before.total() - after.total());
    }

    /** Who has to use two-factor authentication, in words. */
    String sentence(EnvironmentId environment, Rules rules, Instant now, Locale locale) {
        return sentence(
                environment, rules, people.affected(environment, rules, now).covered(), locale);
    }

    private String sentence(EnvironmentId environment, Rules rules, long covered, Locale locale) {
        return switch (rules.mode()) {
            case OFF -> messages.getMessage("coverage.off", null, locale);
            case OPTIONAL -> messages.getMessage("coverage.optional", null, locale);
            case REQUIRED -> required(environment, rules, covered, locale);
        };
    }

    private String required(EnvironmentId environment, Rules rules, long covered, Locale locale) {
        return switch (rules.scope()) {
            case Rules.Scope.Everyone() -> messages.getMessage("coverage.everyone", new Object[] {covered}, locale);
            case Rules.Scope.Selected(Set<GroupId> groups, Set<AccountId> persons) -> {
                List<String> names = policies.groupNames(environment, groups);
                yield messages.getMessage(
                        "coverage.selected",
                        new Object[] {covered, String.join(", ", names), names.size(), persons.size()},
                        locale);
            }
        };
    }
}
