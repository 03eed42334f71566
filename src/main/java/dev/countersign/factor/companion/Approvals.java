package dev.countersign.factor.companion;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.ApprovalId;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.SignInId;
import dev.countersign.store.Database;
import dev.countersign.vault.Randomness;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Requests to phones, and how people who are pestered with them are spared: at most two are open at once, those that nobody
 * answers are followed by growing pauses, and after one that was refused or ignored the person types six digits. Thread-safe.
 */
@Component
public final class Approvals {
    /** Open requests of one person. */
    public static final int MOST_OPEN = 2;

    /** How long what was asked is remembered. */
    static final Duration KEPT = Duration.ofDays(90);

    private static final int FREE = 2;
    private static final int MOST_LOOKED_AT = 50;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(30);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(30);

    private final Database database;
    private final ApprovalStore store;
    private final Randomness randomness;
    private final ActivityLog activity;
    private final Watch watch;

    Approvals(Database database, ApprovalStore store, Randomness randomness, ActivityLog activity, Watch watch) {
        this.database = database;
        this.store = store;
        this.randomness = randomness;
        this.activity = activity;
        this.watch = watch;
    }

    /** What became of asking. */
    public sealed interface Asked {
        record Sent(Approval request) implements Asked {}

        /** Nothing was sent: too many are open, or were not answered. */
        record HeldBack(Duration pause) implements Asked {}
    }

    /** Asks the phones of an account, in the running transaction. An open request of the same sign-in is withdrawn. */
    public Asked ask(
            Account account, SignInId signIn, Approval.Circumstances circumstances, Origin origin, Instant now) {
        database.requireTransaction();
        store.withdraw(signIn, now);
        ApprovalStore.Restraint before = store.restraint(account.id());
        Duration pause = pause(account.id(), before, now);
        Actor actor = Actor.person(account.id(), account.username());
        if (pause.isPositive()) {
            store.save(
                    account.environment(),
                    account.id(),
                    new ApprovalStore.Restraint(
                            before.unanswered(), before.declined(), before.lastAskedAt(), before.heldBack() + 1));
            log(account, actor, origin, new ActivityEvent.ApprovalHeldBack(pause.toSeconds()), now);
            return new Asked.HeldBack(pause);
        }
        boolean declined = isDeclined(account.id(), before, now);
        Confirmation confirmation =
                declined ? Confirmation.CODE : Confirmation.valueOf(store.confirmation(account.environment()));
        Approval request = new Approval(
                new ApprovalId(randomness.identifier()),
                account.environment(),
                account.id(),
                signIn,
                Approval.State.OPEN,
                confirmation,
                digits(account.id(), confirmation, now),
                0,
                circumstances,
                now,
                now.plus(Approval.LIFE),
                now,
                Optional.empty());
        store.insert(request);
        store.save(
                account.environment(),
                account.id(),
                new ApprovalStore.Restraint(before.unanswered() + 1, declined, now, before.heldBack()));
        log(
                account,
                actor,
                origin,
                new ActivityEvent.ApprovalRequested(request.id().value(), confirmation.wireName()),
                now);
        return new Asked.Sent(request);
    }

    /** Whether a request since the last good answer was refused or ignored. */
    private boolean isDeclined(AccountId account, ApprovalStore.Restraint restraint, Instant now) {
        if (restraint.declined() || restraint.unanswered() == 0) {
            return restraint.declined();
        }
        int sinceGoodAnswer = Math.min(restraint.unanswered(), MOST_LOOKED_AT);
        return store.newest(account, sinceGoodAnswer).stream().anyMatch(last -> switch (last.stateAt(now)) {
            case REFUSED, REPORTED, EXPIRED -> true;
            case OPEN, APPROVED, USED, WITHDRAWN -> false;
        });
    }

