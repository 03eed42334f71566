package dev.countersign.administration;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Groups;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.Rights;
import dev.countersign.kernel.Role;
import dev.countersign.people.People;
import dev.countersign.people.PeopleFilter;
import dev.countersign.people.Readiness;
import dev.countersign.store.Database;
import dev.countersign.vault.Randomness;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Work on many people. Who is chosen is fixed when the work is prepared; it is then worked off in short transactions, here
 * or on any node, each of which looks again at what whoever started it may do now and at each person's rights. Whoever works
 * on it holds a lease; when a node dies, another continues. Thread-safe.
 */
@Component
public final class BulkJobs {
    /** The most people a second factor is required of one by one; more belong in a group. */
    public static final int MOST_REQUIRED = 500;

    /** Work on so many people is tried at once, while whoever started it waits. */
    static final int FEW = 200;

    static final Duration PATIENCE = Duration.ofSeconds(2);
    static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration PREPARED_KEPT = Duration.ofHours(2);
    private static final Duration FINISHED_KEPT = Duration.ofDays(30);
    private static final int CHOSEN_AT_ONCE = 5_000;
    /** So few that a sign-in that waits for the transaction does not notice. */
    private static final int PEOPLE_PER_TRANSACTION = 25;

    private final Database database;
    private final BulkJobStore store;
    private final BulkWork work;
    private final Safeguard safeguard;
    private final People people;
    private final Accounts accounts;
    private final Readiness readiness;
    private final Groups groups;
    private final ActivityLog activity;
    private final Randomness randomness;
    private final Clock clock;

    BulkJobs(
            Database database,
            BulkJobStore store,
            BulkWork work,
            Safeguard safeguard,
            People people,
            Accounts accounts,
            Readiness readiness,
            Groups groups,
            ActivityLog activity,
            Randomness randomness,
            Clock clock) {
        this.database = database;
        this.store = store;
        this.work = work;
        this.safeguard = safeguard;
        this.people = people;
        this.accounts = accounts;
        this.readiness = readiness;
        this.groups = groups;
        this.activity = activity;
        this.randomness = randomness;
        this.clock = clock;
    }

    /** Fixes who is chosen. Nothing happens to them until {@link #begin}; what is never begun is forgotten. */
    public Outcome<BulkRun> prepare(Administrator by, Selection selection, BulkAction.Kind kind, Instant now) {
        if (!kind.isAllowed(by.rights())) {
            return Outcome.refused(Refusal.NOT_ALLOWED);
        }
        String id = randomness.identifier();
        database.write(() -> store.insert(id, by, kind, now));
        long total = switch (selection) {
            case Selection.Named(List<AccountId> named) -> choose(id, by, named);
            case Selection.Found(PeopleFilter filter) -> choose(id, by, filter, now);
            case Selection.Covered covered -> choose(id, by, covered, now);
        };
        if (total == 0 || (kind == BulkAction.Kind.REQUIRE && total > MOST_REQUIRED)) {
            delete(id);
            return Outcome.refused(total == 0 ? Refusal.NOT_FOUND : Refusal.TOO_MANY);
        }
        database.write(() -> store.updateTotal(id, total));
        return new Outcome.Done<>(store.find(id).orElseThrow());
    }

    private long choose(String id, Administrator by, List<AccountId> named) {
        List<AccountId> here = named.stream()
                .distinct()
                .limit(Selection.MOST_NAMED)
                .filter(person -> accounts.find(person)
                        .filter(account -> account.environment().equals(by.environment()))
                        .isPresent())
                .toList();
        database.write(() -> store.insertItems(id, here));
        return here.size();
    }

    private long choose(String id, Administrator by, PeopleFilter filter, Instant now) {
        long total = 0;
        String after = "";
        while (true) {
            List<AccountId> some = people.idsAfter(by.environment(), filter, after, CHOSEN_AT_ONCE, now);
            if (some.isEmpty()) {
                return total;
            }
            database.write(() -> store.insertItems(id, some));
            total += some.size();
            after = some.getLast().value();
        }
    }

