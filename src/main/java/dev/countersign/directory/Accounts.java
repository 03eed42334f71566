package dev.countersign.directory;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.store.Database;
import dev.countersign.vault.Randomness;
import java.text.Normalizer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** The accounts of all environments. Thread-safe; every change is logged in its own transaction or the caller's. */
@Component
public final class Accounts {
    private static final int LONGEST_NAME = 200;
    private static final int LONGEST_SEARCH = 1_000;

    private final Database database;
    private final AccountStore store;
    private final ActivityLog activity;
    private final Randomness randomness;

    Accounts(Database database, AccountStore store, ActivityLog activity, Randomness randomness) {
        this.database = database;
        this.store = store;
        this.activity = activity;
        this.randomness = randomness;
    }

    /** A created account, or why there is none. */
    public sealed interface Creation {
        record Created(Account account) implements Creation {}

        record Refused(Problem problem) implements Creation {}
    }

    /** What is wrong with a {@link NewAccount}. */
    public enum Problem {
        USERNAME_EMPTY,
        USERNAME_TOO_LONG,
        USERNAME_INVISIBLE,
        USERNAME_CHARACTERS,
        USERNAME_LOOK_ALIKE,
        USERNAME_TAKEN,
        EMAIL_INVALID,
        NAME_INVALID
    }

    /** Whether an account was disabled. */
    public enum Disabling {
        DONE,
        /** Nobody could administer the environment any more. */
        LAST_ADMINISTRATOR
    }

    /** Creates an account without a password; nobody can sign in as it until one is set. */
    public Creation create(EnvironmentId environment, NewAccount typed, Actor actor, Origin origin, Instant now) {
        String displayName = Normalizer.normalize(typed.displayName().strip(), Normalizer.Form.NFC);
        if (displayName.isEmpty()
                || displayName.length() > LONGEST_NAME
                || displayName.chars().anyMatch(Character::isISOControl)) {
            return new Creation.Refused(Problem.NAME_INVALID);
        }
        if (!EmailAddress.isValid(typed.email().strip())) {
            return new Creation.Refused(Problem.EMAIL_INVALID);
        }
        return switch (Username.parse(typed.username())) {
            case Username.Parsed.Refused(Username.Refusal why) -> new Creation.Refused(problem(why));
            case Username.Parsed.Accepted(Username name) ->
                insert(environment, name, displayName, typed, actor, origin, now);
        };
    }

    private Creation insert(
            EnvironmentId environment,
            Username name,
            String displayName,
            NewAccount typed,
            Actor actor,
            Origin origin,
            Instant now) {
        Account account = new Account(
                new AccountId(randomness.identifier()),
                environment,
                name.display(),
                typed.email().strip(),
                displayName,
                typed.role(),
                Optional.empty(),
                now,
                Optional.empty(),
                Optional.empty());
        return database.write(() -> {
            if (!store.insert(account, name)) {
                return new Creation.Refused(Problem.USERNAME_TAKEN);
            }
            activity.record(
                    environment,
                    Optional.of(account.id()),
                    actor,
                    origin,
                    new ActivityEvent.AccountCreated(
                            account.username(), account.role().wireName()),
                    now);
            return new Creation.Created(account);
        });
    }

    public Optional<Account> find(AccountId id) {
        return store.find(id);
    }

    /** The account, which must exist: accounts are never deleted. */
    public Account get(AccountId id) {
        return store.find(id).orElseThrow(() -> new IllegalStateException("no account " + id));
    }

    /** The account of a name as someone typed it: its username in any spelling, or a mail address only it has. */
    public Optional<Account> findByTypedName(EnvironmentId environment, String typed) {
        return Username.lookupKey(typed)
                .flatMap(key -> store.findByKey(environment, key).or(() -> findByEmail(environment, typed)));
    }

    private Optional<Account> findByEmail(EnvironmentId environment, String typed) {
        if (typed.indexOf('@') < 0) {
            return Optional.empty();
        }
        List<Account> found = store.findByEmailKey(environment, EmailAddress.key(typed));
        return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
    }

