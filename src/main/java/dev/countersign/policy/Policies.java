package dev.countersign.policy;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** The rules of each environment, and changes to them. Thread-safe; every change is logged with what it was before. */
@Component
public final class Policies {
    private final Database database;
    private final PolicyStore store;
    private final Accounts accounts;
    private final Groups groups;
    private final ActivityLog activity;

    Policies(Database database, PolicyStore store, Accounts accounts, Groups groups, ActivityLog activity) {
        this.database = database;
        this.store = store;
        this.accounts = accounts;
        this.groups = groups;
        this.activity = activity;
    }

    public Rules rules(EnvironmentId environment) {
        return store.find(environment);
    }

    /**
     * Replaces the rules if nobody else has changed them since {@code rules.version()}.
     *
     * @return false when the rules have another version by now; nothing is changed then
     */
    public boolean change(EnvironmentId environment, Rules rules, Actor actor, Origin origin, Instant now) {
        return database.write(() -> {
            Rules before = store.find(environment);
            if (!store.replace(environment, rules, rules.version(), now)) {
                return false;
            }
            activity.record(
                    environment,
                    Optional.empty(),
                    actor,
                    origin,
                    new ActivityEvent.PolicyChanged(describe(environment, before), describe(environment, rules)),
                    now);
            return true;
        });
    }

    /** The accounts the rules demand a second factor of, disabled ones left out, exemptions not considered. */
    public Set<AccountId> covered(EnvironmentId environment, Rules rules) {
        if (rules.mode() != Rules.Mode.REQUIRED) {
            return Set.of();
        }
        return Set.copyOf(
                switch (rules.scope()) {
                    case Rules.Scope.Everyone() -> accounts.enabledIds(environment);
                    case Rules.Scope.Selected(Set<GroupId> selected, Set<AccountId> people) ->
                        accounts.enabledIdsOf(environment, selected, people);
                });
    }

    /** The end of the exemption granted to an account, also when it has passed. */
    public Optional<Instant> exemptUntil(AccountId account) {
        return store.findExemption(account);
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
        return groups.all(environment).stream()
                .filter(group -> ids.contains(group.id()))
                .map(Group::name)
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
