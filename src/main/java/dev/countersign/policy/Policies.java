package dev.countersign.policy;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.directory.Groups;
import dev.countersign.directory.SignInStyle;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.springframework.stereotype.Component;

/** The rules of each environment, and changes to them. Thread-safe; every change is logged with what it was before. */
@Component
public final class Policies {
    private final Database database;
    private final PolicyStore store;
    private final Accounts accounts;
    private final Groups groups;
    private final Environments environments;
    private final ActivityLog activity;

    Policies(
            Database database,
            PolicyStore store,
            Accounts accounts,
            Groups groups,
            Environments environments,
            ActivityLog activity) {
        this.database = database;
        this.store = store;
        this.accounts = accounts;
        this.groups = groups;
        this.environments = environments;
        this.activity = activity;
    }

    /** The rules as they were last saved, whose version a change has to name. */
    public Rules rules(EnvironmentId environment) {
        return store.find(environment);
    }

    /** The rules that hold now: those saved, with an automatic start that is due. */
    public Rules rules(EnvironmentId environment, Instant now) {
        return AutomaticStart.rulesAt(store.find(environment), store.findStart(environment), now);
    }

    /** The automatic start of an environment, if one is set. */
    public Optional<AutomaticStart> automaticStart(EnvironmentId environment) {
        return store.findStart(environment);
    }

    /** The requirement that will start, if the event has come and the start is yet to come. */
    public Optional<AutomaticStart> planned(EnvironmentId environment, Instant now) {
        return store.findStart(environment)
                .filter(start -> start.startsAt().filter(now::isBefore).isPresent());
    }

    /**
     * Replaces the rules if nobody else has changed them since {@code rules.version()}; the style stays.
     *
     * @return false when the rules have another version by now; nothing is changed then
     */
    public boolean change(EnvironmentId environment, Rules rules, Actor actor, Origin origin, Instant now) {
        Environment found = environments.find(environment).orElseThrow();
        return change(found, rules, found.style(), "", actor, origin, now);
    }

    /** Replaces rules and style if nobody else has changed them since {@code rules.version()}, for a reason or none. */
    public boolean change(
            Environment environment,
            Rules rules,
            SignInStyle style,
            String reason,
            Actor actor,
            Origin origin,
            Instant now) {
        EnvironmentId id = environment.id();
        return database.write(() -> {
            Rules before = store.find(id);
            store.insertVersion(id, new PolicyVersion(before, environment.style(), "", now, ""));
            if (!store.replace(id, rules, rules.version(), now)) {
                return false;
            }
            environments.changeStyle(environment, style, actor, origin, now);
            Rules after = store.find(id);
            store.insertVersion(id, new PolicyVersion(after, style, reason, now, actor.name()));
            String described = describe(id, before);
            String changed = describe(id, rules);
            if (!described.equals(changed)) {
                record(
                        id,
                        actor,
                        origin,
                        new ActivityEvent.PolicyChanged(described, changed, rules.protectLessThan(before)),
                        now);
            }
            return true;
        });
    }

    /** What the settings were, the newest first, at most {@code limit} of them. */
    public List<PolicyVersion> versions(EnvironmentId environment, int limit) {
        return store.versions(environment, limit);
    }

    public Optional<PolicyVersion> version(EnvironmentId environment, long number) {
        return store.findVersion(environment, number);
    }

    /** Sets, moves or takes back the automatic start. */
    public void changeStart(
            EnvironmentId environment, Optional<AutomaticStart> start, Actor actor, Origin origin, Instant now) {
        database.write(() -> {
            String before = describe(environment, store.findStart(environment));
            store.replaceStart(environment, start);
            String after = describe(environment, start);
            if (!before.equals(after)) {
                record(environment, actor, origin, new ActivityEvent.AutomaticStartChanged(before, after), now);
            }
        });
    }

    /**
     * The event has come: the requirement starts after its delay.
     *
     * @return the start, also when the event had come before; nothing when no start waits for an event of this name
     */
    public Optional<AutomaticStart> event(
            EnvironmentId environment, String name, Actor actor, Origin origin, Instant now) {
        return database.write(() -> {
            Optional<AutomaticStart> waiting =
                    store.findStart(environment).filter(start -> start.event().equals(name));
            if (waiting.isEmpty() || waiting.get().eventAt().isPresent()) {
                return waiting;
            }
            AutomaticStart start = waiting.get();
            Instant startsAt = now.plus(start.delay());
            AutomaticStart begun =
                    new AutomaticStart(name, start.delay(), start.scope(), Optional.of(now), Optional.of(startsAt));
            store.replaceStart(environment, Optional.of(begun));
            record(environment, actor, origin, new ActivityEvent.AutomaticStartSet(name, startsAt), now);
            return Optional.of(begun);
        });
    }

    /** The environments in which a requirement will start on a date that is known. */
    public List<EnvironmentId> plannedStarts(Instant now) {
        return store.plannedStarts(now);
    }

    /** Saves what automatic starts that are due have made the rules; answers in how many environments. */
    public int startDue(Instant now) {
        int started = 0;
        for (EnvironmentId id : store.dueStarts(now)) {
            Environment environment = environments.find(id).orElseThrow();
            database.write(() -> {
                change(environment, rules(id, now), environment.style(), "", Actor.SYSTEM, Origin.SYSTEM, now);
                store.replaceStart(id, Optional.empty());
            });
            started++;
        }
        return started;
    }

    private String describe(EnvironmentId environment, Optional<AutomaticStart> start) {
        return start.map(one -> describe(environment, new Rules(Rules.Mode.REQUIRED, one.scope(), 0)) + ", "
                        + one.startsAt().map(at -> "from " + at).orElseGet(() -> one.delay() + " after " + one.event()))
                .orElse(ActivityEvent.AutomaticStartChanged.NONE);
    }

