package dev.countersign.administration;

import dev.countersign.directory.Environments;
import dev.countersign.directory.Groups;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Role;
import dev.countersign.store.Database;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/**
 * Nobody locks everybody out: a change after which no administrator could sign in is taken back as a whole. It is judged by
 * what the change did, not by what it is called, so that a new kind of change is guarded from its first day. Thread-safe.
 */
@Component
public final class Safeguard {
    private final Database database;
    private final SafeguardStore store;
    private final Environments environments;
    private final Groups groups;

    Safeguard(Database database, SafeguardStore store, Environments environments, Groups groups) {
        this.database = database;
        this.store = store;
        this.environments = environments;
        this.groups = groups;
    }

    /** Makes the change in one transaction, unless it leaves nobody who could administer the environment. */
    public <T> Outcome<T> guard(EnvironmentId environment, Supplier<Outcome<T>> change) {
        try {
            return database.write(() -> {
                environments.lock(environment);
                boolean before = hasAdministrator(environment);
                Outcome<T> outcome = change.get();
                if (outcome instanceof Outcome.Refused<T>(Refusal why)) {
                    throw new TakenBack(why);
                }
                if (before && !hasAdministrator(environment)) {
                    throw new TakenBack(Refusal.LAST_ADMINISTRATOR);
                }
                return outcome;
            });
        } catch (TakenBack e) {
            return Outcome.refused(e.why);
        }
    }

    /** Whether an administrator is left who could sign in. */
    public boolean hasAdministrator(EnvironmentId environment) {
        return usableAdministrators(environment) > 0;
    }

    /** How many enabled accounts with a password are administrators, by themselves or by a group. */
    public long usableAdministrators(EnvironmentId environment) {
        return store.usableAdministrators(environment, groups.giving(environment, List.of(Role.ADMINISTRATOR)));
    }

    /** The administrators {@link #usableAdministrators} counts. */
    public Set<AccountId> whoCanAdminister(EnvironmentId environment) {
        return store.whoAreUsable(environment, groups.giving(environment, List.of(Role.ADMINISTRATOR)));
    }

    /** Carries a refusal out of the transaction, which it rolls back. */
    private static final class TakenBack extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final Refusal why;

        TakenBack(Refusal why) {
            super(why.wireName(), null, false, false);
            this.why = why;
        }
    }
}
