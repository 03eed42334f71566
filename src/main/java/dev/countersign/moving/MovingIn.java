package dev.countersign.moving;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.administration.Administrator;
import dev.countersign.administration.Licence;
import dev.countersign.administration.Outcome;
import dev.countersign.administration.Refusal;
import dev.countersign.administration.Safeguard;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Groups;
import dev.countersign.directory.Newcomers;
import dev.countersign.entitlement.Feature;
import dev.countersign.factor.password.Passwords;
import dev.countersign.factor.totp.Apps;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Permission;
import dev.countersign.store.Database;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Component;

/**
 * Brings people from a file. Each line is all or nothing; some hundred are one transaction, in which is also noted how far the
 * file has come, so that an import that was killed goes on where it stopped. Lines that could take rights from someone, or
 * give them, are one transaction each, under the guard that keeps an administrator. Thread-safe.
 */
@Component
public final class MovingIn {
    /** So many lines are read and checked at a time, while those before them are written, in one transaction or several. */
    private static final int BATCH = 2_000;
    /** Changes of accounts that are there already take several statements each; so many end a transaction. */
    static final int MOST_CHANGES = 100;

    private static final int ATTEMPTS = 3;
    private static final int EXAMPLES = 100;
    private static final Reason NOBODY_LEFT = Reason.of(Reason.Code.NOBODY_LEFT);

    private final Database database;
    private final MovingStore store;
    private final Planner.Parts parts;
    private final Applier applier;
    private final Safeguard safeguard;
    private final Licence licence;
    private final ActivityLog activity;
    private final Randomness randomness;
    private final Clock clock;

    MovingIn(
            Database database,
            MovingStore store,
            Newcomers newcomers,
            Accounts accounts,
            Groups groups,
            Passwords passwords,
            Apps apps,
            Applier applier,
            Safeguard safeguard,
            Licence licence,
            ActivityLog activity,
            Randomness randomness,
            Clock clock) {
        this.database = database;
        this.store = store;
        this.parts = new Planner.Parts(newcomers, accounts, groups, passwords, apps);
        this.applier = applier;
        this.safeguard = safeguard;
        this.licence = licence;
        this.activity = activity;
        this.randomness = randomness;
        this.clock = clock;
    }

    /** What a file is. */
    public enum Format {
        /** One JSON object a line. */
        JSONL,
        /** A table with a row of names. */
        CSV,
        /** A realm exported by Keycloak, as JSON. */
        KEYCLOAK;

        /** What the name of a file says it is. */
        public static Optional<Format> ofFileName(String name) {
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.endsWith(".jsonl") || lower.endsWith(".ndjson")) {
                return Optional.of(JSONL);
            }
            if (lower.endsWith(".csv")) {
                return Optional.of(CSV);
            }
            return lower.endsWith(".json") ? Optional.of(KEYCLOAK) : Optional.empty();
        }