    private long choose(String id, Administrator by, Selection.Covered covered, Instant now) {
        long total = 0;
        String after = "";
        while (true) {
            List<Readiness.Line> some =
                    readiness.lines(by.environment(), covered.rules(), covered.wanted(), after, CHOSEN_AT_ONCE, now);
            if (some.isEmpty()) {
                return total;
            }
            database.write(() ->
                    store.insertItems(id, some.stream().map(Readiness.Line::id).toList()));
            total += some.size();
            after = readiness.keyAfter(by.environment(), some.getLast());
        }
    }

    /** Begins what was prepared. What concerns few people is done when this answers, if it can be by then. */
    public Outcome<BulkRun> begin(Administrator by, String id, BulkAction action, Instant now) {
        Optional<BulkRun> prepared = find(by, id).filter(run -> run.kind() == action.kind());
        if (prepared.isEmpty()) {
            return Outcome.refused(Refusal.NOT_FOUND);
        }
        Optional<Refusal> why = work.refusalOfAll(by, action, now);
        if (why.isPresent()) {
            return Outcome.refused(why.get());
        }
        boolean started = database.write(() -> start(by, prepared.get(), action, now));
        if (!started) {
            return Outcome.refused(Refusal.VERSION_CHANGED);
        }
        if (prepared.get().total() <= FEW) {
            Instant until = now.plus(PATIENCE);
            workOff(id, () -> clock.instant().isBefore(until));
        }
        return new Outcome.Done<>(store.find(id).orElseThrow());
    }

    private boolean start(Administrator by, BulkRun run, BulkAction action, Instant now) {
        boolean started = store.start(run.id(), action, by, now);
        if (started && run.total() > 1) {
            activity.record(
                    by.environment(),
                    Optional.empty(),
                    by.actor(),
                    by.origin(),
                    new ActivityEvent.BulkStarted(run.kind().wireName(), run.total()),
                    now);
        }
        return started;
    }

    /** Prepares and begins in one step. */
    public Outcome<BulkRun> start(Administrator by, Selection selection, BulkAction action, Instant now) {
        Optional<Refusal> why = work.refusalOfAll(by, action, now);
        return why.isPresent()
                ? Outcome.refused(why.get())
                : prepare(by, selection, action.kind(), now)
                        .fold(run -> begin(by, run.id(), action, now), Outcome::refused);
    }

    /** Stops work that is under way; what is done stays done. */
    public Outcome<Outcome.Nothing> cancel(Administrator by, String id, Instant now) {
        Optional<BulkRun> run = find(by, id);
        if (run.isEmpty()) {
            return Outcome.refused(Refusal.NOT_FOUND);
        }
        if (!run.get().kind().isAllowed(by.rights())) {
            return Outcome.refused(Refusal.NOT_ALLOWED);
        }
        database.write(() -> store.cancel(id, now));
        return Outcome.done();
    }

    public Optional<BulkRun> find(Administrator by, String id) {
        return store.find(id).filter(run -> run.environment().equals(by.environment()));
    }

    /** What was started, newest first. */
    public List<BulkRun> newest(Administrator by, int limit) {
        return store.newest(by.environment(), limit);
    }

    /** Some of the people of a run in order of id: all, or only those it was refused for. */
    public List<BulkRun.Item> items(BulkRun run, boolean refusedOnly, String after, int limit) {
        return store.items(run.id(), refusedOnly, after, limit);
    }

    /** Who will be left out when this person begins it. */
    public BulkRun.LeftOut leftOut(Administrator by, BulkRun run) {
        Set<Role> above = Stream.of(Role.values())
                .filter(role -> !by.rights().cover(role))
                .collect(Collectors.toSet());
        boolean own = run.kind().isForOthers()
                && by.account().filter(me -> store.contains(run.id(), me)).isPresent();
        return new BulkRun.LeftOut(
                run.kind().isForFewerRights() && !above.isEmpty()
                        ? store.countWithRoles(run.id(), above, groups.giving(by.environment(), above))
                        : 0,
                own);
    }

    /** Work that was started and that nobody does, the oldest first. */
    List<String> waiting() {
        return store.waiting(clock.instant());
    }

