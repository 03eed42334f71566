package dev.countersign.signin;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Username;
import dev.countersign.factor.Answer;
import dev.countersign.factor.Attempt;
import dev.countersign.factor.Factor;
import dev.countersign.factor.Factors;
import dev.countersign.factor.Outcome;
import dev.countersign.factor.Subject;
import dev.countersign.factor.companion.Approval;
import dev.countersign.factor.companion.Approvals;
import dev.countersign.factor.companion.Doorbell;
import dev.countersign.factor.companion.Pairing;
import dev.countersign.factor.companion.Pairings;
import dev.countersign.factor.password.Passwords;
import dev.countersign.factor.recovery.RecoveryCodes;
import dev.countersign.factor.totp.WrongCode;
import dev.countersign.factor.totp.WrongCodes;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.ApprovalId;
import dev.countersign.kernel.Channel;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.PairingId;
import dev.countersign.kernel.Proofs;
import dev.countersign.kernel.SignInId;
import dev.countersign.kernel.Target;
import dev.countersign.policy.Decision;
import dev.countersign.policy.PolicyGate;
import dev.countersign.session.Admission;
import dev.countersign.session.Session;
import dev.countersign.session.Sessions;
import dev.countersign.store.Database;
import dev.countersign.throttle.Bucket;
import dev.countersign.throttle.Throttle;
import dev.countersign.throttle.Verdict;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.SecretText;
import dev.countersign.vault.Token;
import dev.countersign.vault.Vault;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Runs sign-ins for all doors: loads the state, counts the guess, asks the factor, and saves the next state, the session and
 * the log entry in one transaction. Knows nothing of HTTP. Thread-safe.
 */
@Component
public final class SignInService implements Admission {
    /** How recent a proof must be to change what one signs in with. */
    public static final Duration FRESH = Duration.ofMinutes(5);

    /** How recent a proof must be to end other sessions. */
    public static final Duration RECENT = Duration.ofMinutes(10);

    private final Database database;
    private final SignInStore store;
    private final SignInSteps steps;
    private final Accounts accounts;
    private final Factors factors;
    private final FactorFacts facts;
    private final PolicyGate policy;
    private final Throttle throttle;
    private final GuessBuckets buckets;
    private final Passwords passwords;
    private final RecoveryCodes recoveryCodes;
    private final WrongCodes wrongCodes;
    private final Sessions sessions;
    private final ActivityLog activity;
    private final Randomness randomness;
    private final Vault vault;
    private final Approvals approvals;
    private final Pairings pairings;
    private final Surroundings surroundings;
    private final Doorbell doorbell;

    SignInService(
            Database database,
            SignInStore store,
            SignInSteps steps,
            Accounts accounts,
            Factors factors,
            FactorFacts facts,
            PolicyGate policy,
            Throttle throttle,
            GuessBuckets buckets,
            Passwords passwords,
            RecoveryCodes recoveryCodes,
            WrongCodes wrongCodes,
            Sessions sessions,
            ActivityLog activity,
            Randomness randomness,
            Vault vault,
            Approvals approvals,
            Pairings pairings,
            Surroundings surroundings,
            Doorbell doorbell) {
        this.database = database;
        this.store = store;
        this.steps = steps;
        this.accounts = accounts;
        this.factors = factors;
        this.facts = facts;
        this.policy = policy;
        this.throttle = throttle;
        this.buckets = buckets;
        this.passwords = passwords;
        this.recoveryCodes = recoveryCodes;
        this.wrongCodes = wrongCodes;
        this.sessions = sessions;
        this.activity = activity;
        this.randomness = randomness;
        this.vault = vault;
        this.approvals = approvals;
        this.pairings = pairings;
        this.surroundings = surroundings;
        this.doorbell = doorbell;
    }