    /**
     * Takes a group that is to be deleted out of the rules.
     *
     * @return false when the rules, or the automatic start, would name nobody any more; nothing is changed then
     */
    public boolean forget(EnvironmentId environment, GroupId group, Actor actor, Origin origin, Instant now) {
        return narrow(environment, scope -> without(scope, group), actor, origin, now);
    }

    /** The same for an account that is to be deleted. */
    public boolean forget(EnvironmentId environment, AccountId account, Actor actor, Origin origin, Instant now) {
        return narrow(environment, scope -> without(scope, account), actor, origin, now);
    }

    private boolean narrow(
            EnvironmentId environment,
            Function<Rules.Scope.Selected, Optional<Rules.Scope>> narrower,
            Actor actor,
            Origin origin,
            Instant now) {
        database.requireTransaction();
        Rules rules = store.find(environment);
        Optional<AutomaticStart> start = store.findStart(environment);
        Optional<Rules.Scope> scope = narrowed(rules.scope(), narrower);
        Optional<Optional<Rules.Scope>> later = start.map(one -> narrowed(one.scope(), narrower));
        if (scope.isEmpty() || later.filter(Optional::isEmpty).isPresent()) {
            return false;
        }
        if (!scope.get().equals(rules.scope())) {
            change(environment, new Rules(rules.mode(), scope.get(), rules.version()), actor, origin, now);
        }
        start.ifPresent(one -> changeStart(
                environment,
                Optional.of(new AutomaticStart(
                        one.event(), one.delay(), later.orElseThrow().orElseThrow(), one.eventAt(), one.startsAt())),
                actor,
                origin,
                now));
        return true;
    }

    private static Optional<Rules.Scope> narrowed(
            Rules.Scope scope, Function<Rules.Scope.Selected, Optional<Rules.Scope>> narrower) {
        return switch (scope) {
            case Rules.Scope.Everyone everyone -> Optional.of(everyone);
            case Rules.Scope.Selected selected -> narrower.apply(selected);
        };
    }

    private static Optional<Rules.Scope> without(Rules.Scope.Selected scope, GroupId group) {
        Set<GroupId> left = new HashSet<>(scope.groups());
        left.remove(group);
        return selection(left, scope.people());
    }

    private static Optional<Rules.Scope> without(Rules.Scope.Selected scope, AccountId account) {
        Set<AccountId> left = new HashSet<>(scope.people());
        left.remove(account);
        return selection(scope.groups(), left);
    }

    private static Optional<Rules.Scope> selection(Set<GroupId> groups, Set<AccountId> people) {
        return groups.isEmpty() && people.isEmpty()
                ? Optional.empty()
                : Optional.of(new Rules.Scope.Selected(groups, people));
    }

    private void record(EnvironmentId environment, Actor actor, Origin origin, ActivityEvent event, Instant now) {
        activity.record(environment, Optional.empty(), actor, origin, event, now);
    }

    /** The end of the exemption granted to an account, also when it has passed. */
    public Optional<Instant> exemptUntil(AccountId account) {
        return store.findExemption(account);
    }

    /** The exemption granted to an account, also when it has passed. */
    public Optional<Exemption> exemption(AccountId account) {
        return store.exemption(account);
    }

    /** Exemptions that have not ended. */
    public List<Exemption> exemptions(EnvironmentId environment, Instant now) {
        return store.exemptions(environment, now);
    }

    /** Grants an exemption, replacing the one there may be. */
    public void exempt(Account account, String reason, Instant until, Actor actor, Origin origin, Instant now) {
        Exemption exemption = new Exemption(account.id(), actor.name(), reason, until);
        database.write(() -> {
            store.upsertExemption(account.environment(), exemption);
            log(account, actor, origin, new ActivityEvent.ExemptionGranted(reason, until), now);
        });
    }

    /** Ends an exemption; false when there is none. */
    public boolean endExemption(Account account, Actor actor, Origin origin, Instant now) {
        return database.write(() -> {
            boolean ended = store.deleteExemption(account.id());
            if (ended) {
                log(account, actor, origin, new ActivityEvent.ExemptionEnded(), now);
            }
            return ended;
        });
    }

    /** The rules in the words of the command line: {@code required --groups sales,support}. */
    public String describe(EnvironmentId environment, Rules rules) {
        String mode = rules.mode().name().toLowerCase(Locale.ROOT);
        if (rules.mode() != Rules.Mode.REQUIRED) {
            return mode;
        }
        return switch (rules.scope()) {
            case Rules.Scope.Everyone() -> mode + " --everyone";
            case Rules.Scope.Selected(Set<GroupId> selected, Set<AccountId> people) ->
                mode + list(" --groups ", groupNames(environment, selected)) + list(" --people ", usernames(people));
        };
    }

    /** The names of these groups, sorted. */
    public List<String> groupNames(EnvironmentId environment, Set<GroupId> ids) {
        return groups.names(environment).stream()
                .filter(group -> ids.contains(group.id()))
                .map(Groups.Name::name)
                .sorted()
                .toList();
    }

    /** The usernames of these accounts, sorted. */
    public List<String> usernames(Set<AccountId> ids) {
        List<String> names = new ArrayList<>();
        ids.forEach(id -> accounts.find(id).ifPresent(account -> names.add(account.username())));
        return names.stream().sorted().toList();
    }

    private static String list(String prefix, List<String> names) {
        return names.isEmpty() ? "" : prefix + String.join(",", names);
    }

    private void log(Account account, Actor actor, Origin origin, ActivityEvent event, Instant now) {
        activity.record(account.environment(), Optional.of(account.id()), actor, origin, event, now);
    }
}
