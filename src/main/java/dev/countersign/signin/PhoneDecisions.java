package dev.countersign.signin;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.factor.Answer;
import dev.countersign.factor.Attempt;
import dev.countersign.factor.Factor;
import dev.countersign.factor.Factors;
import dev.countersign.factor.Outcome;
import dev.countersign.factor.Subject;
import dev.countersign.factor.companion.Approval;
import dev.countersign.factor.companion.Approvals;
import dev.countersign.factor.companion.Confirmation;
import dev.countersign.factor.companion.Phone;
import dev.countersign.factor.companion.PhoneProofs;
import dev.countersign.factor.password.PasswordRules;
import dev.countersign.factor.password.Passwords;
import dev.countersign.kernel.ApprovalId;
import dev.countersign.kernel.Channel;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.session.Sessions;
import dev.countersign.store.Database;
import dev.countersign.throttle.AddressBlock;
import dev.countersign.throttle.Bucket;
import dev.countersign.throttle.Throttle;
import dev.countersign.throttle.Verdict;
import dev.countersign.vault.SecretText;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** What people decide on their phones, and everything that follows from it. Thread-safe. */
@Component
public final class PhoneDecisions {
    private final Database database;
    private final Approvals approvals;
    private final PhoneProofs proofs;
    private final Accounts accounts;
    private final Passwords passwords;
    private final AccountActions actions;
    private final SignInStore signIns;
    private final Sessions sessions;
    private final Throttle throttle;
    private final ActivityLog activity;
    private final Factors factors;
    private final GuessBuckets buckets;

    PhoneDecisions(
            Database database,
            Approvals approvals,
            PhoneProofs proofs,
            Accounts accounts,
            Passwords passwords,
            AccountActions actions,
            SignInStore signIns,
            Sessions sessions,
            Throttle throttle,
            ActivityLog activity,
            Factors factors,
            GuessBuckets buckets) {
        this.database = database;
        this.approvals = approvals;
        this.proofs = proofs;
        this.accounts = accounts;
        this.passwords = passwords;
        this.actions = actions;
        this.signIns = signIns;
        this.sessions = sessions;
        this.throttle = throttle;
        this.activity = activity;
        this.factors = factors;
        this.buckets = buckets;
    }

    /** What became of a decision. */
    public sealed interface Decided {
        record Done(Approval.State state) implements Decided {}

        record WrongDigits(int left) implements Decided {}

        record Before() implements Decided {}

        record TooLate() implements Decided {}

        /** Not signed by this phone, or about something else than was asked. */
        record NotThis() implements Decided {}

        record Wait(Duration pause) implements Decided {}
    }

    /**
     * Takes a decision a phone signed.
     *
     * @param signed compact JWS: companion protocol section 1.2
     */
    public Decided decide(Phone phone, ApprovalId id, String signed, Origin origin, Instant now) {
        Optional<Approval> found = approvals.find(id).filter(request -> isAbout(request, phone));
        Optional<PhoneProofs.Decision> decision = proofs.decision(phone, signed);
        if (found.isEmpty() || decision.isEmpty() || !isAbout(decision.get(), found.get(), phone)) {
            return new Decided.NotThis();
        }
        Approval request = found.get();
        Account account = accounts.get(phone.account());
        if (request.stateAt(now) == Approval.State.EXPIRED) {
            return new Decided.TooLate();
        }
        Decided decided = chosen(account, request, phone, decision.get(), origin, now);
        if (decided instanceof Decided.Before) {
            before(account, request, phone, origin, now);
        } else {
            approvals.wake(id);
        }
        return decided;
    }

    private Decided chosen(
            Account account, Approval request, Phone phone, PhoneProofs.Decision decision, Origin origin, Instant now) {
        boolean approves = decision.choice() == PhoneProofs.Choice.APPROVE;
        if (request.state() != Approval.State.OPEN && (approves || request.state() != Approval.State.APPROVED)) {
            return new Decided.Before();
        }
        return switch (decision.choice()) {
            case APPROVE -> approve(account, request, phone, decision.answer(), origin, now);
            case REFUSE -> refuse(account, request, phone, origin, now);
            case REPORT -> report(account, request, phone, origin, now);
        };
    }