    /** Starts a sign-in by name. Nothing is looked at yet but whether the name exists, and that does not show. */
    public Held open(EnvironmentId environment, Channel channel, String typedName, Target target, Instant now) {
        SignIn named = SignInFlow.next(
                started(environment, target, Optional.empty(), now),
                new SignInEvent.Named(subject(environment, typedName), shown(typedName)),
                this::noDecision,
                now);
        return keep(named, channel);
    }

    /**
     * Starts a sign-in of a person who is signed in already, for a purpose that needs fresh proofs. What they have shown in
     * the last {@link #FRESH} counts.
     */
    public Step resume(Session session, Target target, Caller caller, Instant now) {
        Account account = accounts.get(session.account());
        SignIn.Started started = started(session.environment(), target, Optional.of(session), now);
        Proofs recent = session.proofs().since(now.minus(FRESH)).carriedOver();
        SignInEvent event = new SignInEvent.Resumed(new Subject.Known(account.id()), account.username(), recent);
        // A session that ends at this moment takes with it what is started from it, or starts nothing.
        return ring(
                database.write(
                        () -> sessions.keepsAlive(session.id()) ? begin(started, event, caller, now) : new Step.Gone()),
                now);
    }

    /**
     * Starts the sign-in of an account whose password was set by the person at this browser a moment ago: the first
     * administrator. The proof must be of that account.
     */
    public Step continueAs(
            Account account, dev.countersign.kernel.Proof proof, Target target, Caller caller, Instant now) {
        SignIn.Started started = started(account.environment(), target, Optional.empty(), now);
        SignInEvent event =
                new SignInEvent.Resumed(new Subject.Known(account.id()), account.username(), Proofs.NONE.with(proof));
        return ring(begin(started, event, caller, now), now);
    }

    private Step begin(SignIn.Started started, SignInEvent event, Caller caller, Instant now) {
        Token token = randomness.token();
        return database.write(() -> {
            SignIn next =
                    SignInFlow.next(started, event, decide(started.heading().target(), caller, now), now);
            return steps.begin(next, token, caller, now);
        });
    }

    /** The sign-in this token holds, if it is alive. */
    public Optional<Held> find(EnvironmentId environment, Channel channel, Token token, Instant now) {
        return steps.find(environment, channel, token, now);
    }

    /** Gives a sign-in up; phones are not asked about it any more. */
    public void abandon(Held held, Instant now) {
        SignInId id = held.state().heading().id();
        database.write(() -> {
            store.delete(id);
            approvals.withdraw(id, now);
        });
    }

    /** What the phones were asked about this sign-in, last. */
    public Optional<Approval> approval(Held held) {
        return approvals.ofSignIn(held.state().heading().id());
    }

    /** Where a request to the phones stands. */
    public Optional<Approval.State> approvalState(ApprovalId id, Instant now) {
        return approvals.find(id).map(request -> request.stateAt(now));
    }

    /** Where a pairing stands. */
    public Optional<Pairing.State> pairingState(EnvironmentId environment, PairingId id) {
        return pairings.find(environment, id).map(Pairing::state);
    }

    /** Goes on if a phone has approved; else the sign-in stays where it is. */
    public Step goOn(Held held, Caller caller, Instant now) {
        Optional<Approval> approved = approval(held).filter(request -> request.stateAt(now) == Approval.State.APPROVED);
        return approved.map(request -> answer(
                        held,
                        FactorKind.PUSH,
                        new Answer.Approved(request.id(), held.state().heading().id()),
                        caller,
                        now))
                .orElseGet(() -> new Step.At(held));
    }

    /** Asks the phones once more; nothing when this sign-in has nobody to ask. */
    public Optional<Approvals.Asked> askAgain(Held held, Caller caller, Instant now) {
        if (!(held.state() instanceof SignIn.Asked asked)
                || !asked.offer().contains(FactorKind.PUSH)
                || !(asked.subject() instanceof Subject.Known(AccountId account))) {
            return Optional.empty();
        }
        Approvals.Asked outcome = database.write(() -> steps.askPhones(asked, accounts.get(account), caller, now));
        if (outcome instanceof Approvals.Asked.Sent(Approval request)) {
            doorbell.ring(request, now);
        }
        return Optional.of(outcome);
    }

