package dev.countersign.administration;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.NewAccount;
import dev.countersign.factor.password.Passwords;
import dev.countersign.factor.replacement.ReplacementCodes;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.Permission;
import dev.countersign.kernel.PhoneId;
import dev.countersign.kernel.Role;
import dev.countersign.kernel.SessionId;
import dev.countersign.kernel.Texts;
import dev.countersign.policy.Policies;
import dev.countersign.signin.AccountActions;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.springframework.stereotype.Component;

/**
 * What administrators do to accounts. Each method asks for the permission, refuses what concerns someone with more rights,
 * and is one transaction with everything that follows from it. Thread-safe.
 */
@Component
public final class PeopleAdministration {
    /** The longest an exemption may last. */
    public static final Duration LONGEST_EXEMPTION = Duration.ofDays(366);

    /** The longest reason that is kept, in characters. */
    public static final int LONGEST_REASON = 500;

    private final Accounts accounts;
    private final AccountActions actions;
    private final Policies policies;
    private final Safeguard safeguard;

    PeopleAdministration(Accounts accounts, AccountActions actions, Policies policies, Safeguard safeguard) {
        this.accounts = accounts;
        this.actions = actions;
        this.policies = policies;
        this.safeguard = safeguard;
    }

    /** Creates an account, whose role gives no more rights than the administrator has. */
    public Outcome<Accounts.Creation> create(Administrator by, NewAccount typed, Instant now) {
        if (!by.rights().may(Permission.EDIT_PEOPLE)) {
            return Outcome.refused(Refusal.NOT_ALLOWED);
        }
        if (!by.rights().cover(typed.role())) {
            return Outcome.refused(Refusal.ABOVE_YOUR_RIGHTS);
        }
        return new Outcome.Done<>(accounts.create(by.environment(), typed, by.actor(), by.origin(), now));
    }

    /** Changes username, name and mail address. */
    public Outcome<Accounts.Creation> change(
            Administrator by, AccountId id, String username, String displayName, String email, Instant now) {
        return onOther(
                by,
                id,
                Permission.EDIT_PEOPLE,
                account -> new Outcome.Done<>(
                        accounts.change(account, username, displayName, email, by.actor(), by.origin(), now)));
    }

    /** Gives an account another role of its own; its sessions go on with the rights it then has. */
    public Outcome<Outcome.Nothing> changeRole(Administrator by, AccountId id, Role role, Instant now) {
        if (!by.rights().cover(role)) {
            return Outcome.refused(Refusal.ABOVE_YOUR_RIGHTS);
        }
        return onOther(
                by,
                id,
                Permission.EDIT_PEOPLE,
                doing(account -> accounts.changeRole(account, role, by.actor(), by.origin(), now)));
    }

    public Outcome<Outcome.Nothing> disable(Administrator by, AccountId id, Instant now) {
        return onOther(
                by,
                id,
                Permission.EDIT_PEOPLE,
                doing(account -> actions.disable(account, by.actor(), by.origin(), now)));
    }

    public Outcome<Outcome.Nothing> enable(Administrator by, AccountId id, Instant now) {
        return onOther(
                by,
                id,
                Permission.EDIT_PEOPLE,
                doing(account -> accounts.enable(account, by.actor(), by.origin(), now)));
    }

    /** Removes an account with everything but its lines in the log. */
    public Outcome<Outcome.Nothing> delete(Administrator by, AccountId id, Instant now) {
        return onOther(by, id, Permission.EDIT_PEOPLE, account -> {
            if (!policies.forget(by.environment(), id, by.actor(), by.origin(), now)) {
                return Outcome.refused(Refusal.LAST_IN_RULES);
            }
            actions.delete(account, by.actor(), by.origin(), now);
            return Outcome.done();
        });
    }

    /** Sets a password, which its owner has to change at the next sign-in unless {@code keep}. */
    public Outcome<Outcome.Nothing> setPassword(
            Administrator by, AccountId id, Passwords.Prepared password, boolean keep, Instant now) {
        Optional<Passwords.MustChange> change = keep ? Optional.empty() : Optional.of(Passwords.MustChange.REQUIRED);
        return onOther(
                by,
                id,
                Permission.EDIT_PEOPLE,
                doing(account -> actions.setPassword(account, password, change, by.actor(), by.origin(), now)));
    }

    /** Removes all second factors: the next sign-in shows a new QR code where a second factor is demanded. */
    public Outcome<Outcome.Nothing> reset(Administrator by, AccountId id, Instant now) {
        return onOther(
                by,
                id,
                Permission.RESET_FACTORS,
                doing(account -> actions.resetSecondFactor(account, by.actor(), by.origin(), now)));
    }

