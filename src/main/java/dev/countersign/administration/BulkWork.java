package dev.countersign.administration;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.entitlement.Feature;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Rights;
import dev.countersign.mail.Mail;
import dev.countersign.mail.MailQueue;
import dev.countersign.policy.AutomaticStart;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.signin.AccountActions;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.stereotype.Component;

/** Does one action to one person, or to some, in the running transaction, after the checks that are made for each. */
@Component
final class BulkWork {
    private final Accounts accounts;
    private final Groups groups;
    private final AccountActions actions;
    private final Policies policies;
    private final MailQueue mails;
    private final Licence licence;
    private final ActivityLog activity;

    BulkWork(
            Accounts accounts,
            Groups groups,
            AccountActions actions,
            Policies policies,
            MailQueue mails,
            Licence licence,
            ActivityLog activity) {
        this.accounts = accounts;
        this.groups = groups;
        this.actions = actions;
        this.policies = policies;
        this.mails = mails;
        this.licence = licence;
        this.activity = activity;
    }

    /** Does it to each, and answers for each why it was not done, if it was not. */
    Map<AccountId, Optional<Refusal>> on(Administrator by, BulkAction action, List<AccountId> people, Instant now) {
        Map<AccountId, Optional<Refusal>> results = new LinkedHashMap<>();
        Set<AccountId> required = new HashSet<>();
        Optional<Refusal> all = refusalOfAll(by, action, now);
        Optional<Group> group = groupOf(by.environment(), action);
        for (AccountId person : people) {
            Optional<Account> account = find(by, person);
            Optional<Refusal> why = all.or(() -> refusal(by, action.kind(), person, account));
            if (why.isEmpty()) {
                required.add(person);
                why = apply(by, action, account.orElseThrow(), group, now);
            }
            results.put(person, why);
        }
        if (action instanceof BulkAction.Require && !required.isEmpty()) {
            Optional<Refusal> refused = require(by, required, now);
            if (refused.isPresent()) {
                required.forEach(person -> results.put(person, refused));
            }
        }
        return results;
    }

    private Optional<Account> find(Administrator by, AccountId person) {
        return accounts.find(person).filter(found -> found.environment().equals(by.environment()));
    }

    private Optional<Refusal> refusal(
            Administrator by, BulkAction.Kind kind, AccountId person, Optional<Account> account) {
        if (account.isEmpty()) {
            return Optional.of(Refusal.NOT_FOUND);
        }
        if (kind.isForOthers() && by.is(person)) {
            return Optional.of(Refusal.OWN_ACCOUNT);
        }
        return kind.isForFewerRights() && !by.rights().cover(accounts.rights(account.get()))
                ? Optional.of(Refusal.ABOVE_YOUR_RIGHTS)
                : Optional.empty();
    }

    /** Why nobody of the selection can have it done, if so: it does not depend on the person. */
    Optional<Refusal> refusalOfAll(Administrator by, BulkAction action, Instant now) {
        if (!action.kind().isAllowed(by.rights())) {
            return Optional.of(Refusal.NOT_ALLOWED);
        }
        return switch (action) {
            case BulkAction.Exempt(String reason, Instant until) ->
                PeopleAdministration.checkExemption(reason, until, now);
            case BulkAction.Remind _, BulkAction.Invite _, BulkAction.InviteCompanion _ ->
                licence.against(by.environment(), Feature.MAIL, now)
                        .or(() -> mails.isOn(by.environment()) ? Optional.empty() : Optional.of(Refusal.NO_MAIL));
            case BulkAction.AddToGroup(GroupId id) -> refusalOfGroup(by, id);
            case BulkAction.RemoveFromGroup(GroupId id) -> refusalOfGroup(by, id);
            case BulkAction.Reset _,
                    BulkAction.Require _,
                    BulkAction.EndExemption _,
                    BulkAction.Unlock _,
                    BulkAction.EndSessions _,
                    BulkAction.Disable _,
                    BulkAction.Enable _ -> Optional.empty();
        };
    }

