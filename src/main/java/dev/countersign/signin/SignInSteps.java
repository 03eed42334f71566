package dev.countersign.signin;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.factor.Answer;
import dev.countersign.factor.Subject;
import dev.countersign.factor.companion.Approvals;
import dev.countersign.factor.companion.Pairing;
import dev.countersign.factor.companion.Pairings;
import dev.countersign.factor.companion.Phone;
import dev.countersign.factor.password.PasswordRules;
import dev.countersign.factor.password.Passwords;
import dev.countersign.factor.recovery.RecoveryCodes;
import dev.countersign.factor.replacement.ReplacementCodes;
import dev.countersign.factor.totp.Apps;
import dev.countersign.factor.totp.WrongCode;
import dev.countersign.factor.totp.WrongCodes;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.Channel;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Proof;
import dev.countersign.kernel.Proofs;
import dev.countersign.kernel.SessionId;
import dev.countersign.policy.ApprovalRules;
import dev.countersign.policy.PolicyGate;
import dev.countersign.policy.Why;
import dev.countersign.session.Sessions;
import dev.countersign.store.Database;
import dev.countersign.throttle.Throttle;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.SecretText;
import dev.countersign.vault.Token;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/**
 * Saves the steps of a sign-in: the next state, or the session that ends it, together with everything that belongs to it.
 * Everything here runs inside one transaction.
 */
@Component
final class SignInSteps {
    private final Database database;
    private final SignInStore store;
    private final MaterialSafe safe;
    private final Accounts accounts;
    private final Apps apps;
    private final WrongCodes wrongCodes;
    private final RecoveryCodes recoveryCodes;
    private final ReplacementCodes replacementCodes;
    private final Passwords passwords;
    private final Sessions sessions;
    private final Throttle throttle;
    private final ActivityLog activity;
    private final PolicyGate policy;
    private final Environments environments;
    private final Approvals approvals;
    private final Pairings pairings;
    private final Surroundings surroundings;

    SignInSteps(
            Database database,
            SignInStore store,
            MaterialSafe safe,
            Accounts accounts,
            Apps apps,
            WrongCodes wrongCodes,
            RecoveryCodes recoveryCodes,
            ReplacementCodes replacementCodes,
            Passwords passwords,
            Sessions sessions,
            Throttle throttle,
            ActivityLog activity,
            PolicyGate policy,
            Environments environments,
            Approvals approvals,
            Pairings pairings,
            Surroundings surroundings) {
        this.database = database;
        this.store = store;
        this.safe = safe;
        this.accounts = accounts;
        this.apps = apps;
        this.wrongCodes = wrongCodes;
        this.recoveryCodes = recoveryCodes;
        this.replacementCodes = replacementCodes;
        this.passwords = passwords;
        this.sessions = sessions;
        this.throttle = throttle;
        this.activity = activity;
        this.policy = policy;
        this.environments = environments;
        this.approvals = approvals;
        this.pairings = pairings;
        this.surroundings = surroundings;
    }