    /** Works on a run while {@code longer}; another may have it, then nothing happens. */
    void workOff(String id, BooleanSupplier longer) {
        Instant begun = clock.instant();
        Instant lease = begun.plus(LEASE);
        if (!database.write(() -> store.claim(id, lease, begun))) {
            return;
        }
        Instant held = lease;
        boolean more = true;
        while (more && longer.getAsBoolean()) {
            Instant now = clock.instant();
            more = piece(store.find(id).orElseThrow(), held, now);
            held = now.plus(LEASE);
        }
        Instant last = held;
        database.write(() -> store.release(id, last));
    }

    /** One transaction; false when there is nothing left to do here. */
    private boolean piece(BulkRun run, Instant lease, Instant now) {
        BulkAction action = run.action().orElseThrow();
        if (action.kind().canLockOut()) {
            return guardedPiece(run, action, lease, now);
        }
        return database.write(() -> {
            List<AccountId> next = take(run, atOnce(action), now);
            if (next.isEmpty()) {
                return false;
            }
            note(run, work.on(starter(run), action, next, now), lease, now);
            return true;
        });
    }

    private static int atOnce(BulkAction action) {
        return action instanceof BulkAction.Require ? MOST_REQUIRED : PEOPLE_PER_TRANSACTION;
    }

    /** One person, guarded against the loss of the last administrator: what would lose them is taken back as a whole. */
    private boolean guardedPiece(BulkRun run, BulkAction action, Instant lease, Instant now) {
        List<AccountId> next = database.write(() -> take(run, 1, now));
        if (next.isEmpty()) {
            return false;
        }
        AccountId person = next.getFirst();
        Outcome<Outcome.Nothing> outcome = safeguard.guard(run.environment(), () -> {
            Map<AccountId, Optional<Refusal>> result = work.on(starter(run), action, next, now);
            if (result.get(person) instanceof Optional<Refusal> why && why.isPresent()) {
                return Outcome.refused(why.get());
            }
            note(run, result, lease, now);
            return Outcome.done();
        });
        if (outcome instanceof Outcome.Refused<Outcome.Nothing>(Refusal why)) {
            database.write(() -> note(run, Map.of(person, Optional.of(why)), lease, now));
        }
        return true;
    }

    /** The next people; when there is nobody, or it was cancelled, the run is finished. */
    private List<AccountId> take(BulkRun run, int limit, Instant now) {
        List<AccountId> next = run.cancelledAt().isPresent() ? List.of() : store.next(run.id(), limit);
        if (next.isEmpty() && store.finish(run.id(), now) && run.total() > 1) {
            activity.record(
                    run.environment(),
                    Optional.empty(),
                    new Actor(run.starter(), run.starterName()),
                    run.origin(),
                    new ActivityEvent.BulkFinished(run.kind().wireName(), run.done(), run.total() - run.done()),
                    now);
        }
        return next;
    }

    private void note(BulkRun run, Map<AccountId, Optional<Refusal>> results, Instant lease, Instant now) {
        long done = results.values().stream().filter(Optional::isEmpty).count();
        if (!store.advance(run.id(), lease, now.plus(LEASE), done, results.size() - done)) {
            throw new IllegalStateException("another node has taken " + run.id());
        }
        results.forEach((person, why) -> store.note(run.id(), person, why));
    }

    /** Whoever started it, with what they may do now and might do then. */
    private Administrator starter(BulkRun run) {
        Rights now = run.starter()
                .map(id -> accounts.find(id)
                        .filter(account -> !account.isDisabled())
                        .map(accounts::rights)
                        .orElse(Rights.NONE))
                .orElse(Rights.ALL);
        return new Administrator(
                run.environment(),
                run.starter(),
                now.and(run.rights()),
                new Actor(run.starter(), run.starterName()),
                run.origin());
    }

    /** Forgets what was finished long ago, and what was prepared and never begun. */
    void forgetOld(Instant now) {
        store.old(now.minus(FINISHED_KEPT), now.minus(PREPARED_KEPT)).forEach(this::delete);
    }

    private void delete(String id) {
        boolean more = true;
        while (more) {
            more = database.write(() -> store.deleteSome(id, CHOSEN_AT_ONCE));
        }
    }
}