        ItemReader reader(InputStream stream) {
            return switch (this) {
                case JSONL -> new JsonLines(stream);
                case CSV -> new CsvPeople(stream);
                case KEYCLOAK -> new KeycloakRealm(stream);
            };
        }
    }

    /** A file that can be read twice: once to know it again, once to take it in. */
    public interface Source {
        /** What people call it. */
        String name();

        InputStream open() throws IOException;
    }

    /**
     * How a file is taken.
     *
     * @param dryRun only says what would change
     * @param allowRoles whether it may give roles; counts for the owner of the server alone
     * @param replaceFactors whether its passwords and apps replace those of accounts that have some
     */
    public record Options(Format format, boolean dryRun, boolean allowRoles, boolean replaceFactors) {
        boolean rolesAllowed(Administrator by) {
            return allowRoles && by.account().isEmpty();
        }

        private String text() {
            return format + (allowRoles ? " roles" : "") + (replaceFactors ? " factors" : "");
        }
    }

    /** What came of a file. */
    public sealed interface Result {
        /**
         * The file was read to its end, or to where it makes no sense.
         *
         * @param run names it, for {@link #refusals}; absent when nothing was to be changed
         * @param resumedAfter how many items had been done before it was interrupted
         * @param broken why the rest could not be read
         * @param examples the first of each kind
         */
        record Done(
                Optional<String> run, Counts counts, long resumedAfter, Optional<String> broken, List<Verdict> examples)
                implements Result {}

        /** Nothing was read. */
        record Refused(Refusal why) implements Result {}

        /** The same file is being taken in by someone else at this moment. */
        record Elsewhere() implements Result {}
    }

    /** A refused line with its place in the list of them. */
    public record NumberedRefusal(long number, Verdict.Refused refusal) {}

    /**
     * Takes a file in, or says what that would change. A transaction lasts a moment only, so that people can sign in
     * meanwhile.
     *
     * @param progress is told the counts after each transaction
     */
    public Result run(Administrator by, Source source, Options options, Instant now, Consumer<Counts> progress)
            throws IOException {
        if (!by.rights().may(Permission.EDIT_PEOPLE)
                || (options.replaceFactors() && !by.rights().may(Permission.RESET_FACTORS))) {
            return new Result.Refused(Refusal.NOT_ALLOWED);
        }
        Optional<Refusal> refused =
                options.dryRun() ? Optional.empty() : licence.against(by.environment(), Feature.IMPORT, now);
        if (refused.isPresent()) {
            return new Result.Refused(refused.get());
        }
        ImportRun run = options.dryRun() ? new ImportRun("", 0, Counts.NONE) : begin(by, source, options, now);
        try (InputStream stream = source.open();
                ItemReader reader = options.format().reader(stream)) {
            OneFile file = new OneFile(by, options, now, progress, run);
            return options.dryRun()
                    ? file.take(reader, source.name())
                    : database.writingMuch(() -> file.take(reader, source.name()));
        } catch (TakenElsewhere e) {
            return new Result.Elsewhere();
        }
    }

    /** Refused lines of an import after the one with this number, in the order of the file. */
    public List<NumberedRefusal> refusals(EnvironmentId environment, String run, long after, int limit) {
        return store.refusals(environment, run, after, limit);
    }

    private ImportRun begin(Administrator by, Source source, Options options, Instant now) throws IOException {
        String hash = hash(source);
        return database.write(() -> store.findUnfinished(by.environment(), hash, options.text())
                .orElseGet(() -> {
                    ImportRun fresh = new ImportRun(randomness.identifier(), 0, Counts.NONE);
                    store.insert(fresh, by, hash, Refusals.shown(source.name()), options.text(), now);
                    return fresh;
                }));
    }

    private static String hash(Source source) throws IOException {
        try (InputStream stream = source.open()) {
            DigestInputStream digest = new DigestInputStream(stream, Sha256.begin());
            digest.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(digest.getMessageDigest().digest());
        }
    }

    /** Someone else has moved this import on. */
    private static final class TakenElsewhere extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** What a transaction came to: so many items, and what is to be said of those that are people. */
    private record Step(int items, List<Verdict> verdicts, Optional<Planner> planner) {}

    /** An item, and whether it could be a person. */
    private record Checked(Item item, Candidate.Checked result) {}

    /** One file on its way in. */
    private final class OneFile {
        private final Administrator by;
        private final Options options;
        private final Instant now;
        private final Consumer<Counts> progress;
        private final Planner.Seen seen = Planner.Seen.nothing();
        private final List<Verdict> examples = new ArrayList<>();
        private Counts exampleCounts = Counts.NONE;
        private Optional<String> broken = Optional.empty();
        private final AdministratorsLeft administrators;
        private final Pace pace = new Pace(BATCH);
        private final long there;
        private long turn;
        private ImportRun run;

        OneFile(Administrator by, Options options, Instant now, Consumer<Counts> progress, ImportRun run) {
            this.by = by;
            this.options = options;
            this.now = now;
            this.progress = progress;
            this.administrators = new AdministratorsLeft(parts, safeguard, by.environment());
            this.there = options.dryRun() ? 0 : parts.newcomers().count(by.environment());
            this.turn = Long.parseLong(randomness.digits(6));
            this.run = run;
        }

        Result take(ItemReader reader, String name) throws IOException {
            long resumedAfter = run.position();
            skip(reader, resumedAfter);
            try (Ahead<List<Checked>> ahead = new Ahead<>(() -> read(reader))) {
                for (List<Checked> batch = ahead.next(); !batch.isEmpty(); batch = ahead.next()) {
                    takeAll(batch);
                }
            }
            if (!options.dryRun()) {
                database.write(() -> finish(name));
            }
            Optional<String> id = options.dryRun() ? Optional.empty() : Optional.of(run.id());
            return new Result.Done(id, run.counts(), resumedAfter, broken, List.copyOf(examples));
        }

        /** Between two transactions others have their turn. */
        private void takeAll(List<Checked> batch) {
            for (List<Checked> rest = batch; !rest.isEmpty(); ) {
                int asked = pace.of(rest.size());
                Instant began = clock.instant();
                int done = takeSome(rest.subList(0, asked));
                pace.took(asked, done, Duration.between(began, clock.instant()));
                if (!options.dryRun()) {
                    database.settle();
                }
                progress.accept(run.counts());
                rest = rest.subList(done, rest.size());
            }
        }

        private void finish(String name) {
            store.finish(run, now);
            Counts counts = run.counts();
            activity.record(
                    by.environment(),
                    Optional.empty(),
                    by.actor(),
                    by.origin(),
                    new ActivityEvent.PeopleImported(
                            Refusals.shown(name),
                            counts.created(),
                            counts.changed(),
                            counts.unchanged(),
                            counts.refused()),
                    now);
        }

        /** What was done before is only read, to know its usernames. */
        private void skip(ItemReader reader, long items) throws IOException {
            for (long i = 0; i < items; i++) {
                Optional<Item> item = reader.next();
                if (item.isPresent()
                        && item.get() instanceof Item.Person(long line, Arrival arrival)
                        && Candidate.check(line, arrival) instanceof Candidate.Checked.Fine(Candidate candidate)) {
                    seen.keys().add(candidate.name().key());
                }
            }
        }

        /** The next lines as far as they can be judged without the database: on another thread, while the last are written. */
        private List<Checked> read(ItemReader reader) throws IOException {
            List<Checked> batch = new ArrayList<>();
            while (batch.size() < BATCH) {
                Optional<Item> item = reader.next();
                if (item.isEmpty()) {
                    break;
                }
                batch.add(new Checked(item.get(), check(item.get())));
            }
            return batch;
        }

        private int takeSome(List<Checked> items) {
            Step step = options.dryRun() ? plan(items, false) : inTransaction(items);
            if (step.items() == 0) {
                step = alone(items.getFirst());
            }
            run = run.after(step.items(), step.verdicts());
            step.planner().ifPresent(Planner::remember);
            step.verdicts().forEach(this::keepExample);
            return step.items();
        }

        private void keepExample(Verdict verdict) {
            Counts next = exampleCounts.with(verdict);
            boolean few = next.created() <= EXAMPLES
                    && next.changed() <= EXAMPLES
                    && next.unchanged() <= EXAMPLES
                    && next.refused() <= EXAMPLES;
            boolean fewOfThese = switch (verdict) {
                case Verdict.Created _ -> next.created() <= EXAMPLES;
                case Verdict.Changed _ -> next.changed() <= EXAMPLES;
                case Verdict.Unchanged _ -> next.unchanged() <= EXAMPLES;
                case Verdict.Refused _ -> next.refused() <= EXAMPLES;
            };
            if (few || fewOfThese) {
                examples.add(verdict);
                exampleCounts = next;
            }
        }

        /** Another node may add one of these names at the same moment; then everything is looked at anew. */
        private Step inTransaction(List<Checked> items) {
            for (int attempt = 1; ; attempt++) {
                try {
                    return database.write(() -> {
                        Step step = plan(items, true);
                        note(step);
                        return step;
                    });
                } catch (DuplicateKeyException e) {
                    if (attempt == ATTEMPTS) {
                        throw e;
                    }
                }
            }
        }

        private void note(Step step) {
            if (step.items() == 0) {
                return;
            }
            if (!store.consumePosition(run, run.after(step.items(), step.verdicts()), now)) {
                throw new TakenElsewhere();
            }
            store.insertRefusals(
                    run,
                    step.verdicts().stream()
                            .filter(Verdict.Refused.class::isInstance)
                            .map(Verdict.Refused.class::cast)
                            .toList());
        }

        /** Plans the items up to the first that has to be alone, and does them. */
        private Step plan(List<Checked> items, boolean untilDelicate) {
            Newcomers.Part part = Newcomers.Part.of(turn++, there + run.counts().created());
            Planner planner = new Planner(parts, by, options, part, now, seen);
            List<Verdict> verdicts = new ArrayList<>();
            List<Plan> plans = new ArrayList<>();
            planner.read(items.stream()
                    .map(Checked::result)
                    .filter(Candidate.Checked.Fine.class::isInstance)
                    .map(fine -> ((Candidate.Checked.Fine) fine).candidate())
                    .toList());
            int changes = 0;
            int taken = 0;
            for (; taken < items.size() && changes < MOST_CHANGES; taken++) {
                Item item = items.get(taken).item();
                if (item instanceof Item.Broken(long line, String reason)) {
                    broken = Optional.of("Line " + line + ": " + reason);
                }
                if (item instanceof Item.Group(long line, String path)) {
                    group(planner, line, path).ifPresent(verdicts::add);
                    continue;
                }
                Plan plan = switch (items.get(taken).result()) {
                    case Candidate.Checked.Fine(Candidate candidate) -> planner.plan(candidate);
                    case Candidate.Checked.Refused(Reason reason) ->
                        new Plan.Nothing(new Verdict.Refused(item.line(), Refusals.shown(username(item)), reason));
                };
                if (untilDelicate && planner.isDelicate(plan)) {
                    planner.leaveOut(plan);
                    break;
                }
                Plan possible = options.dryRun() ? foreseen(plan, planner) : plan;
                plans.add(possible);
                changes += possible instanceof Plan.Change ? 1 : 0;
                verdicts.add(possible.verdict());
            }
            if (!options.dryRun()) {
                applier.apply(plans, planner.book(), by, now);
            }
            return new Step(taken, verdicts, Optional.of(planner));
        }

        /** What would come of a plan in earnest, when the guard has looked at it. */
        private Plan foreseen(Plan plan, Planner planner) {
            if (administrators.allows(plan, planner.book())) {
                return plan;
            }
            planner.leaveOut(plan);
            return new Plan.Nothing(
                    new Verdict.Refused(plan.verdict().line(), plan.verdict().username(), NOBODY_LEFT));
        }

        private static Candidate.Checked check(Item item) {
            return switch (item) {
                case Item.Person(long line, Arrival arrival) -> Candidate.check(line, arrival);
                case Item.Unreadable(long _, String _, Reason reason) -> new Candidate.Checked.Refused(reason);
                case Item.Broken(long _, String reason) ->
                    new Candidate.Checked.Refused(Reason.of(Reason.Code.FILE_BROKEN, reason));
                case Item.Group _ -> new Candidate.Checked.Refused(Reason.of(Reason.Code.NOT_A_PERSON));
            };
        }

        private static String username(Item item) {
            return switch (item) {
                case Item.Person(long _, Arrival arrival) -> arrival.username();
                case Item.Unreadable(long _, String username, Reason _) -> username;
                case Item.Group _, Item.Broken _ -> "";
            };
        }

        /** Makes sure a group is there; only what goes wrong is worth a word. */
        private Optional<Verdict> group(Planner planner, long line, String path) {
            var names = Candidate.groupPath(path);
            if (names.isEmpty()) {
                return Optional.of(
                        new Verdict.Refused(line, Refusals.shown(path), Reason.of(Reason.Code.GROUP_UNUSABLE)));
            }
            boolean allowed = planner.book().rolesOf(names.get()).isEmpty() || options.rolesAllowed(by);
            if (allowed && !planner.book().closesCircle(names.get())) {
                planner.book().make(names.get());
            }
            return Optional.empty();
        }

        /** One line under guard: if it would leave no administrator, it is taken back and refused. */
        private Step alone(Checked checked) {
            Item item = checked.item();
            Outcome<Step> outcome = safeguard.guard(by.environment(), () -> {
                Step step = plan(List.of(checked), false);
                note(step);
                return new Outcome.Done<>(step);
            });
            return outcome.fold(step -> step, why -> {
                Step refused = new Step(
                        1,
                        List.of(new Verdict.Refused(
                                item.line(),
                                username(item),
                                why == Refusal.LAST_ADMINISTRATOR
                                        ? NOBODY_LEFT
                                        : Reason.of(
                                                Reason.Code.NOT_DONE,
                                                why.wireName().replace('-', ' ')))),
                        Optional.empty());
                database.write(() -> note(refused));
                return refused;
            });
        }
    }
}
