package dev.countersign.signin;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.factor.Subject;
import dev.countersign.factor.companion.Phones;
import dev.countersign.factor.password.Passwords;
import dev.countersign.factor.recovery.RecoveryCodes;
import dev.countersign.factor.replacement.ReplacementCodes;
import dev.countersign.factor.totp.Apps;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.PhoneId;
import dev.countersign.kernel.SessionId;
import dev.countersign.session.Sessions;
import dev.countersign.store.Database;
import dev.countersign.throttle.Throttle;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * What administrators, or the owner of an account, do to the way it signs in. Each is one transaction with everything that
 * follows from it. Thread-safe.
 */
@Component
public final class AccountActions {
    private final Database database;
    private final Accounts accounts;
    private final Apps apps;
    private final RecoveryCodes recoveryCodes;
    private final ReplacementCodes replacementCodes;
    private final Phones phones;
    private final Passwords passwords;
    private final SignInStore signIns;
    private final Sessions sessions;
    private final Throttle throttle;
    private final ActivityLog activity;

    AccountActions(
            Database database,
            Accounts accounts,
            Apps apps,
            RecoveryCodes recoveryCodes,
            ReplacementCodes replacementCodes,
            Phones phones,
            Passwords passwords,
            SignInStore signIns,
            Sessions sessions,
            Throttle throttle,
            ActivityLog activity) {
        this.database = database;
        this.accounts = accounts;
        this.apps = apps;
        this.recoveryCodes = recoveryCodes;
        this.replacementCodes = replacementCodes;
        this.phones = phones;
        this.passwords = passwords;
        this.signIns = signIns;
        this.sessions = sessions;
        this.throttle = throttle;
        this.activity = activity;
    }

    /**
     * Removes everything an account signs in with but the password, and its sessions and known browsers; lifts the budget of
     * second-factor guesses; and yields a code to read out. Without that code nobody registers a new app, even with the
     * password: not after it was used, and not after it has expired. Doing it again makes a new one.
     */
    public ReplacementCodes.Issued replacePhone(Account account, Actor actor, Origin origin, Instant now) {
        return database.write(() -> {
            endAll(account, ActivityEvent.EndReason.RESET, actor, origin, now);
            removeSecondFactors(account, now);
            return replacementCodes.issue(account, actor, origin, now);
        });
    }

    /**
     * Removes app, recovery code, sessions and known browsers of an account and lifts the budget of second-factor guesses. At
     * the next sign-in a new QR code is shown if the policy demands one.
     */
    public void resetSecondFactor(Account account, Actor actor, Origin origin, Instant now) {
        database.write(() -> {
            endAll(account, ActivityEvent.EndReason.RESET, actor, origin, now);
            removeSecondFactors(account, now);
            log(account, actor, origin, new ActivityEvent.TwoFactorReset(actor.name()), now);
        });
    }

    private void removeSecondFactors(Account account, Instant now) {
        phones.removeAll(account.id(), now);
        apps.remove(account, now);
        recoveryCodes.remove(account.id());
        replacementCodes.remove(account.id());
        throttle.lift(GuessBuckets.secondFactor(new Subject.Known(account.id())));
        sessions.forgetBrowsers(account.id());
    }

    /** Removes the owner's own app and recovery code; false when there is no app. The caller has checked fresh proofs. */
    public boolean removeOwnApp(Account account, Actor actor, Origin origin, Instant now) {
        return database.write(() -> {
            boolean removed = apps.remove(account, now);
            if (removed) {
                if (phones.of(account.id()).isEmpty()) {
                    recoveryCodes.remove(account.id());
                }
                log(account, actor, origin, new ActivityEvent.AppRemoved(), now);
            }
            return removed;
        });
    }

    /** Whether a phone approves the sign-ins of this account. */
    public boolean hasPhone(Account account) {
        return !phones.of(account.id()).isEmpty();
    }