    private Optional<Refusal> refusalOfGroup(Administrator by, GroupId id) {
        if (groups.find(by.environment(), id).isEmpty()) {
            return Optional.of(Refusal.NOT_FOUND);
        }
        return by.rights().cover(Rights.of(groups.rolesGivenBy(id)))
                ? Optional.empty()
                : Optional.of(Refusal.ABOVE_YOUR_RIGHTS);
    }

    private Optional<Group> groupOf(EnvironmentId environment, BulkAction action) {
        return switch (action) {
            case BulkAction.AddToGroup(GroupId id) -> groups.find(environment, id);
            case BulkAction.RemoveFromGroup(GroupId id) -> groups.find(environment, id);
            default -> Optional.empty();
        };
    }

    private Optional<Refusal> apply(
            Administrator by, BulkAction action, Account account, Optional<Group> group, Instant now) {
        switch (action) {
            case BulkAction.Reset() -> actions.resetSecondFactor(account, by.actor(), by.origin(), now);
            case BulkAction.Require() -> {} // for all at once, in one change of the rules
            case BulkAction.Exempt(String reason, Instant until) ->
                policies.exempt(account, reason.strip(), until, by.actor(), by.origin(), now);
            case BulkAction.EndExemption() -> {
                return policies.endExemption(account, by.actor(), by.origin(), now)
                        ? Optional.empty()
                        : Optional.of(Refusal.NOT_EXEMPT);
            }
            case BulkAction.Unlock() -> actions.unlock(account, by.actor(), by.origin(), now);
            case BulkAction.Remind() -> {
                return mail(account, new Mail.Reminder(), now);
            }
            case BulkAction.Invite() -> {
                return mail(account, new Mail.Invitation(), now);
            }
            case BulkAction.InviteCompanion() -> {
                return inviteCompanion(by, account, now);
            }
            case BulkAction.EndSessions() -> actions.endSessions(account, by.actor(), by.origin(), now);
            case BulkAction.Disable() -> actions.disable(account, by.actor(), by.origin(), now);
            case BulkAction.Enable() -> accounts.enable(account, by.actor(), by.origin(), now);
            case BulkAction.AddToGroup _ -> groups.add(group.orElseThrow(), account, by.actor(), by.origin(), now);
            case BulkAction.RemoveFromGroup _ ->
                groups.remove(group.orElseThrow(), account, by.actor(), by.origin(), now);
        }
        return Optional.empty();
    }

    /** Nobody is asked to do what they have done, or what they could not do. */
    private Optional<Refusal> mail(Account account, Mail mail, Instant now) {
        if (account.enrolledAt().isPresent()) {
            return Optional.of(Refusal.ALREADY_SET_UP);
        }
        if (account.isDisabled()) {
            return Optional.of(Refusal.DISABLED_ACCOUNT);
        }
        mails.send(account, mail, now);
        return Optional.empty();
    }

    private Optional<Refusal> inviteCompanion(Administrator by, Account account, Instant now) {
        if (actions.hasPhone(account)) {
            return Optional.of(Refusal.ALREADY_PAIRED);
        }
        if (account.isDisabled()) {
            return Optional.of(Refusal.DISABLED_ACCOUNT);
        }
        mails.sendPairing(account, now);
        activity.record(
                account.environment(),
                Optional.of(account.id()),
                by.actor(),
                by.origin(),
                new ActivityEvent.PhoneInvited(),
                now);
        return Optional.empty();
    }

    /** One change of the rules for all of them, so that their history stays readable. */
    private Optional<Refusal> require(Administrator by, Set<AccountId> people, Instant now) {
        Rules rules = policies.rules(by.environment());
        Rules changed = AutomaticStart.rules(rules, new Rules.Scope.Selected(Set.of(), people));
        Optional<Refusal> refused = licence.against(by.environment(), changed, now);
        if (refused.isPresent()) {
            return refused;
        }
        if (!policies.change(by.environment(), changed, by.actor(), by.origin(), now)) {
            throw new OptimisticLockingFailureException("the rules have changed");
        }
        return Optional.empty();
    }
}