    /** Accounts whose username, name or mail address contains {@code text}, in order of username. */
    public List<Account> search(EnvironmentId environment, String text, int limit, int offset) {
        return canOccur(text) ? store.search(environment, text, limit, offset) : List.of();
    }

    public long count(EnvironmentId environment, String text) {
        return canOccur(text) ? store.count(environment, text) : 0;
    }

    /** Whether an account could contain this. SQLite refuses longer patterns, PostgreSQL a NUL. */
    private static boolean canOccur(String text) {
        return text.length() <= LONGEST_SEARCH
                && text.codePoints()
                        .noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE);
    }

    /** All accounts that are not disabled. */
    public List<AccountId> enabledIds(EnvironmentId environment) {
        return store.allIds(environment);
    }

    /** Of these, and of the members of these groups, the accounts that are not disabled. */
    public List<AccountId> enabledIdsOf(EnvironmentId environment, Set<GroupId> groups, Set<AccountId> people) {
        return store.idsOf(environment, groups, people);
    }

    /** Everyone who administers the environment and is not disabled. */
    public List<Account> administrators(EnvironmentId environment) {
        return store.enabledOfRole(environment, Role.ADMINISTRATOR);
    }

    /** Notes that the owner showed the address to be theirs, in the running transaction. */
    public void confirmEmail(Account account, Actor actor, Origin origin, Instant now) {
        database.requireTransaction();
        store.updateEmailConfirmed(account.id(), now);
        log(account, actor, origin, new ActivityEvent.AddressConfirmed(), now);
    }

    /** When the owner showed the address to be theirs. */
    public Optional<Instant> emailConfirmedAt(AccountId account) {
        return store.emailConfirmedAt(account);
    }

    public boolean hasAdministrator(EnvironmentId environment) {
        return store.countEnabled(environment, Role.ADMINISTRATOR) > 0;
    }

    /** Keeps the account from signing in; ending its sessions is the caller's part of the same transaction. */
    public Disabling disable(Account account, Actor actor, Origin origin, Instant now) {
        return database.write(() -> {
            store.lockAdministrators(account.environment());
            boolean last = account.role() == Role.ADMINISTRATOR
                    && !get(account.id()).isDisabled()
                    && store.countEnabled(account.environment(), Role.ADMINISTRATOR) <= 1;
            if (last) {
                return Disabling.LAST_ADMINISTRATOR;
            }
            store.updateDisabled(account.id(), Optional.of(now));
            log(account, actor, origin, new ActivityEvent.AccountDisabled(), now);
            return Disabling.DONE;
        });
    }

    public void enable(Account account, Actor actor, Origin origin, Instant now) {
        database.write(() -> {
            store.updateDisabled(account.id(), Optional.empty());
            log(account, actor, origin, new ActivityEvent.AccountEnabled(), now);
        });
    }

    /** Keeps the person's language; absent means the browser's. */
    public void changeLocale(Account account, Optional<String> locale, Actor actor, Origin origin, Instant now) {
        database.write(() -> {
            store.updateLocale(account.id(), locale);
            log(account, actor, origin, new ActivityEvent.LocaleChanged(locale.orElse("browser")), now);
        });
    }

    /** Notes a completed sign-in, in its transaction. */
    public void noteSignIn(AccountId account, Instant now) {
        database.requireTransaction();
        store.updateLastSignIn(account, now);
    }

    private void log(Account account, Actor actor, Origin origin, ActivityEvent event, Instant now) {
        activity.record(account.environment(), Optional.of(account.id()), actor, origin, event, now);
    }

    private static Problem problem(Username.Refusal why) {
        return switch (why) {
            case EMPTY -> Problem.USERNAME_EMPTY;
            case TOO_LONG -> Problem.USERNAME_TOO_LONG;
            case INVISIBLE -> Problem.USERNAME_INVISIBLE;
            case CHARACTERS -> Problem.USERNAME_CHARACTERS;
            case LOOK_ALIKE -> Problem.USERNAME_LOOK_ALIKE;
        };
    }
}