    /**
     * Removes a phone of its owner, and the recovery code when nothing is left that it stands in for; false when there is no
     * such phone. The caller has checked fresh proofs, or the rights of an administrator.
     */
    public boolean removePhone(Account account, PhoneId phone, Actor actor, Origin origin, Instant now) {
        return database.write(() -> {
            boolean removed = phones.remove(account, phone, actor, origin, now);
            if (removed && phones.of(account.id()).isEmpty() && !apps.has(account.id())) {
                recoveryCodes.remove(account.id());
            }
            return removed;
        });
    }

    /** Sets a password for someone, lifts the budget of second-factor guesses, forgets browsers, and ends all sessions. */
    public void setPassword(
            Account account,
            Passwords.Prepared password,
            Optional<Passwords.MustChange> mustChange,
            Actor actor,
            Origin origin,
            Instant now) {
        database.write(() -> {
            passwords.set(account, password, mustChange, actor, origin, now);
            throttle.lift(GuessBuckets.secondFactor(new Subject.Known(account.id())));
            sessions.forgetBrowsers(account.id());
            endAll(account, ActivityEvent.EndReason.PASSWORD_CHANGED, actor, origin, now);
        });
    }

    /** Keeps the account from signing in and ends its sessions. */
    public void disable(Account account, Actor actor, Origin origin, Instant now) {
        database.write(() -> {
            accounts.disable(account, actor, origin, now);
            endAll(account, ActivityEvent.EndReason.DISABLED, actor, origin, now);
        });
    }

    /** Removes the account with everything but its lines in the log; its sessions end. */
    public void delete(Account account, Actor actor, Origin origin, Instant now) {
        database.write(() -> {
            endAll(account, ActivityEvent.EndReason.DELETED, actor, origin, now);
            accounts.delete(account, actor, origin, now);
        });
    }

    /** Lets answers be looked at again after too many wrong ones. */
    public void unlock(Account account, Actor actor, Origin origin, Instant now) {
        database.write(() -> {
            throttle.lift(GuessBuckets.secondFactor(new Subject.Known(account.id())));
            throttle.liftAll(GuessBuckets.allPasswords(account.id()));
            log(account, actor, origin, new ActivityEvent.GuessesLifted(), now);
        });
    }

    /** Ends all sessions of someone else's account and every sign-in under way. */
    public void endSessions(Account account, Actor actor, Origin origin, Instant now) {
        database.write(() -> endAll(account, ActivityEvent.EndReason.ENDED_BY_ADMINISTRATOR, actor, origin, now));
    }

    /** Ends one session of its owner, and what was started from it; false when the account has no such session. */
    public boolean endSession(
            Account account, SessionId id, ActivityEvent.EndReason why, Actor actor, Origin origin, Instant now) {
        return database.write(() -> {
            signIns.deleteReplacing(account.id(), id);
            return sessions.end(account.environment(), account.id(), id, why, actor, origin, now);
        });
    }

    /** Ends all sessions of their owner but {@code kept}, and the sign-ins that were not started from it. */
    public void endOtherSessions(Account account, SessionId kept, Actor actor, Origin origin, Instant now) {
        database.write(() -> {
            signIns.deleteNotReplacing(account.id(), kept);
            sessions.endOthers(
                    account.environment(),
                    account.id(),
                    Optional.of(kept),
                    ActivityEvent.EndReason.ENDED_BY_OWNER,
                    actor,
                    origin,
                    now);
        });
    }

    /**
     * Sessions go first, so that none of them starts a sign-in any more; then the unfinished sign-ins; then the sessions once
     * more, since one that finished at this moment has made its session. What they sign in with is removed after that: whoever
     * is registering an app at this moment has by then done so, or never will.
     */
    void endAll(Account account, ActivityEvent.EndReason why, Actor actor, Origin origin, Instant now) {
        sessions.endOthers(account.environment(), account.id(), Optional.empty(), why, actor, origin, now);
        signIns.deleteOthers(account.id(), Optional.empty());
        phones.withdrawAll(account.id(), now);
        sessions.endOthers(account.environment(), account.id(), Optional.empty(), why, actor, origin, now);
    }

    private void log(Account account, Actor actor, Origin origin, ActivityEvent event, Instant now) {
        activity.record(account.environment(), Optional.of(account.id()), actor, origin, event, now);
    }
}