    private static boolean isAbout(Approval request, Phone phone) {
        return request.account().equals(phone.account())
                && request.environment().equals(phone.environment());
    }

    private static boolean isAbout(PhoneProofs.Decision decision, Approval request, Phone phone) {
        return decision.request().equals(request.id().value())
                && decision.phone().equals(phone.id().value())
                && decision.account().equals(phone.account().value())
                && decision.origin().equals(phone.origin())
                && decision.shown().equals(request.shown());
    }

    private void before(Account account, Approval request, Phone phone, Origin origin, Instant now) {
        database.write(() -> log(
                account, origin, new ActivityEvent.ApprovalReplayed(request.id().value(), phone.name()), now));
    }

    private Decided approve(Account account, Approval request, Phone phone, String answer, Origin origin, Instant now) {
        if (account.isDisabled()) {
            return new Decided.NotThis();
        }
        if (request.confirmation() == Confirmation.TAP) {
            return end(account, request, Approval.State.APPROVED, phone, origin, now);
        }
        List<Bucket> budget = List.of(GuessBuckets.secondFactor(new Subject.Known(account.id())));
        return switch (throttle.reserve(account.environment(), budget, now)) {
            case Verdict.Wait wait -> new Decided.Wait(wait.pause());
            case Verdict.Go go -> {
                boolean right = SecretText.of(request.digits()).equalsSecretText(SecretText.of(answer));
                yield right
                        ? approved(account, request, phone, go.counted(), origin, now)
                        : wrong(account, request, phone, origin, now);
            }
        };
    }

    private Decided approved(
            Account account, Approval request, Phone phone, List<Bucket> counted, Origin origin, Instant now) {
        return database.write(() -> {
            throttle.settle(counted, now);
            return end(account, request, Approval.State.APPROVED, phone, origin, now);
        });
    }

    private Decided wrong(Account account, Approval request, Phone phone, Origin origin, Instant now) {
        return database.write(() -> {
            int left = approvals.noteWrong(request, now);
            log(
                    account,
                    origin,
                    new ActivityEvent.ApprovalDigitsWrong(request.id().value(), phone.name(), left),
                    now);
            return new Decided.WrongDigits(left);
        });
    }

    private Decided refuse(Account account, Approval request, Phone phone, Origin origin, Instant now) {
        return database.write(() -> {
            Decided decided = end(account, request, Approval.State.REFUSED, phone, origin, now);
            if (decided instanceof Decided.Done) {
                signIns.delete(request.signIn());
            }
            return decided;
        });
    }

    /**
     * The owner says that somebody else signed in: that sign-in and every other under way ends, all sessions and known browsers
     * end, the password opens nothing until it is changed, and the address it came from is slowed down.
     */
    private Decided report(Account account, Approval request, Phone phone, Origin origin, Instant now) {
        return database.write(() -> {
            Decided decided = end(account, request, Approval.State.REPORTED, phone, origin, now);
            if (decided instanceof Decided.Done) {
                endEverything(account, request, origin, now);
                slowAddress(account, request, origin, now);
                log(
                        account,
                        origin,
                        new ActivityEvent.AdministratorsTold(
                                request.id().value(),
                                accounts.administrators(account.environment()).size()),
                        now);
            }
            return decided;
        });
    }

    private void slowAddress(Account account, Approval request, Origin origin, Instant now) {
        String address = request.circumstances().address();
        AddressBlock.of(address).map(GuessBuckets::reported).ifPresent(bucket -> {
            throttle.slow(account.environment(), bucket, now);
            log(account, origin, new ActivityEvent.AddressSlowed(request.id().value(), address), now);
        });
    }

    private void endEverything(Account account, Approval request, Origin origin, Instant now) {
        Actor actor = Actor.person(account.id(), account.username());
        actions.endAll(account, ActivityEvent.EndReason.REPORTED, actor, origin, now);
        sessions.forgetBrowsers(account.id());
        passwords.block(account.id(), request.id().value());
        log(account, origin, new ActivityEvent.PasswordBlocked(request.id().value()), now);
    }

