package dev.countersign.moving;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.administration.Administrator;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Newcomers;
import dev.countersign.directory.Username;
import dev.countersign.factor.password.Passwords;
import dev.countersign.factor.totp.Apps;
import dev.countersign.factor.totp.OtpauthUri;
import dev.countersign.kernel.AccountId;
import dev.countersign.signin.AccountActions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Does what was planned, in the running transaction. New accounts go in by the hundred, changes one by one. */
@Component
final class Applier {
    private final Accounts accounts;
    private final Newcomers newcomers;
    private final Passwords passwords;
    private final Apps apps;
    private final AccountActions actions;
    private final ActivityLog activity;

    Applier(
            Accounts accounts,
            Newcomers newcomers,
            Passwords passwords,
            Apps apps,
            AccountActions actions,
            ActivityLog activity) {
        this.accounts = accounts;
        this.newcomers = newcomers;
        this.passwords = passwords;
        this.apps = apps;
        this.actions = actions;
        this.activity = activity;
    }

    void apply(List<Plan> plans, GroupBook book, Administrator by, Instant now) {
        List<Plan.Add> additions = new ArrayList<>();
        Set<Newcomers.Membership> memberships = new LinkedHashSet<>();
        for (Plan plan : plans) {
            switch (plan) {
                case Plan.Add add -> {
                    additions.add(add);
                    AccountId id = add.newcomer().account().id();
                    add.candidate()
                            .groups()
                            .forEach(path -> memberships.add(new Newcomers.Membership(book.make(path), id)));
                }
                case Plan.Change change -> change(change, book, by, now);
                case Plan.Nothing _ -> {}
            }
        }
        add(additions, by, now);
        newcomers.addMembers(by.environment(), memberships, now);
    }

    private void add(List<Plan.Add> additions, Administrator by, Instant now) {
        newcomers.add(
                by.environment(), additions.stream().map(Plan.Add::newcomer).toList());
        Map<AccountId, Passwords.Arriving> newPasswords = new LinkedHashMap<>();
        Map<AccountId, Apps.Arriving> newApps = new LinkedHashMap<>();
        List<ActivityLog.Entry> entries = new ArrayList<>();
        for (Plan.Add add : additions) {
            Account account = add.newcomer().account();
            Candidate candidate = add.candidate();
            candidate.password().ifPresent(password -> newPasswords.put(account.id(), password));
            candidate.app().ifPresent(app -> newApps.put(account.id(), arriving(app)));
            entries.add(new ActivityLog.Entry(
                    Optional.of(account.id()),
                    new ActivityEvent.AccountImported(
                            account.username(),
                            account.role().wireName(),
                            names(candidate.groups()),
                            candidate.password().isPresent(),
                            candidate.app().isPresent())));
        }
        passwords.addAll(by.environment(), newPasswords, now);
        apps.addAll(by.environment(), newApps, now);
        activity.recordAll(by.environment(), entries, by.actor(), by.origin(), now);
    }

    private static Apps.Arriving arriving(OtpauthUri.App app) {
        return new Apps.Arriving(app.totp(), app.secret());
    }

    private static List<String> names(List<List<Username>> groups) {
        return groups.stream().map(path -> path.getLast().display()).toList();
    }

    private void change(Plan.Change plan, GroupBook book, Administrator by, Instant now) {
        Account account = plan.account();
        Candidate candidate = plan.candidate();
        for (Plan.Field field : plan.fields()) {
            switch (field) {
                case EMAIL -> profile(plan, by, now);
                case NAME -> {
                    if (!plan.fields().contains(Plan.Field.EMAIL)) {
                        profile(plan, by, now);
                    }
                }
                case LOCALE -> accounts.changeLocale(account, candidate.locale(), by.actor(), by.origin(), now);
                case ROLE -> accounts.changeRole(account, candidate.role().orElseThrow(), by.actor(), by.origin(), now);
                case DISABLED -> disable(account, candidate.disabled().orElseThrow(), by, now);
                case GROUPS -> join(plan, book, by, now);
                case PASSWORD -> password(account, candidate.password().orElseThrow(), by, now);
                case APP -> app(account, candidate.app().orElseThrow(), by, now);
            }
        }
    }

    private void profile(Plan.Change plan, Administrator by, Instant now) {
        Account account = plan.account();
        Accounts.Creation changed = accounts.change(
                account,
                account.username(),
                plan.candidate().displayName().orElseGet(account::displayName),
                plan.candidate().email().orElseGet(account::email),
                by.actor(),
                by.origin(),
                now);
        if (changed instanceof Accounts.Creation.Refused(Accounts.Problem problem)) {
            throw new IllegalStateException("a checked name or address was refused: " + problem);
        }
    }

    private void disable(Account account, boolean disabled, Administrator by, Instant now) {
        if (disabled) {
            actions.disable(account, by.actor(), by.origin(), now);
        } else {
            accounts.enable(account, by.actor(), by.origin(), now);
        }
    }

    private void join(Plan.Change plan, GroupBook book, Administrator by, Instant now) {
        List<Newcomers.Membership> memberships = new ArrayList<>();
        List<ActivityLog.Entry> entries = new ArrayList<>();
        for (List<Username> path : plan.groups()) {
            memberships.add(
                    new Newcomers.Membership(book.make(path), plan.account().id()));
            entries.add(new ActivityLog.Entry(
                    Optional.of(plan.account().id()),
                    new ActivityEvent.GroupMemberAdded(path.getLast().display())));
        }
        newcomers.addMembers(by.environment(), memberships, now);
        activity.recordAll(by.environment(), entries, by.actor(), by.origin(), now);
    }

    /** Where one is replaced, the sessions that it opened end. */
    private void password(Account account, Passwords.Arriving password, Administrator by, Instant now) {
        actions.setPassword(account, password.password(), password.mustChange(), by.actor(), by.origin(), now);
    }

    private void app(Account account, OtpauthUri.App app, Administrator by, Instant now) {
        if (!apps.having(List.of(account.id())).isEmpty()) {
            actions.resetSecondFactor(account, by.actor(), by.origin(), now);
        }
        apps.addAll(by.environment(), Map.of(account.id(), arriving(app)), now);
        accounts.noteSecondFactor(account.id(), Optional.of(now));
        activity.record(
                by.environment(),
                Optional.of(account.id()),
                by.actor(),
                by.origin(),
                new ActivityEvent.AppEnrolled(),
                now);
    }
}