    /** Registers a phone that approves in place of a code app, or the other way round. */
    public Step prefer(Held held, FactorKind kind, Caller caller, Instant now) {
        if (!(held.state() instanceof SignIn.MustEnrol)) {
            return new Step.At(held);
        }
        SignIn next = SignInFlow.next(held.state(), new SignInEvent.Preferred(kind), this::noDecision, now);
        return steps.inOneStep(held, caller, now, () -> steps.save(held, next, caller, now));
    }

    /**
     * The phone being paired in this sign-in: the one begun, or a new beginning when none is or its time is over.
     *
     * @param origin scheme and host the phone will call
     * @param language of the page
     */
    public Optional<Pairings.Begun> pairing(Held held, String origin, Locale language, Instant now) {
        if (!(held.state() instanceof SignIn.MustEnrol must) || must.kind() != FactorKind.PUSH) {
            return Optional.empty();
        }
        String from = must.heading().id().value();
        return pairings.begunFrom(must.heading().environment(), from)
                .filter(begun ->
                        begun.pairing().isAliveAt(now) && begun.pairing().state() != Pairing.State.REFUSED)
                .or(() -> Optional.of(database.write(
                        () -> pairings.begin(accounts.get(must.account()), from, origin, language, now))));
    }

    /** The words differ, or another code is wanted: what was begun ends. */
    public void refusePairing(Held held, Instant now) {
        pairings.begunFrom(
                        held.state().heading().environment(),
                        held.state().heading().id().value())
                .ifPresent(begun -> pairings.refuse(begun.pairing(), now));
    }

    /** Answers one of the offered factors. */
    public Step answer(Held held, FactorKind kind, Answer answer, Caller caller, Instant now) {
        return answer(held, List.of(new Given(kind, answer)), Manner.ONE_BY_ONE, caller, now);
    }

    /** How answers come in, and so how much a refusal may say. */
    private enum Manner {
        ONE_BY_ONE,
        /** All on one page: a right password beside a wrong or missing code must look exactly like a wrong password. */
        TOGETHER
    }

    /**
     * Answers password and code together, as on a page with one form: whether one of them was wrong or missing, or which, does
     * not show, neither in the reply nor in what is counted. A code that nobody asks for is not looked at.
     */
    public Step answerTogether(Held held, Answer password, Optional<Given> code, Caller caller, Instant now) {
        List<Given> given = new ArrayList<>();
        given.add(new Given(FactorKind.PASSWORD, password));
        code.ifPresent(given::add);
        return answer(held, given, Manner.TOGETHER, caller, now);
    }

    /** An answer to one kind of factor. */
    public record Given(FactorKind kind, Answer answer) {}

    private record Right(FactorKind kind, Outcome.Accepted outcome) {}

    /**
     * All answers must be right before any of them counts as right in the budgets. A pause of the second answer looks like a
     * wrong one: only the right password leads to it.
     */
    private Step answer(Held held, List<Given> given, Manner manner, Caller caller, Instant now) {
        List<Bucket> counted = new ArrayList<>();
        List<Right> right = new ArrayList<>();
        Subject subject = subjectOf(held);
        for (Given one : given) {
            if (!right.isEmpty() && !isAskedNext(held, right, one.kind(), caller, now)) {
                break;
            }
            if (right.isEmpty() && !isOffered(held, one.kind())) {
                return new Step.Wrong(held);
            }
            Verdict verdict = throttle.reserve(
                    held.state().heading().environment(), buckets.of(subject, one.kind(), caller, now), now);
            switch (verdict) {
                case Verdict.Wait wait -> {
                    Step pause = throttled(held, subject, one.kind(), wait, caller, now);
                    return right.isEmpty() ? pause : new Step.Wrong(held);
                }
                case Verdict.Go go -> {
                    counted.addAll(go.counted());
                    switch (verify(held, subject, one, caller, now)) {
                        case Outcome.Busy() -> {
                            return busy(counted, now);
                        }
                        case Outcome.Rejected(Outcome.Rejection why) -> {
                            return rejected(held, subject, one, why, go.exhausted(), caller, now);
                        }
                        case Outcome.Accepted accepted -> right.add(new Right(one.kind(), accepted));
                    }
                }
            }
        }
        return accepted(held, right, counted, manner, caller, now);
    }

