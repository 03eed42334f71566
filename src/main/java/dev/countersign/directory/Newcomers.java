package dev.countersign.directory;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.store.Database;
import dev.countersign.vault.Randomness;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * Many accounts at once, for who moves in with all of them: the same rules as {@link Accounts}, some hundred accounts a
 * statement. The caller logs, in the same transaction. Thread-safe.
 */
@Component
public final class Newcomers {
    private final Database database;
    private final NewcomerStore store;
    private final GroupStore groupStore;
    private final Randomness randomness;

    Newcomers(Database database, NewcomerStore store, GroupStore groupStore, Randomness randomness) {
        this.database = database;
        this.store = store;
        this.groupStore = groupStore;
        this.randomness = randomness;
    }

    /** An account that is to be added, with the name that was checked. */
    public record Newcomer(Account account, Username name) {}

    /** Someone directly in a group. */
    public record Membership(GroupId group, AccountId account) {}

    /**
     * Where the identifiers of accounts that come together lie among all. A row whose place is random costs a page of each
     * index that begins with it; where many accounts are already, some hundred new ones are therefore put near each other.
     * Taken in turn, the parts fill evenly: an account found from any place on is as likely one as another.
     */
    public record Part(int number, int of) {
        /** An index page holds about sixty rows: so many accounts are on some ten pages of each. */
        private static final int ACCOUNTS = 512;

        private static final int MOST = 1_024;

        /** The part for those who come in this turn, when so many are there. */
        public static Part of(long turn, long there) {
            int parts = Math.clamp(Long.highestOneBit(there / ACCOUNTS), 1, MOST);
            return new Part(Math.floorMod(turn, parts), parts);
        }
    }

    /** How many accounts an environment has. */
    public long count(EnvironmentId environment) {
        return store.count(environment);
    }

    /** A new account of a checked name; nobody's until {@link #add}. */
    public Newcomer newcomer(
            EnvironmentId environment,
            Username name,
            NewAccount typed,
            Optional<String> locale,
            boolean disabled,
            boolean withApp,
            Part part,
            Instant now) {
        Account account = new Account(
                new AccountId(randomness.identifier(part.number(), part.of())),
                environment,
                name.display(),
                typed.email(),
                typed.displayName(),
                typed.role(),
                typed.source(),
                locale,
                now,
                disabled ? Optional.of(now) : Optional.empty(),
                Optional.empty(),
                withApp ? Optional.of(now) : Optional.empty());
        return new Newcomer(account, name);
    }

    /** The accounts that have one of these {@link Username#key}s. */
    public Map<String, Account> byKey(EnvironmentId environment, Collection<String> keys) {
        return keys.isEmpty() ? Map.of() : store.byKey(environment, keys);
    }

    /** Of these {@link Username#shape}s, those an account has. */
    public Set<String> shapesTaken(EnvironmentId environment, Collection<String> shapes) {
        return shapes.isEmpty() ? Set.of() : store.shapesTaken(environment, shapes);
    }

    /** Which groups these accounts are in directly. */
    public Set<Membership> memberships(Collection<AccountId> accounts) {
        return accounts.isEmpty() ? Set.of() : store.memberships(accounts);
    }

    /** The groups of an environment without counting who is in them, and how they stand in each other. */
    public record GroupsNow(List<Group> groups, List<Groups.Nesting> nestings) {}

    public GroupsNow groups(EnvironmentId environment) {
        return new GroupsNow(store.groups(environment), groupStore.nestings(environment));
    }

    /** Adds accounts whose names nobody has, in the running transaction. */
    public void add(EnvironmentId environment, List<Newcomer> newcomers) {
        database.requireTransaction();
        store.insert(environment, newcomers);
    }

    /** Adds accounts to groups they are not in, in the running transaction. */
    public void addMembers(EnvironmentId environment, Collection<Membership> memberships, Instant now) {
        database.requireTransaction();
        store.insertMembers(environment, memberships, now);
    }

    /** The accounts after this username, in order of usernames: a page of the whole environment. */
    public List<Account> after(EnvironmentId environment, String usernameKey, int limit) {
        return store.after(environment, usernameKey, limit);
    }
}
