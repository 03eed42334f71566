package dev.countersign.console;

import dev.countersign.factor.totp.Apps;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
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
    private final Apps apps;
    private final MessageSource messages;

    Coverage(Policies policies, Apps apps, MessageSource messages) {
        this.policies = policies;
        this.apps = apps;
        this.messages = messages;
    }

    /**
     * @param total people the requirement covers
     * @param enrolled of them, those who have set up their app
     * @param mustEnrol of them, those who will be led through it at their next sign-in
     */
    record Affected(long total, long enrolled, long mustEnrol, String sentence) {}

    Affected of(EnvironmentId environment, Rules rules, Instant now, Locale locale) {
        Set<AccountId> covered = policies.covered(environment, rules);
        long exempt = policies.exemptions(environment, now).stream()
                .filter(exemption -> covered.contains(exemption.account()))
                .count();
        Set<AccountId> withApp = apps.accountsWithApp(environment);
        long enrolled = covered.stream().filter(withApp::contains).count();
        long total = covered.size() - exempt;
        return new Affected(total, enrolled, Math.max(0, total - enrolled), sentence(environment, rules, now, locale));
    }

    /** Who has to use two-factor authentication, in words. */
    String sentence(EnvironmentId environment, Rules rules, Instant now, Locale locale) {
        return switch (rules.mode()) {
            case OFF -> messages.getMessage("coverage.off", null, locale);
            case OPTIONAL -> messages.getMessage("coverage.optional", null, locale);
            case REQUIRED -> required(environment, rules, locale);
        };
    }

    private String required(EnvironmentId environment, Rules rules, Locale locale) {
        long people = policies.covered(environment, rules).size();
        return switch (rules.scope()) {
            case Rules.Scope.Everyone() -> messages.getMessage("coverage.everyone", new Object[] {people}, locale);
            case Rules.Scope.Selected(Set<GroupId> groups, Set<AccountId> persons) -> {
                List<String> names = policies.groupNames(environment, groups);
                yield messages.getMessage(
                        "coverage.selected",
                        new Object[] {people, String.join(", ", names), names.size(), persons.size()},
                        locale);
            }
        };
    }
}