    private Outcome verify(Held held, Subject subject, Given given, Caller caller, Instant now) {
        Factor factor = factors.of(given.kind());
        Attempt attempt = new Attempt(held.state().heading().environment(), caller.origin(), caller.browser(), now);
        Outcome outcome = factor.verify(factor.challenge(subject, attempt), given.answer(), attempt);
        boolean disabled = outcome instanceof Outcome.Accepted(var proof, var _)
                && accounts.get(proof.account()).isDisabled();
        return disabled ? new Outcome.Rejected(Outcome.Rejection.WRONG) : outcome;
    }

    /** Nothing was looked at, so nothing is counted. */
    private Step busy(List<Bucket> counted, Instant now) {
        database.write(() -> throttle.release(counted, now));
        return new Step.Busy();
    }

    private static boolean isOffered(Held held, FactorKind kind) {
        return held.state() instanceof SignIn.Asked asked && asked.offer().contains(kind);
    }

    /** Whether, with what is right so far, the policy would ask for this kind next. */
    private boolean isAskedNext(Held held, List<Right> right, FactorKind kind, Caller caller, Instant now) {
        Proofs proofs = Proofs.NONE;
        for (Right one : right) {
            proofs = proofs.with(one.outcome().proof());
        }
        AccountId account = right.getFirst().outcome().proof().account();
        return decide(held.state().heading().target(), caller, now).decide(account, proofs)
                        instanceof Decision.Ask(var anyOf, var _)
                && anyOf.contains(kind);
    }

    private Step accepted(
            Held held, List<Right> right, List<Bucket> counted, Manner manner, Caller caller, Instant now) {
        return ring(
                steps.inOneStep(held, caller, now, () -> {
                    SignIn state = held.state();
                    for (Right one : right) {
                        if (!one.outcome().claim().consume()) {
                            return replayed(held, one, caller, now);
                        }
                        state = SignInFlow.next(state, new SignInEvent.Chose(one.kind()), this::noDecision, now);
                        SignInEvent event =
                                new SignInEvent.Accepted(one.outcome().proof());
                        state = SignInFlow.next(
                                state, event, decide(state.heading().target(), caller, now), now);
                        steps.noteUse(one.outcome().proof(), state.heading().environment(), caller, now);
                    }
                    boolean phoneAsked = right.size() == 1
                            && state instanceof SignIn.Asked next
                            && next.offer().contains(FactorKind.PUSH);
                    if (manner == Manner.TOGETHER && !phoneAsked && state instanceof SignIn.Asked asked) {
                        return incomplete(held, asked, caller, now);
                    }
                    throttle.settle(counted, now);
                    return steps.save(held, state, caller, now);
                }),
                now);
    }

    /** Rings the phones if this step has asked them. */
    private Step ring(Step step, Instant now) {
        if (step instanceof Step.At(Held held)
                && held.state() instanceof SignIn.Asked asked
                && asked.offer().contains(FactorKind.PUSH)) {
            approval(held)
                    .filter(request -> request.state() == Approval.State.OPEN)
                    .ifPresent(request -> doorbell.ring(request, now));
        }
        return step;
    }

    /** The code is missing. The sign-in stays where it was, and the password stays counted, as if it had been wrong. */
    private Step incomplete(Held held, SignIn.Asked asked, Caller caller, Instant now) {
        refuse(
                held,
                accountOf(asked.subject()),
                FactorKind.TOTP,
                Outcome.Rejection.WRONG,
                Optional.empty(),
                caller,
                now);
        return new Step.Wrong(held);
    }