    /** Someone else took the step first; everything done in this transaction is undone. */
    private static final class Superseded extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Superseded() {
            super("the sign-in has moved on", null, false, false);
        }
    }

    Optional<Held> find(EnvironmentId environment, Channel channel, Token token, Instant now) {
        return store.find(environment, token.hash(channel), now)
                .map(row -> new Held(
                        row.state(),
                        row.version(),
                        token,
                        row.sealedData()
                                .flatMap(bytes ->
                                        safe.open(bytes, row.state().heading().id()))));
    }

    /** Runs one step in a transaction; when the sign-in moved on meanwhile, answers where it stands now. */
    Step inOneStep(Held held, Caller caller, Instant now, Supplier<Step> step) {
        try {
            return database.write(step);
        } catch (Superseded e) {
            return find(held.state().heading().environment(), caller.channel(), held.token(), now)
                    .<Step>map(Step.At::new)
                    .orElseGet(Step.Gone::new);
        }
    }

    /** Stores the first state of a resumed sign-in, or finishes it at once when nothing is missing. */
    Step begin(SignIn state, Token token, Caller caller, Instant now) {
        return switch (state) {
            case SignIn.Complete complete -> complete(complete, caller, now);
            case SignIn.Refused _ -> new Step.Gone();
            case SignIn.Started _, SignIn.Asked _, SignIn.Challenged _, SignIn.MustEnrol _ -> {
                Optional<Material> material = material(state, caller, now);
                store.insert(state, token.hash(caller.channel()), seal(state, material));
                askPhones(state, caller, now);
                yield new Step.At(new Held(state, 0, token, material));
            }
        };
    }

    /** Stores the next state, or ends the sign-in. */
    Step save(Held held, SignIn next, Caller caller, Instant now) {
        return switch (next) {
            case SignIn.Complete complete -> {
                if (!store.consume(complete.heading().id(), held.version(), now)) {
                    throw new Superseded();
                }
                yield complete(complete, caller, now);
            }
            case SignIn.Refused refused -> refuse(refused, held, caller, now);
            case SignIn.Started _, SignIn.Asked _, SignIn.Challenged _, SignIn.MustEnrol _ -> {
                Optional<Material> material = material(next, caller, now);
                if (!store.advance(next, held.version(), seal(next, material))) {
                    throw new Superseded();
                }
                askPhones(next, caller, now);
                yield new Step.At(new Held(next, held.version() + 1, held.token(), material));
            }
        };
    }

    /** Where a phone may answer, it is asked at once. */
    private void askPhones(SignIn state, Caller caller, Instant now) {
        if (state instanceof SignIn.Asked asked && asked.subject() instanceof Subject.Known(AccountId account)) {
            noteDrawn(account, asked.why(), caller, now);
        }
        if (state instanceof SignIn.MustEnrol must) {
            noteDrawn(must.account(), must.why(), caller, now);
        }
        if (state instanceof SignIn.Asked asked
                && asked.offer().contains(FactorKind.PUSH)
                && asked.subject() instanceof Subject.Known(AccountId account)) {
            askPhones(asked, accounts.get(account), caller, now);
        }
    }

    /** Asks the phones of the account whether this sign-in is theirs. */
    Approvals.Asked askPhones(SignIn.Asked asked, Account account, Caller caller, Instant now) {
        String application = environments
                .find(account.environment())
                .map(Environment::displayName)
                .orElse("");
        return approvals.ask(
                account, asked.heading().id(), surroundings.shown(account, application, caller), caller.origin(), now);
    }

    private Step refuse(SignIn.Refused refused, Held held, Caller caller, Instant now) {
        store.delete(refused.heading().id());
        ActivityEvent.Refusal why = switch (refused.why()) {
            case EXPIRED -> ActivityEvent.Refusal.EXPIRED;
            case DENIED, MISMATCH -> ActivityEvent.Refusal.DISABLED;
        };
        log(
                refused.heading().environment(),
                Optional.empty(),
                Actor.ANONYMOUS,
                new ActivityEvent.SignInRefused(why, FactorKind.PASSWORD),
                caller,
                now);
        return refused.why() == SignIn.Refusal.EXPIRED ? new Step.Gone() : new Step.Wrong(held);
    }

    /** Issues the session. The owner is compared with every proof once more, whatever led here. */
    private Step complete(SignIn.Complete complete, Caller caller, Instant now) {
        SignIn.Heading heading = complete.heading();
        Account account = accounts.get(complete.account());
        boolean ownProofs = complete.proofs().all().stream()
                .allMatch(proof -> proof.account().equals(account.id()));
        if (!ownProofs
                || account.isDisabled()
                || !account.environment().equals(heading.environment())
                || !complete.proofs().has(FactorKind.PASSWORD)) {
            throw new IllegalStateException(
                    "sign-in " + heading.id() + " is complete for another account than it proves");
        }
        Actor actor = Actor.person(account.id(), account.username());
        if (isLeftToTheLot(complete.why().rule(), account)) {
            policy.draw(account, () -> surroundings.of(account.id(), caller, now), now)
                    .ifPresent(draw -> logDraw(account, draw, caller, now));
        }
        Sessions.Issued issued = sessions.issue(
                heading.environment(), account.id(), complete.proofs(), caller.origin(), caller.channel(), now);
        heading.replaces().ifPresent(old -> endReplaced(account, old, actor, caller, now));
        accounts.noteSignIn(account.id(), now);
        approvals.withdraw(heading.id(), now);
        if (complete.proofs().has(FactorKind.TOTP) || complete.proofs().has(FactorKind.PUSH)) {
            approvals.forgive(account);
        }
        ActivityEvent.Decided why = new ActivityEvent.Decided(
                complete.why().rule().name(),
                policy.named(account, complete.why()).argument().orElse(""),
                environments
                        .find(heading.environment())
                        .map(found -> found.style().name())
                        .orElse(""),
                isKnown(account, caller, now),
                remember(account, actor, caller, now).map(Instant::toString).orElse(""));
        log(
                heading.environment(),
                Optional.of(account.id()),
                actor,
                new ActivityEvent.SignInCompleted(
                        ways(complete.proofs()),
                        issued.session().id().value(),
                        heading.target().place().name().toLowerCase(Locale.ROOT),
                        why),
                caller,
                now);
        return new Step.Done(issued, heading.target());
    }

    /** Whether the rules demanded nothing, so that asking a phone was a matter of the draw: see {@code Policy.demand}. */
    private static boolean isLeftToTheLot(Why.Rule rule, Account account) {
        return switch (rule) {
            case OFF, OPTIONAL_NOT_SET_UP, NOT_COVERED -> true;
            case EXEMPT -> account.enrolledAt().isPresent();
            default -> false;
        };
    }

    private void logDraw(Account account, ApprovalRules.Draw draw, Caller caller, Instant now) {
        log(
                account.environment(),
                Optional.of(account.id()),
                Actor.person(account.id(), account.username()),
                new ActivityEvent.ApprovalDrawn(draw.asked(), draw.share()),
                caller,
                now);
    }

    /** That the lot has asked for a phone stands in the log whatever comes of it. */
    private void noteDrawn(AccountId id, Why why, Caller caller, Instant now) {
        if (why.rule() == Why.Rule.APPROVAL_DRAWN) {
            Account account = accounts.get(id);
            policy.draw(account, () -> surroundings.of(id, caller, now), now)
                    .ifPresent(draw -> logDraw(account, draw, caller, now));
        }
    }

    /** What the person showed; recording a new recovery code is no way of signing in. */
    private static List<FactorKind> ways(Proofs proofs) {
        return proofs.all().stream()
                .filter(proof -> proof.kind() == FactorKind.TOTP
                        || proof.kind() == FactorKind.PUSH
                        || proof.means() == Proof.Means.ANSWERED)
                .map(Proof::kind)
                .distinct()
                .sorted()
                .toList();
    }

    private void endReplaced(Account account, SessionId old, Actor actor, Caller caller, Instant now) {
        sessions.end(
                account.environment(),
                account.id(),
                old,
                ActivityEvent.EndReason.REPLACED,
                actor,
                caller.origin(),
                now);
    }

    private boolean isKnown(Account account, Caller caller, Instant now) {
        return caller.browser()
                .filter(browser -> sessions.isKnownBrowser(account.id(), browser, now))
                .isPresent();
    }

    /** Remembers the browser, if there is one; answers until when. */
    private Optional<Instant> remember(Account account, Actor actor, Caller caller, Instant now) {
        return caller.browser().map(browser -> {
            if (!sessions.isKnownBrowser(account.id(), browser, now)) {
                log(
                        account.environment(),
                        Optional.of(account.id()),
                        actor,
                        new ActivityEvent.KnownBrowserRemembered(),
                        caller,
                        now);
            }
            return sessions.rememberBrowser(
                    account.environment(),
                    account.id(),
                    browser,
                    caller.origin().address(),
                    now);
        });
    }

    /** Notes what is worth knowing of a proof beyond the sign-in it belongs to. */
    void noteUse(Proof proof, EnvironmentId environment, Caller caller, Instant now) {
        Optional<ActivityEvent> use = switch (proof.kind()) {
            case RECOVERY -> Optional.of(new ActivityEvent.RecoveryCodeUsed());
            case REPLACEMENT -> Optional.of(new ActivityEvent.ReplacementCodeUsed());
            case PASSWORD, TOTP, PUSH -> Optional.empty();
        };
        use.ifPresent(event -> {
            Account account = accounts.get(proof.account());
            Actor actor = Actor.person(account.id(), account.username());
            log(environment, Optional.of(account.id()), actor, event, caller, now);
        });
    }

    /** What is to be shown in a state that registers something: made once, when the state is entered. */
    private Optional<Material> material(SignIn state, Caller caller, Instant now) {
        if (!(state instanceof SignIn.MustEnrol must)) {
            return Optional.empty();
        }
        Account account = accounts.get(must.account());
        return switch (must.kind()) {
            case TOTP -> Optional.of(new Material.App(apps.newSecret()));
            case RECOVERY ->
                Optional.of(new Material.RecoveryCode(recoveryCodes.issue(
                        account, Actor.person(account.id(), account.username()), caller.origin(), now)));
            case PASSWORD, PUSH -> Optional.empty();
            case REPLACEMENT -> throw notRegistered();
        };
    }

    private static IllegalStateException notRegistered() {
        return new IllegalStateException("a code that is read out is issued by others and never registered");
    }

    private Optional<byte[]> seal(SignIn state, Optional<Material> material) {
        return material.map(secret -> safe.seal(secret, state.heading().id()));
    }

    /** Confirms what is being registered, and goes on. */
    Step enrol(Held held, Answer typed, Caller caller, Instant now, SignInFlow.Decide policy) {
        if (!(held.state() instanceof SignIn.MustEnrol must)) {
            return new Step.At(held);
        }
        SecretText text = typed.typed();
        Account account = accounts.get(must.account());
        return switch (must.kind()) {
            case TOTP -> enrolApp(held, must, account, text, caller, now, policy);
            case RECOVERY -> confirmRecoveryCode(held, must, account, text, caller, now, policy);
            case PASSWORD -> newPassword(held, must, account, text, caller, now, policy);
            case PUSH -> pairPhone(held, must, account, caller, now, policy);
            case REPLACEMENT -> throw notRegistered();
        };
    }

    private Step enrolApp(
            Held held,
            SignIn.MustEnrol must,
            Account account,
            SecretText typed,
            Caller caller,
            Instant now,
            SignInFlow.Decide policy) {
        if (!(held.material().orElse(null) instanceof Material.App(SecretBytes secret))) {
            return new Step.Gone();
        }
        OptionalLong step = apps.matchForEnrolment(secret, typed, now);
        Actor actor = Actor.person(account.id(), account.username());
        if (step.isEmpty()) {
            Optional<WrongCode> why = wrongCodes.explainNew(account.id(), secret, typed, now);
            ActivityEvent refused = new ActivityEvent.NewAppCodeRefused(
                    why.map(WrongCode::describe).orElse(""));
            database.write(() -> log(account.environment(), Optional.of(account.id()), actor, refused, caller, now));
            return new Step.Wrong(held, why);
        }
        return inOneStep(held, caller, now, () -> {
            boolean registered = apps.register(account, secret, step.getAsLong(), actor, caller.origin(), now);
            if (!registered) {
                return new Step.Wrong(held);
            }
            replacementCodes.remove(account.id());
            endOtherSessions(must, account, ActivityEvent.EndReason.RESET, actor, caller, now);
            return enrolled(held, must, FactorKind.TOTP, caller, now, policy);
        });
    }

    /** The person has compared the words: the phone that waits becomes theirs. */
    private Step pairPhone(
            Held held, SignIn.MustEnrol must, Account account, Caller caller, Instant now, SignInFlow.Decide policy) {
        Optional<Pairing> pairing = pairings.begunFrom(
                        account.environment(), must.heading().id().value())
                .map(Pairings.Begun::pairing)
                .filter(begun -> begun.state() == Pairing.State.CLAIMED && begun.isAliveAt(now));
        if (pairing.isEmpty()) {
            return new Step.Wrong(held);
        }
        Actor actor = Actor.person(account.id(), account.username());
        Step step = inOneStep(held, caller, now, () -> {
            Optional<Phone> phone = pairings.confirm(account, pairing.get(), actor, caller.origin(), now);
            if (phone.isEmpty()) {
                return new Step.Wrong(held);
            }
            replacementCodes.remove(account.id());
            if (must.heading().target().wish().isEmpty()) {
                endOtherSessions(must, account, ActivityEvent.EndReason.RESET, actor, caller, now);
            }
            return enrolled(held, must, FactorKind.PUSH, caller, now, policy);
        });
        pairings.wake(pairing.get());
        return step;
    }

    private Step confirmRecoveryCode(
            Held held,
            SignIn.MustEnrol must,
            Account account,
            SecretText typed,
            Caller caller,
            Instant now,
            SignInFlow.Decide policy) {
        if (!(held.material().orElse(null) instanceof Material.RecoveryCode(SecretText code))) {
            return new Step.Gone();
        }
        String last = RecoveryCodes.groups(code).getLast();
        String presented = typed.reveal().replaceAll("\\s", "").toUpperCase(Locale.ROOT);
        boolean right = SecretText.of(last).equalsSecretText(SecretText.of(presented))
                || code.equalsSecretText(SecretText.of(presented.replace("-", "")));
        if (!right) {
            return new Step.Wrong(held);
        }
        Actor actor = Actor.person(account.id(), account.username());
        return inOneStep(held, caller, now, () -> {
            recoveryCodes.confirm(account, code, actor, caller.origin(), now);
            return enrolled(held, must, FactorKind.RECOVERY, caller, now, policy);
        });
    }

    private Step newPassword(
            Held held,
            SignIn.MustEnrol must,
            Account account,
            SecretText typed,
            Caller caller,
            Instant now,
            SignInFlow.Decide policy) {
        Optional<PasswordRules.Problem> problem = PasswordRules.check(typed, account.username(), account.email());
        if (problem.isPresent()) {
            return new Step.Unfit(held, problem.get());
        }
        Optional<Passwords.Prepared> prepared = passwords.prepare(typed);
        if (prepared.isEmpty()) {
            return new Step.Busy();
        }
        Actor actor = Actor.person(account.id(), account.username());
        return inOneStep(held, caller, now, () -> {
            passwords.set(account, prepared.get(), Optional.empty(), actor, caller.origin(), now);
            throttle.lift(GuessBuckets.secondFactor(new Subject.Known(account.id())));
            sessions.forgetBrowsers(account.id());
            endOtherSessions(must, account, ActivityEvent.EndReason.PASSWORD_CHANGED, actor, caller, now);
            return enrolled(held, must, FactorKind.PASSWORD, caller, now, policy);
        });
    }

    private Step enrolled(
            Held held, SignIn.MustEnrol must, FactorKind kind, Caller caller, Instant now, SignInFlow.Decide policy) {
        Proof proof = new Proof(kind, must.account(), Proof.Means.ENROLLED, now);
        SignIn next = SignInFlow.next(must, new SignInEvent.Enrolled(proof), policy, now);
        return save(held, next, caller, now);
    }

    private void endOtherSessions(
            SignIn.MustEnrol must,
            Account account,
            ActivityEvent.EndReason why,
            Actor actor,
            Caller caller,
            Instant now) {
        store.deleteOthers(account.id(), Optional.of(must.heading().id()));
        sessions.endOthers(
                account.environment(), account.id(), must.heading().replaces(), why, actor, caller.origin(), now);
    }

    private void log(
            EnvironmentId environment,
            Optional<dev.countersign.kernel.AccountId> about,
            Actor actor,
            ActivityEvent event,
            Caller caller,
            Instant now) {
        activity.record(environment, about, actor, caller.origin(), event, now);
    }
}