    private Decided end(
            Account account, Approval request, Approval.State state, Phone phone, Origin origin, Instant now) {
        return database.write(() -> {
            if (!approvals.decide(request, state, phone, now)) {
                return new Decided.Before();
            }
            log(account, origin, event(request, state, phone), now);
            return new Decided.Done(state);
        });
    }

    private static ActivityEvent event(Approval request, Approval.State state, Phone phone) {
        String id = request.id().value();
        return switch (state) {
            case APPROVED -> new ActivityEvent.ApprovalGiven(id, phone.name());
            case REPORTED ->
                new ActivityEvent.ApprovalReported(
                        id, phone.name(), request.circumstances().address());
            case REFUSED, OPEN, USED, EXPIRED, WITHDRAWN -> new ActivityEvent.ApprovalRefused(id, phone.name());
        };
    }

    /** What became of a new password chosen on the phone. */
    public sealed interface NewPassword {
        record Set() implements NewPassword {}

        record Unfit(PasswordRules.Problem problem) implements NewPassword {}

        record CurrentWrong() implements NewPassword {}

        record Wait(Duration pause) implements NewPassword {}

        record Busy() implements NewPassword {}
    }

    /**
     * Sets a new password and ends all sessions. The phone's key is proof enough while the password is blocked; else the current
     * one is asked, and counted as at a sign-in.
     */
    public NewPassword changePassword(
            Account account, Phone phone, SecretText current, SecretText password, Origin origin, Instant now) {
        Optional<String> blockedBy = passwords.blockedBy(account.id());
        if (blockedBy.isPresent()) {
            ActivityEvent byPhone = new ActivityEvent.NewPasswordByPhone(blockedBy.get(), phone.name());
            return setPassword(account, password, Optional.of(byPhone), origin, now);
        }
        Subject subject = new Subject.Known(account.id());
        Caller caller = new Caller(origin, Channel.BEARER, Optional.empty());
        Factor factor = factors.of(FactorKind.PASSWORD);
        return switch (throttle.reserve(
                account.environment(), buckets.of(subject, FactorKind.PASSWORD, caller, now), now)) {
            case Verdict.Wait wait -> new NewPassword.Wait(wait.pause());
            case Verdict.Go go -> {
                Attempt attempt = new Attempt(account.environment(), origin, now);
                Outcome outcome = factor.verify(factor.challenge(subject, attempt), new Answer.Typed(current), attempt);
                yield switch (outcome) {
                    case Outcome.Busy() -> {
                        database.write(() -> throttle.release(go.counted(), now));
                        yield new NewPassword.Busy();
                    }
                    case Outcome.Rejected _ -> new NewPassword.CurrentWrong();
                    case Outcome.Accepted _ -> {
                        database.write(() -> throttle.settle(go.counted(), now));
                        yield setPassword(account, password, Optional.empty(), origin, now);
                    }
                };
            }
        };
    }

    private NewPassword setPassword(
            Account account, SecretText password, Optional<ActivityEvent> also, Origin origin, Instant now) {
        Optional<PasswordRules.Problem> problem = PasswordRules.check(password, account.username(), account.email());
        if (problem.isPresent()) {
            return new NewPassword.Unfit(problem.get());
        }
        Optional<Passwords.Prepared> prepared = passwords.prepare(password);
        if (prepared.isEmpty()) {
            return new NewPassword.Busy();
        }
        Actor actor = Actor.person(account.id(), account.username());
        database.write(() -> {
            also.ifPresent(event -> log(account, origin, event, now));
            actions.setPassword(account, prepared.get(), Optional.empty(), actor, origin, now);
        });
        return new NewPassword.Set();
    }

    private void log(Account account, Origin origin, ActivityEvent event, Instant now) {
        Actor actor = Actor.person(account.id(), account.username());
        activity.record(account.environment(), Optional.of(account.id()), actor, origin, event, now);
    }
}
