package dev.countersign.directory;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Rights;
import dev.countersign.kernel.Role;
import dev.countersign.kernel.Texts;
import dev.countersign.store.Database;
import dev.countersign.store.ForgetsAccounts;
import dev.countersign.vault.Randomness;
import java.text.Normalizer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** The accounts of all environments. Thread-safe; every change is logged in its own transaction or the caller's. */
@Component
public final class Accounts {
    static final int LONGEST_NAME = 200;
    private static final int INDEXED_AT_ONCE = 500;

    private final Database database;
    private final AccountStore store;
    private final Groups groups;
    private final List<ForgetsAccounts> keepers;
    private final ActivityLog activity;
    private final Randomness randomness;

    Accounts(
            Database database,
            AccountStore store,
            Groups groups,
            List<ForgetsAccounts> keepers,
            ActivityLog activity,
            Randomness randomness) {
        this.groups = groups;
        this.keepers = keepers;
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

    /** Creates an account without a password; nobody can sign in as it until one is set. */
    public Creation create(EnvironmentId environment, NewAccount typed, Actor actor, Origin origin, Instant now) {
        return switch (check(typed.username(), typed.displayName(), typed.email())) {
            case Checked.Refused(Problem problem) -> new Creation.Refused(problem);
            case Checked.Fine(Username name, String displayName) ->
                insert(environment, name, displayName, typed, actor, origin, now);
        };
    }

    private sealed interface Checked {
        record Fine(Username username, String displayName) implements Checked {}

        record Refused(Problem problem) implements Checked {}
    }

    /** A name as it is kept; absent when it cannot be one. */
    public static Optional<String> displayName(String typed) {
        String name = Normalizer.normalize(typed.strip(), Normalizer.Form.NFC);
        boolean valid = !name.isEmpty() && name.length() <= LONGEST_NAME && Texts.isPlain(name);
        return valid ? Optional.of(name) : Optional.empty();
    }

    private static Checked check(String username, String name, String email) {
        Optional<String> displayName = displayName(name);
        if (displayName.isEmpty()) {
            return new Checked.Refused(Problem.NAME_INVALID);
        }
        if (!EmailAddress.isValid(email.strip())) {
            return new Checked.Refused(Problem.EMAIL_INVALID);
        }
        return switch (Username.parse(username)) {
            case Username.Parsed.Refused(Username.Refusal why) -> new Checked.Refused(problem(why));
            case Username.Parsed.Accepted(Username parsed) -> new Checked.Fine(parsed, displayName.get());
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
                typed.source(),
                Optional.empty(),
                now,
                Optional.empty(),
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

    /** The account, which must exist: for who holds something of it, such as a session. */
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

    /** What the account may do: by its own role, and by the roles of the groups it is in, directly or through others. */
    public Rights rights(Account account) {
        List<Role> roles = new ArrayList<>(store.rolesByGroups(account.id()));
        roles.add(account.role());
        return Rights.of(roles);
    }

    /** Makes search words for accounts that have none yet, or only by older rules. Called once, when an installation opens. */
    static void index(Database database) {
        AccountStore store = new AccountStore(database);
        while (!store.notIndexed(1).isEmpty()) {
            database.write(() -> store.notIndexed(INDEXED_AT_ONCE).forEach(store::index));
        }
    }

    /** Everyone who administers the environment, by their own role or by a group, and is not disabled. */
    public List<Account> administrators(EnvironmentId environment) {
        return store.enabledOfRole(
                environment, Role.ADMINISTRATOR, groups.giving(environment, List.of(Role.ADMINISTRATOR)));
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
    public void disable(Account account, Actor actor, Origin origin, Instant now) {
        database.requireTransaction();
        store.updateDisabled(account.id(), Optional.of(now));
        log(account, actor, origin, new ActivityEvent.AccountDisabled(), now);
    }

    /** Changes username, mail address and name. */
    public Creation change(
            Account account,
            String username,
            String displayName,
            String email,
            Actor actor,
            Origin origin,
            Instant now) {
        Checked checked = check(username, displayName, email);
        return switch (checked) {
            case Checked.Refused(Problem problem) -> new Creation.Refused(problem);
            case Checked.Fine(Username name, String shown) -> {
                Account changed = account.withProfile(name.display(), email.strip(), shown);
                yield database.write(() -> {
                    if (!store.updateProfile(changed, name)) {
                        return new Creation.Refused(Problem.USERNAME_TAKEN);
                    }
                    log(
                            account,
                            actor,
                            origin,
                            new ActivityEvent.AccountChanged(account.profile(), changed.profile()),
                            now);
                    return new Creation.Created(changed);
                });
            }
        };
    }

    /** Gives the account another role of its own. */
    public void changeRole(Account account, Role role, Actor actor, Origin origin, Instant now) {
        database.write(() -> {
            store.updateRole(account.id(), role);
            log(
                    account,
                    actor,
                    origin,
                    new ActivityEvent.RoleChanged(account.role().wireName(), role.wireName()),
                    now);
        });
    }

    /** Removes the account and what every module keeps of it but the log, in the running transaction. */
    public void delete(Account account, Actor actor, Origin origin, Instant now) {
        database.requireTransaction();
        keepers.forEach(keeper -> keeper.forget(account.id()));
        store.delete(account.id());
        log(account, actor, origin, new ActivityEvent.AccountDeleted(account.username()), now);
    }

    /** Lets nobody else who locks the account go on before the running transaction ends. */
    public void lock(AccountId account) {
        database.requireTransaction();
        store.lock(account);
    }

    /** Notes since when the account has had a second factor, or that it has none, in the transaction of that. */
    public void noteSecondFactor(AccountId account, Optional<Instant> enrolledAt) {
        database.requireTransaction();
        store.updateEnrolled(account, enrolledAt);
    }

    /** The same for many accounts that have got theirs at once. */
    public void noteSecondFactors(Collection<AccountId> enrolled, Instant enrolledAt) {
        database.requireTransaction();
        if (!enrolled.isEmpty()) {
            store.updateEnrolled(enrolled, enrolledAt);
        }
    }

    /** Notes since when the account has had a phone that approves, or that it has none, in the transaction of that. */
    public void noteCompanion(AccountId account, Optional<Instant> pairedAt) {
        database.requireTransaction();
        store.updateCompanion(account, pairedAt);
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
