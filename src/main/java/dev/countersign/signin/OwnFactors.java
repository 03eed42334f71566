package dev.countersign.signin;

import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.factor.companion.Phones;
import dev.countersign.factor.totp.Apps;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.PhoneId;
import dev.countersign.policy.PolicyGate;
import dev.countersign.store.Database;
import java.time.Instant;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.springframework.stereotype.Component;

/**
 * What people take away of their own second factors: never the last thing the policy demands of them, which can only be
 * replaced. Of two removals at once the second sees what the first has left. Thread-safe.
 */
@Component
public final class OwnFactors {
    private final Database database;
    private final Accounts accounts;
    private final Apps apps;
    private final Phones phones;
    private final FactorFacts facts;
    private final PolicyGate gate;
    private final AccountActions actions;

    OwnFactors(
            Database database,
            Accounts accounts,
            Apps apps,
            Phones phones,
            FactorFacts facts,
            PolicyGate gate,
            AccountActions actions) {
        this.database = database;
        this.accounts = accounts;
        this.apps = apps;
        this.phones = phones;
        this.facts = facts;
        this.gate = gate;
        this.actions = actions;
    }

    /** What became of a removal. */
    public enum Removal {
        REMOVED,
        NO_SUCH,
        /** The policy demands it. */
        NEEDED
    }

    public boolean mayRemoveApp(Account account, Instant now) {
        return !phones.of(account.id()).isEmpty() || mayBeWithout(account, now);
    }

    public boolean mayRemovePhone(Account account, Instant now) {
        return phones.of(account.id()).size() > 1 || apps.has(account.id()) || mayBeWithout(account, now);
    }

    private boolean mayBeWithout(Account account, Instant now) {
        PolicyGate.Enrolments without = new PolicyGate.Enrolments(
                Set.of(), false, facts.of(account.id()).mustChangePassword());
        return !gate.demandsSecondFactor(account, without, now)
                && !accounts.rights(account).openConsole();
    }

    /** Removes the app of its owner. The caller has checked fresh proofs. */
    public Removal removeApp(Account account, Actor actor, Origin origin, Instant now) {
        return remove(
                account,
                () -> apps.has(account.id()),
                () -> mayRemoveApp(account, now),
                () -> actions.removeOwnApp(account, actor, origin, now));
    }

    /** Removes a phone of its owner. The caller has checked fresh proofs, or that a phone of the owner has signed. */
    public Removal removePhone(Account account, PhoneId phone, Actor actor, Origin origin, Instant now) {
        return remove(
                account,
                () -> phones.of(account.id()).stream()
                        .anyMatch(each -> each.id().equals(phone)),
                () -> mayRemovePhone(account, now),
                () -> actions.removePhone(account, phone, actor, origin, now));
    }

    private Removal remove(Account account, BooleanSupplier exists, BooleanSupplier allowed, BooleanSupplier removal) {
        return database.write(() -> {
            accounts.lock(account.id());
            if (!exists.getAsBoolean()) {
                return Removal.NO_SUCH;
            }
            if (!allowed.getAsBoolean()) {
                return Removal.NEEDED;
            }
            return removal.getAsBoolean() ? Removal.REMOVED : Removal.NO_SUCH;
        });
    }
}
