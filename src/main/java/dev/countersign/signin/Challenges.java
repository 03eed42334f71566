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
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.ApiKeyId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import dev.countersign.throttle.Bucket;
import dev.countersign.throttle.Throttle;
import dev.countersign.throttle.Verdict;
import dev.countersign.vault.Randomness;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.springframework.stereotype.Component;

/**
 * The second factor alone, for applications that keep their own passwords. It counts against the same budget as a sign-in, opens
 * nothing here, and says of a name nobody has exactly what it says of one whose code is wrong. Thread-safe.
 */
@Component
public final class Challenges {
    /** How long a challenge can be answered. */
    public static final Duration LIFE = Duration.ofMinutes(5);

    /** What can be answered. It does not depend on what the person has set up, which would show whether there is one. */
    public static final Set<FactorKind> OFFER = Set.of(FactorKind.TOTP, FactorKind.RECOVERY);

    private final Database database;
    private final ChallengeStore store;
    private final SignInService signIns;
    private final Accounts accounts;
    private final Factors factors;
    private final Throttle throttle;
    private final ActivityLog activity;
    private final Randomness randomness;

    Challenges(
            Database database,
            ChallengeStore store,
            SignInService signIns,
            Accounts accounts,
            Factors factors,
            Throttle throttle,
            ActivityLog activity,
            Randomness randomness) {
        this.database = database;
        this.store = store;
        this.signIns = signIns;
        this.accounts = accounts;
        this.factors = factors;
        this.throttle = throttle;
        this.activity = activity;
        this.randomness = randomness;
    }

    /**
     * The application that asks.
     *
     * @param name how the log shows it
     */
    public record Application(EnvironmentId environment, ApiKeyId key, String name, Origin origin) {}

    /** A challenge that can be answered. */
    public record Opened(String id, Instant expiresAt) {}

    /** What became of an answer. */
    public sealed interface Result {
        record Right(Account account, FactorKind factor) implements Result {}

        record Wrong() implements Result {}

        record Wait(Duration pause) implements Result {}

        record Busy() implements Result {}
    }

    public Opened open(Application application, String typedName, Instant now) {
        Asked asked = asked(application, typedName);
        String id = randomness.identifier();
        Instant end = now.plus(LIFE);
        database.write(() -> store.insert(application.environment(), id, application.key(), asked.subject(), end));
        return new Opened(id, end);
    }

    /** Whom an application asks about, and their account. */
    private record Asked(Subject subject, Optional<Account> account) {
        /** A disabled account is asked as one that does not exist. */
        static Asked of(Account account) {
            return account.isDisabled()
                    ? nobody(new Subject.Decoy("decoy-disabled-" + account.id()))
                    : new Asked(new Subject.Known(account.id()), Optional.of(account));
        }

        static Asked nobody(Subject decoy) {
            return new Asked(decoy, Optional.empty());
        }
    }

    private Asked asked(Application application, String typedName) {
        return accounts.findByTypedName(application.environment(), typedName)
                .map(Asked::of)
                .orElseGet(() -> Asked.nobody(signIns.subject(application.environment(), typedName, Optional.empty())));
    }

    private Asked asked(Subject subject) {
        return subject instanceof Subject.Known(AccountId id) ? Asked.of(accounts.get(id)) : Asked.nobody(subject);
    }

    /** Answers a challenge. The right answer uses it up. */
    public Result answer(Application application, String id, FactorKind kind, Answer answer, Instant now) {
        return store.find(application.environment(), id, application.key(), now)
                .map(subject -> check(application, asked(subject), kind, answer, () -> store.consume(id, now), now))
                .orElseGet(Result.Wrong::new);
    }

    /** Asks and answers in one, for an application that has the code already: it was typed beside the password. */
    public Result verify(Application application, String typedName, FactorKind kind, Answer answer, Instant now) {
        return check(application, asked(application, typedName), kind, answer, () -> true, now);
    }