    private Duration pause(AccountId account, ApprovalStore.Restraint restraint, Instant now) {
        List<Approval> open = store.open(account, now);
        if (open.size() >= MOST_OPEN) {
            return Duration.between(now, open.getLast().expiresAt()).plusSeconds(1);
        }
        if (restraint.unanswered() < FREE) {
            return Duration.ZERO;
        }
        Duration longest = FIRST_PAUSE.multipliedBy(1L << Math.min(restraint.unanswered() - FREE, 10));
        Duration wait = longest.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longest;
        Duration left = Duration.between(now, restraint.lastAskedAt().plus(wait));
        // A clock that was set back makes no pause longer than it ever is.
        Duration pause = left.compareTo(wait) > 0 ? wait : left;
        return pause.isPositive() ? pause : Duration.ZERO;
    }

    /** Digits that no other open request of the person has. */
    private String digits(AccountId account, Confirmation confirmation, Instant now) {
        List<String> taken =
                store.open(account, now).stream().map(Approval::digits).toList();
        String digits = randomness.digits(confirmation.digits());
        while (!digits.isEmpty() && taken.contains(digits)) {
            digits = randomness.digits(confirmation.digits());
        }
        return digits;
    }

    public Optional<Approval> find(ApprovalId id) {
        return store.find(id);
    }

    /** The newest request of a sign-in. */
    public Optional<Approval> ofSignIn(SignInId signIn) {
        return store.ofSignIn(signIn);
    }

    /** Requests that wait for an answer, newest first. */
    public List<Approval> open(AccountId account, Instant now) {
        return store.open(account, now);
    }

    /** The newest requests, whatever became of them. */
    public List<Approval> newest(AccountId account, int limit) {
        return store.newest(account, limit);
    }

    /** When a phone of the account last let a sign-in through. */
    public Optional<Instant> lastApprovedAt(AccountId account) {
        return store.lastApprovedAt(account);
    }

    /** How many requests were held back since the last good answer. */
    public int heldBack(AccountId account) {
        return store.restraint(account).heldBack();
    }

    /**
     * Decides an open request, once, in the running transaction; false when it is decided or too late. A refusal also takes
     * back an approval that no browser has gone on with yet: of two answers at once the cautious one wins.
     */
    public boolean decide(Approval request, Approval.State decided, Phone phone, Instant now) {
        database.requireTransaction();
        if (decided == Approval.State.APPROVED) {
            boolean first = store.consumeOpen(request.id(), decided, phone.id(), now);
            if (first) {
                store.save(request.environment(), request.account(), ApprovalStore.Restraint.NONE);
            }
            return first;
        }
        boolean first = store.consumeUnused(request.id(), decided, phone.id(), now);
        if (first) {
            ApprovalStore.Restraint before = store.restraint(request.account());
            store.save(
                    request.environment(),
                    request.account(),
                    new ApprovalStore.Restraint(before.unanswered(), true, before.lastAskedAt(), before.heldBack()));
        }
        return first;
    }

    /** Counts wrong digits, in the running transaction; answers how often they may still be tried. */
    public int noteWrong(Approval request, Instant now) {
        database.requireTransaction();
        return Math.max(0, Approval.MOST_WRONG - store.noteWrong(request.id(), now));
    }

    /** The sign-in ended or went another way, in the running transaction. */
    public void withdraw(SignInId signIn, Instant now) {
        database.requireTransaction();
        store.withdraw(signIn, now);
    }

    /** Ends what is open and what was approved but not used, in the running transaction: every sign-in under way has ended. */
    public void withdrawAll(AccountId account, Instant now) {
        database.requireTransaction();
        store.endAll(account, now);
    }

    /** The person has shown a second factor: whatever was not answered before was no harassment. In the running transaction. */
    public void forgive(Account account) {
        database.requireTransaction();
        if (!store.restraint(account.id()).equals(ApprovalStore.Restraint.NONE)) {
            store.save(account.environment(), account.id(), ApprovalStore.Restraint.NONE);
        }
    }

    /** Wakes the browser that waits for a request; called after the transaction that decided it. */
    public void wake(ApprovalId id) {
        watch.changed(id.value());
    }

    /** Removes what is too old to be shown; answers how many. */
    public int forgetOld(Instant now) {
        return database.write(() -> store.deleteOld(now.minus(KEPT)));
    }

    private void log(Account account, Actor actor, Origin origin, ActivityEvent event, Instant now) {
        activity.record(account.environment(), Optional.of(account.id()), actor, origin, event, now);
    }
}
