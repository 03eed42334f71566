package dev.countersign.console;

import dev.countersign.factor.totp.Apps;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import java.time.Instant;
import java.util.HashSet;
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
        Set<AccountId> covered = covered(environment, rules, now);
        Set<AccountId> withApp = apps.accountsWithApp(environment);
        long enrolled = covered.stream().filter(withApp::contains).count();
        long total = covered.size();
        return new Affected(total, enrolled, total - enrolled, sentence(environment, rules, now, locale));
    }

    /** Who has to use two-factor authentication, in words. */
    String sentence(EnvironmentId environment, Rules rules, Instant now, Locale locale) {
        return switch (rules.mode()) {
            case OFF -> messages.getMessage("coverage.off", null, locale);
            case OPTIONAL -> messages.getMessage("coverage.optional", null, locale);
            case REQUIRED -> required(environment, rules, now, locale);
        };
    }

    /** The accounts the rules demand a second factor of, those exempt for now left out. */
    private Set<AccountId> covered(EnvironmentId environment, Rules rules, Instant now) {
        Set<AccountId> covered = new HashSet<>(policies.covered(environment, rules));
        policies.exemptions(environment, now).forEach(exemption -> covered.remove(exemption.account()));
        return covered;
    }

    private String required(EnvironmentId environment, Rules rules, Instant now, Locale locale) {
        long people = covered(environment, rules, now).size();
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