    /** Someone else used the answer between looking and taking: the same as wrong. Runs inside the step's transaction. */
    private Step replayed(Held held, Right one, Caller caller, Instant now) {
        AccountId account = one.outcome().proof().account();
        refuse(held, Optional.of(account), one.kind(), Outcome.Rejection.REPLAYED, Optional.empty(), caller, now);
        return new Step.Wrong(held);
    }

    private Step rejected(
            Held held,
            Subject subject,
            Given given,
            Outcome.Rejection why,
            List<Bucket> exhausted,
            Caller caller,
            Instant now) {
        Optional<WrongCode> explanation = database.write(() -> {
            Optional<WrongCode> known = explain(subject, given, now);
            refuse(held, accountOf(subject), given.kind(), why, known, caller, now);
            for (Bucket bucket : exhausted) {
                exhausted(held, subject, given.kind(), bucket, caller, now);
            }
            return known;
        });
        boolean signedIn = held.state().heading().replaces().isPresent();
        return new Step.Wrong(held, explanation.filter(_ -> signedIn));
    }

    /** What is known of a wrong code. It comes after a right password, so what it costs tells a stranger nothing new. */
    private Optional<WrongCode> explain(Subject subject, Given given, Instant now) {
        SecretText typed = given.answer().typed();
        return given.kind() == FactorKind.TOTP && subject instanceof Subject.Known(AccountId account)
                ? wrongCodes.explain(account, typed, now)
                : Optional.empty();
    }

    private void refuse(
            Held held,
            Optional<AccountId> account,
            FactorKind kind,
            Outcome.Rejection why,
            Optional<WrongCode> explanation,
            Caller caller,
            Instant now) {
        ActivityEvent.Refusal refusal = switch (why) {
            case REPLAYED -> ActivityEvent.Refusal.REPLAYED_CODE;
            case WRONG ->
                kind == FactorKind.PASSWORD ? ActivityEvent.Refusal.WRONG_PASSWORD : ActivityEvent.Refusal.WRONG_CODE;
        };
        String known = explanation.map(WrongCode::describe).orElse("");
        log(held, account, new ActivityEvent.SignInRefused(refusal, kind, known), caller, now);
    }

    /**
     * The last guess of a window was wrong. Whoever guesses second factors knows the password, so its owner has to choose a
     * new one at the next sign-in.
     */
    private void exhausted(Held held, Subject subject, FactorKind kind, Bucket bucket, Caller caller, Instant now) {
        boolean secondFactor = bucket.equals(GuessBuckets.secondFactor(subject));
        if (secondFactor && subject instanceof Subject.Known(AccountId account)) {
            passwords.demandChange(account, Passwords.MustChange.GUESSED);
        }
        String limit = bucket.limit().inWindow() + " in " + bucket.limit().window();
        log(held, accountOf(subject), new ActivityEvent.GuessesExhausted(kind, limit), caller, now);
    }

    private Step throttled(Held held, Subject subject, FactorKind kind, Verdict.Wait wait, Caller caller, Instant now) {
        ActivityEvent event =
                new ActivityEvent.SignInThrottled(kind, wait.pause().toSeconds());
        database.write(() -> log(held, accountOf(subject), event, caller, now));
        return new Step.Wait(wait.pause());
    }

    /** Confirms what is being registered: the code of the new app, the last group of the recovery code, a new password. */
    public Step enrol(Held held, Answer typed, Caller caller, Instant now) {
        return steps.enrol(
                held, typed, caller, now, decide(held.state().heading().target(), caller, now));
    }

    @Override
    public boolean admits(Session session, Target target, Instant now) {
        PolicyGate.Enrolments actual = facts.of(session.account());
        // A recovery code that is missing ends no session; the next sign-in insists on one.
        PolicyGate.Enrolments saved = new PolicyGate.Enrolments(actual.enrolled(), true, actual.mustChangePassword());
        return policy.decide(session.account(), saved, session.proofs(), target, now) instanceof Decision.Allow;
    }