    /** Makes everything the person signs in with dead, and yields a code to read out, without which no new phone is set up. */
    public Outcome<ReplacementCodes.Issued> replacePhone(Administrator by, AccountId id, Instant now) {
        return onOther(
                by,
                id,
                Permission.RESET_FACTORS,
                account -> new Outcome.Done<>(actions.replacePhone(account, by.actor(), by.origin(), now)));
    }

    /** Removes one phone of someone: it approves nothing more. */
    public Outcome<Outcome.Nothing> removePhone(Administrator by, AccountId id, PhoneId phone, Instant now) {
        return onOther(
                by,
                id,
                Permission.RESET_FACTORS,
                account -> actions.removePhone(account, phone, by.actor(), by.origin(), now)
                        ? Outcome.done()
                        : Outcome.refused(Refusal.NOT_FOUND));
    }

    /** Ends one session of someone. */
    public Outcome<Outcome.Nothing> endSession(Administrator by, AccountId id, SessionId session, Instant now) {
        return onOther(
                by,
                id,
                Permission.RESET_FACTORS,
                account -> actions.endSession(
                                account,
                                session,
                                ActivityEvent.EndReason.ENDED_BY_ADMINISTRATOR,
                                by.actor(),
                                by.origin(),
                                now)
                        ? Outcome.done()
                        : Outcome.refused(Refusal.NOT_FOUND));
    }

    /** Lets answers be looked at again after too many wrong ones. */
    public Outcome<Outcome.Nothing> unlock(Administrator by, AccountId id, Instant now) {
        return onOther(
                by,
                id,
                Permission.RESET_FACTORS,
                doing(account -> actions.unlock(account, by.actor(), by.origin(), now)));
    }

    /** Ends all sessions and every sign-in under way. */
    public Outcome<Outcome.Nothing> endSessions(Administrator by, AccountId id, Instant now) {
        return onOther(
                by,
                id,
                Permission.RESET_FACTORS,
                doing(account -> actions.endSessions(account, by.actor(), by.origin(), now)));
    }

    /** Exempts someone else from the requirement until a date, for a reason. */
    public Outcome<Outcome.Nothing> exempt(Administrator by, AccountId id, String reason, Instant until, Instant now) {
        Optional<Refusal> wrong = checkExemption(reason, until, now);
        if (wrong.isPresent()) {
            return Outcome.refused(wrong.get());
        }
        if (by.is(id)) {
            return Outcome.refused(Refusal.OWN_EXEMPTION);
        }
        return onOther(
                by,
                id,
                Permission.EDIT_SYSTEM_SETTINGS,
                doing(account -> policies.exempt(account, reason.strip(), until, by.actor(), by.origin(), now)));
    }

    /** What is wrong with an exemption, whoever it is for. */
    static Optional<Refusal> checkExemption(String reason, Instant until, Instant now) {
        if (reason.isBlank() || reason.length() > LONGEST_REASON || !Texts.isPlain(reason)) {
            return Optional.of(Refusal.REASON_MISSING);
        }
        return until.isAfter(now) && until.isBefore(now.plus(LONGEST_EXEMPTION))
                ? Optional.empty()
                : Optional.of(Refusal.EXEMPTION_END);
    }

    public Outcome<Outcome.Nothing> endExemption(Administrator by, AccountId id, Instant now) {
        return onOther(
                by,
                id,
                Permission.EDIT_SYSTEM_SETTINGS,
                account -> policies.endExemption(account, by.actor(), by.origin(), now)
                        ? Outcome.done()
                        : Outcome.refused(Refusal.NOT_FOUND));
    }

    private static Function<Account, Outcome<Outcome.Nothing>> doing(Consumer<Account> what) {
        return account -> {
            what.accept(account);
            return Outcome.done();
        };
    }

    /** Does something to an account of the administrator's environment, after every check that is the same for all. */
    <T> Outcome<T> onOther(Administrator by, AccountId id, Permission needs, Function<Account, Outcome<T>> what) {
        if (!by.rights().may(needs)) {
            return Outcome.refused(Refusal.NOT_ALLOWED);
        }
        return safeguard.guard(by.environment(), () -> {
            Optional<Account> account =
                    accounts.find(id).filter(found -> found.environment().equals(by.environment()));
            if (account.isEmpty()) {
                return Outcome.refused(Refusal.NOT_FOUND);
            }
            return by.rights().cover(accounts.rights(account.get()))
                    ? what.apply(account.get())
                    : Outcome.refused(Refusal.ABOVE_YOUR_RIGHTS);
        });
    }
}
