package dev.countersign.administration;

import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.directory.Groups;
import dev.countersign.directory.SignInStyle;
import dev.countersign.entitlement.Feature;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Permission;
import dev.countersign.kernel.Texts;
import dev.countersign.policy.ApprovalRules;
import dev.countersign.policy.AutomaticStart;
import dev.countersign.policy.Policies;
import dev.countersign.policy.PolicyVersion;
import dev.countersign.policy.Rules;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** What administrators do to the security settings. Each change names the version it was made from. Thread-safe. */
@Component
public final class SecurityAdministration {
    /** The longest an automatic start may be put off, from now. */
    private static final Duration FARTHEST_START = Duration.ofDays(366);

    /** Groups that may have rules of approval of their own. */
    private static final int MOST_APPROVAL_GROUPS = 100;

    private final Policies policies;
    private final Environments environments;
    private final Accounts accounts;
    private final Groups groups;
    private final ApprovalRules approvals;
    private final Licence licence;
    private final Safeguard safeguard;

    SecurityAdministration(
            Policies policies,
            Environments environments,
            Accounts accounts,
            Groups groups,
            ApprovalRules approvals,
            Licence licence,
            Safeguard safeguard) {
        this.policies = policies;
        this.environments = environments;
        this.accounts = accounts;
        this.groups = groups;
        this.approvals = approvals;
        this.licence = licence;
        this.safeguard = safeguard;
    }

    /** Replaces rules and sign-in style, if the rules still have the version they name. */
    public Outcome<Outcome.Nothing> change(
            Administrator by, Rules rules, SignInStyle style, String reason, Instant now) {
        return permitted(by, () -> {
            if (!isReason(reason)) {
                return Outcome.refused(Refusal.REASON_MISSING);
            }
            Optional<Refusal> refused = licence.against(by.environment(), rules, now);
            if (refused.isPresent()) {
                return Outcome.refused(refused.get());
            }
            Environment environment = environments.find(by.environment()).orElseThrow();
            return policies.change(environment, rules, style, reason.strip(), by.actor(), by.origin(), now)
                    ? Outcome.done()
                    : Outcome.refused(Refusal.VERSION_CHANGED);
        });
    }

    private static boolean isReason(String reason) {
        return reason.length() <= PeopleAdministration.LONGEST_REASON && Texts.isPlain(reason);
    }

    /** What an earlier version would be as the next change: groups and people that are gone are left out. */
    public Outcome<PolicyVersion> earlier(Administrator by, long number) {
        return permitted(by, () -> {
            Optional<PolicyVersion> version = policies.version(by.environment(), number);
            if (version.isEmpty()) {
                return Outcome.refused(Refusal.NOT_FOUND);
            }
            PolicyVersion then = version.get();
            long current = policies.rules(by.environment()).version();
            return existing(by, then.rules().scope())
                    .<Outcome<PolicyVersion>>map(scope -> new Outcome.Done<>(new PolicyVersion(
                            new Rules(then.rules().mode(), scope, current),
                            then.style(),
                            then.reason(),
                            then.changedAt(),
                            then.changedBy())))
                    .orElseGet(() -> Outcome.refused(Refusal.LAST_IN_RULES));
        });
    }

    /** The part of a scope that still exists; nothing when that is nobody. */
    private Optional<Rules.Scope> existing(Administrator by, Rules.Scope scope) {
        return switch (scope) {
            case Rules.Scope.Everyone everyone -> Optional.of(everyone);
            case Rules.Scope.Selected(Set<GroupId> groupIds, Set<AccountId> people) -> {
                Set<GroupId> groupsLeft = groupIds.stream()
                        .filter(id -> groups.find(by.environment(), id).isPresent())
                        .collect(Collectors.toSet());
                Set<AccountId> peopleLeft = people.stream()
                        .filter(id -> accounts.find(id).isPresent())
                        .collect(Collectors.toSet());
                yield groupsLeft.isEmpty() && peopleLeft.isEmpty()
                        ? Optional.empty()
                        : Optional.of(new Rules.Scope.Selected(groupsLeft, peopleLeft));
            }
        };
    }