    /** Whether the person has shown recently everything that is asked for changing what one signs in with. */
    public boolean isFresh(Session session, Instant now) {
        return isFresh(session, Target.ACCOUNT, now);
    }

    @Override
    public boolean isFresh(Session session, Target target, Instant now) {
        return hasShownSince(session, target, now.minus(FRESH), now);
    }

    /** Whether the person has shown everything in the last {@link #RECENT}. */
    public boolean isRecent(Session session, Instant now) {
        return hasShownSince(session, Target.ACCOUNT, now.minus(RECENT), now);
    }

    private boolean hasShownSince(Session session, Target target, Instant since, Instant now) {
        return policy.decide(
                        session.account(),
                        facts.of(session.account()),
                        session.proofs().since(since),
                        target.wishing(Target.Wish.CONFIRM),
                        now)
                instanceof Decision.Allow;
    }

    /** Removes sign-ins that have expired, and recoveries nobody came back to; answers how many. */
    public int forgetExpired(Instant now) {
        return database.write(
                () -> store.deleteExpired(now) + recoveryCodes.forgetExpired(now) + wrongCodes.forgetExpired(now));
    }

    private SignIn.Started started(EnvironmentId environment, Target target, Optional<Session> session, Instant now) {
        return new SignIn.Started(new SignIn.Heading(
                new SignInId(randomness.identifier()),
                environment,
                target,
                "",
                session.map(Session::id),
                now.plus(SignInFlow.LIFE)));
    }

    private Held keep(SignIn state, Channel channel) {
        Token token = randomness.token();
        database.write(() -> store.insert(state, token.hash(channel), Optional.empty()));
        return new Held(state, 0, token, Optional.empty());
    }

    /** Whoever is called that; a decoy when nobody is. */
    Subject subject(EnvironmentId environment, String typedName) {
        return subject(environment, typedName, accounts.findByTypedName(environment, typedName));
    }

    /** @param found whoever is called that */
    Subject subject(EnvironmentId environment, String typedName, Optional<Account> found) {
        return found.<Subject>map(account -> new Subject.Known(account.id()))
                .orElseGet(() -> new Subject.Decoy(decoyBucket(environment, typedName)));
    }

    /** One of 65,536 buckets for invented names: a million of them take no more room. */
    private String decoyBucket(EnvironmentId environment, String typedName) {
        String key = environment + "\n" + Username.lookupKey(typedName).orElse("");
        byte[] hash = vault.lastingHash("decoy", key.getBytes(StandardCharsets.UTF_8));
        return "decoy-" + HexFormat.of().formatHex(hash, 0, 2);
    }

    private static String shown(String typedName) {
        String stripped = typedName.strip();
        return stripped.length() > 254 ? stripped.substring(0, 254) : stripped;
    }

    private static Subject subjectOf(Held held) {
        return switch (held.state()) {
            case SignIn.Asked asked -> asked.subject();
            case SignIn.Challenged challenged -> challenged.subject();
            case SignIn.MustEnrol must -> new Subject.Known(must.account());
            case SignIn.Complete complete -> new Subject.Known(complete.account());
            case SignIn.Started _, SignIn.Refused _ -> new Subject.Decoy("nobody");
        };
    }

    private static Optional<AccountId> accountOf(Subject subject) {
        return subject instanceof Subject.Known(AccountId account) ? Optional.of(account) : Optional.empty();
    }

    private SignInFlow.Decide decide(Target target, Caller caller, Instant now) {
        return (account, proofs) -> policy.decide(
                account, facts.of(account), proofs, target, () -> surroundings.of(account, caller, now), now);
    }

    private Decision noDecision(AccountId account, Proofs proofs) {
        throw new IllegalStateException("this step decides nothing");
    }

    private void log(Held held, Optional<AccountId> account, ActivityEvent event, Caller caller, Instant now) {
        activity.record(held.state().heading().environment(), account, Actor.ANONYMOUS, caller.origin(), event, now);
    }
}