    private Result check(
            Application application, Asked asked, FactorKind kind, Answer answer, BooleanSupplier isOpen, Instant now) {
        if (!OFFER.contains(kind)) {
            return new Result.Wrong();
        }
        List<Bucket> buckets = List.of(GuessBuckets.secondFactor(asked.subject()));
        return throttle.reserve(application.environment(), buckets, now, verdict -> switch (verdict) {
            case Verdict.Wait(Duration pause, Bucket _) -> held(application, asked.subject(), kind, pause, now);
            case Verdict.Go go -> look(application, asked, kind, answer, isOpen, go, now);
        });
    }

    private Result look(
            Application application,
            Asked asked,
            FactorKind kind,
            Answer answer,
            BooleanSupplier isOpen,
            Verdict.Go go,
            Instant now) {
        Factor factor = factors.of(kind);
        Attempt attempt = new Attempt(application.environment(), application.origin(), Optional.empty(), now);
        return switch (factor.verify(factor.challenge(asked.subject(), attempt), answer, attempt)) {
            case Outcome.Accepted accepted -> accept(application, asked, kind, accepted, isOpen, go, now);
            case Outcome.Rejected(Outcome.Rejection why) -> refuse(application, asked.subject(), kind, why, go, now);
            case Outcome.Busy() -> {
                throttle.release(go.counted(), now);
                yield new Result.Busy();
            }
        };
    }

    /**
     * The owner of the proof is compared with whom was asked, whatever the factor promised.
     *
     * @param isOpen uses up what was asked, false when something else has
     */
    private Result accept(
            Application application,
            Asked asked,
            FactorKind kind,
            Outcome.Accepted accepted,
            BooleanSupplier isOpen,
            Verdict.Go go,
            Instant now) {
        Account person = asked.account()
                .filter(account -> account.id().equals(accepted.proof().account()))
                .orElseThrow(() -> new IllegalStateException(
                        "a code of " + accepted.proof().account() + " was accepted for " + asked.subject()));
        if (!isOpen.getAsBoolean() || !accepted.claim().consume()) {
            return refuse(application, asked.subject(), kind, Outcome.Rejection.REPLAYED, go, now);
        }
        throttle.settle(go.counted(), now);
        ActivityEvent answered = new ActivityEvent.ChallengeAnswered(kind, application.name());
        log(application, asked.subject(), Actor.person(person.id(), person.username()), answered, now);
        return new Result.Right(person, kind);
    }

    private Result refuse(
            Application application,
            Subject subject,
            FactorKind kind,
            Outcome.Rejection why,
            Verdict.Go go,
            Instant now) {
        ActivityEvent.Refusal refusal = switch (why) {
            case WRONG -> ActivityEvent.Refusal.WRONG_CODE;
            case REPLAYED -> ActivityEvent.Refusal.REPLAYED_CODE;
        };
        log(application, subject, new ActivityEvent.ChallengeRefused(refusal, kind, application.name()), now);
        for (Bucket bucket : go.exhausted()) {
            String limit = bucket.limit().inWindow() + " in " + bucket.limit().window();
            log(application, subject, new ActivityEvent.GuessesExhausted(kind, limit), now);
        }
        return new Result.Wrong();
    }

    private Result held(Application application, Subject subject, FactorKind kind, Duration pause, Instant now) {
        ActivityEvent event = new ActivityEvent.SignInThrottled(kind, pause.toSeconds());
        log(application, subject, event, now);
        return new Result.Wait(pause);
    }

    /** Removes challenges that have expired; answers how many. */
    public int forgetExpired(Instant now) {
        return database.write(() -> store.deleteExpired(now));
    }

    private void log(Application application, Subject subject, ActivityEvent event, Instant now) {
        log(application, subject, Actor.ANONYMOUS, event, now);
    }

    private void log(Application application, Subject subject, Actor actor, ActivityEvent event, Instant now) {
        Optional<AccountId> about =
                subject instanceof Subject.Known(AccountId account) ? Optional.of(account) : Optional.empty();
        activity.record(application.environment(), about, actor, application.origin(), event, now);
    }
}