    /** Arms a requirement that begins {@code delay} after an event, in place of any that is armed. */
    public Outcome<AutomaticStart> armStart(
            Administrator by, String event, Duration delay, Rules.Scope scope, Instant now) {
        return permitted(by, () -> {
            boolean fits = AutomaticStart.isEvent(event)
                    && !delay.isNegative()
                    && delay.compareTo(AutomaticStart.LONGEST_DELAY) <= 0;
            if (!fits) {
                return Outcome.refused(Refusal.START_INVALID);
            }
            Rules then = AutomaticStart.rules(policies.rules(by.environment(), now), scope);
            Optional<Refusal> refused = licence.against(by.environment(), Feature.AUTOMATIC_START, now)
                    .or(() -> licence.against(by.environment(), then, now));
            if (refused.isPresent()) {
                return Outcome.refused(refused.get());
            }
            AutomaticStart start = new AutomaticStart(event, delay, scope, Optional.empty(), Optional.empty());
            policies.changeStart(by.environment(), Optional.of(start), by.actor(), by.origin(), now);
            return new Outcome.Done<>(start);
        });
    }

    /** Moves a start whose event has come. */
    public Outcome<AutomaticStart> moveStart(Administrator by, Instant startsAt, Instant now) {
        return permitted(by, () -> {
            Optional<AutomaticStart> armed = policies.automaticStart(by.environment());
            if (armed.isEmpty() || armed.get().eventAt().isEmpty()) {
                return Outcome.refused(Refusal.NOT_FOUND);
            }
            if (startsAt.isBefore(now) || startsAt.isAfter(now.plus(FARTHEST_START))) {
                return Outcome.refused(Refusal.START_INVALID);
            }
            AutomaticStart old = armed.get();
            AutomaticStart moved =
                    new AutomaticStart(old.event(), old.delay(), old.scope(), old.eventAt(), Optional.of(startsAt));
            policies.changeStart(by.environment(), Optional.of(moved), by.actor(), by.origin(), now);
            return new Outcome.Done<>(moved);
        });
    }

    /** Takes the automatic start back. */
    public Outcome<Outcome.Nothing> disarmStart(Administrator by, Instant now) {
        return permitted(by, () -> {
            if (policies.automaticStart(by.environment()).isEmpty()) {
                return Outcome.refused(Refusal.NOT_FOUND);
            }
            policies.changeStart(by.environment(), Optional.empty(), by.actor(), by.origin(), now);
            return Outcome.done();
        });
    }

    /** Says that an event has come. An event nothing waits for is not found; one that came before changes nothing. */
    public Outcome<AutomaticStart> event(Administrator by, String event, Instant now) {
        return permitted(
                by,
                () -> policies.event(by.environment(), event, by.actor(), by.origin(), now)
                        .<Outcome<AutomaticStart>>map(Outcome.Done::new)
                        .orElseGet(() -> Outcome.refused(Refusal.NOT_FOUND)));
    }

    /** Replaces when phones are asked, if the rules still have the version they name. */
    public Outcome<Outcome.Nothing> changeApproval(Administrator by, ApprovalRules.All rules, Instant now) {
        return permitted(by, () -> {
            boolean known = rules.groups().keySet().stream()
                    .allMatch(group -> groups.find(by.environment(), group).isPresent());
            if (!known || rules.groups().size() > MOST_APPROVAL_GROUPS) {
                return Outcome.refused(known ? Refusal.TOO_MANY : Refusal.NOT_FOUND);
            }
            Optional<Refusal> refused = licence.against(by.environment(), approvals.of(by.environment()), rules, now);
            if (refused.isPresent()) {
                return Outcome.refused(refused.get());
            }
            return approvals.change(by.environment(), rules, by.actor(), by.origin(), now)
                    ? Outcome.done()
                    : Outcome.refused(Refusal.VERSION_CHANGED);
        });
    }

    /**
     * Sets how long sessions of the environment last.
     *
     * @param idle without use; 5 minutes to 30 days
     * @param longest in all; not shorter than {@code idle}, at most 90 days
     */
    public Outcome<Outcome.Nothing> changeSessions(Administrator by, Duration idle, Duration longest, Instant now) {
        return permitted(by, () -> {
            boolean fits = idle.compareTo(Duration.ofMinutes(5)) >= 0
                    && idle.compareTo(Duration.ofDays(30)) <= 0
                    && longest.compareTo(idle) >= 0
                    && longest.compareTo(Duration.ofDays(90)) <= 0;
            if (!fits) {
                return Outcome.refused(Refusal.SESSION_LENGTH);
            }
            Environment environment = environments.find(by.environment()).orElseThrow();
            environments.changeSessions(environment, idle, longest, by.actor(), by.origin(), now);
            return Outcome.done();
        });
    }

    private <T> Outcome<T> permitted(Administrator by, Supplier<Outcome<T>> change) {
        return by.rights().may(Permission.EDIT_SYSTEM_SETTINGS)
                ? safeguard.guard(by.environment(), change)
                : Outcome.refused(Refusal.NOT_ALLOWED);
    }
}
