package dev.countersign.moving;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.administration.Administrator;
import dev.countersign.administration.Licence;
import dev.countersign.administration.Refusal;
import dev.countersign.directory.Account;
import dev.countersign.directory.Groups;
import dev.countersign.directory.Newcomers;
import dev.countersign.directory.Username;
import dev.countersign.entitlement.Feature;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Permission;
import dev.countersign.store.Database;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.springframework.stereotype.Component;

/**
 * A table of groups: {@code group,member,nested}, in each row a group and someone in it, or a group that stands in it, or
 * nothing. Rows add and never take away; the same file twice changes nothing. Thread-safe.
 */
@Component
public final class GroupFile {
    static final List<String> COLUMNS = List.of("group", "member", "nested");

    private static final int BATCH = 500;
    private static final int EXAMPLES = 100;

    private final Database database;
    private final Newcomers newcomers;
    private final Groups groups;
    private final Licence licence;
    private final ActivityLog activity;

    GroupFile(Database database, Newcomers newcomers, Groups groups, Licence licence, ActivityLog activity) {
        this.database = database;
        this.newcomers = newcomers;
        this.groups = groups;
        this.licence = licence;
        this.activity = activity;
    }

    /** What came of a file; {@code examples} are the first of each kind, and every refused row. */
    public sealed interface Result {
        record Done(Counts counts, Gains gains, Optional<String> broken, List<Verdict> examples) implements Result {}

        record Refused(Refusal why) implements Result {}
    }

    /**
     * What a file adds, or would add.
     *
     * @param groups the names of the first new groups
     * @param changes the first rows that change something
     */
    public record Gains(long newGroups, long nestings, long members, List<String> groups, List<Change> changes) {
        static final Gains NONE = new Gains(0, 0, 0, List.of(), List.of());

        private Gains and(Applied more, List<Change> all) {
            List<String> names = new ArrayList<>(groups);
            more.groups().stream().limit(EXAMPLES - groups.size()).forEach(names::add);
            return new Gains(
                    newGroups + more.groups().size(),
                    nestings + more.nestings(),
                    members + more.members(),
                    List.copyOf(names),
                    List.copyOf(all));
        }
    }

    /** A row that changes something: someone comes into a group, or a group into another, or it is new. */
    public record Change(long line, String group, Optional<String> member, Optional<String> nested) {}

    private record Row(long line, String group, String member, String nested) {}

    /** Takes a file in, or says what that would change. */
    public Result run(Administrator by, MovingIn.Source source, boolean dryRun, Instant now, Consumer<Counts> progress)
            throws IOException {
        if (!by.rights().may(Permission.EDIT_PEOPLE)) {
            return new Result.Refused(Refusal.NOT_ALLOWED);
        }
        Optional<Refusal> refused = dryRun ? Optional.empty() : licence.against(by.environment(), Feature.IMPORT, now);
        if (refused.isPresent()) {
            return new Result.Refused(refused.get());
        }
        try (InputStream stream = source.open();
                CsvRows rows = new CsvRows(stream)) {
            return new OneFile(by, dryRun, now, progress).take(rows);
        }
    }

    /** What came of some rows, one verdict each. */
    private record Applied(List<Verdict> verdicts, List<String> groups, long nestings, long members) {}

    /** One file on its way in. */
    private final class OneFile {
        private final Administrator by;
        private final boolean dryRun;
        private final Instant now;
        private final Consumer<Counts> progress;
        private final List<Verdict> examples = new ArrayList<>();
        private final List<Change> changes = new ArrayList<>();
        private final Set<Newcomers.Membership> memberships = new HashSet<>();
        private Optional<GroupBook> imagined = Optional.empty();
        private Counts counts = Counts.NONE;
        private Gains gains = Gains.NONE;
        private Optional<String> broken = Optional.empty();
        private List<String> header = List.of();

        OneFile(Administrator by, boolean dryRun, Instant now, Consumer<Counts> progress) {
            this.by = by;
            this.dryRun = dryRun;
            this.now = now;
            this.progress = progress;
        }

        Result take(CsvRows rows) throws IOException {
            if (!readHeader(rows)) {
                return new Result.Done(counts, gains, broken, examples);
            }
            for (List<Row> batch = read(rows); !batch.isEmpty(); batch = read(rows)) {
                List<Row> these = batch;
                Applied applied = dryRun ? apply(these, imagined()) : database.write(() -> apply(these, book()));
                applied.verdicts().forEach(this::note);
                note(these, applied);
                progress.accept(counts);
            }
            return new Result.Done(counts, gains, broken, List.copyOf(examples));
        }

        private void note(Verdict verdict) {
            counts = counts.with(verdict);
            if (counts.all() <= EXAMPLES || verdict instanceof Verdict.Refused) {
                examples.add(verdict);
            }
        }

        private void note(List<Row> rows, Applied applied) {
            for (int i = 0; i < rows.size() && changes.size() < EXAMPLES; i++) {
                if (applied.verdicts().get(i) instanceof Verdict.Created) {
                    Row row = rows.get(i);
                    changes.add(new Change(row.line(), row.group(), typed(row.member()), typed(row.nested())));
                }
            }
            gains = gains.and(applied, changes);
        }

        private static Optional<String> typed(String cell) {
            return cell.isEmpty() ? Optional.empty() : Optional.of(Refusals.shown(cell));
        }

        private GroupBook book() {
            return new GroupBook(newcomers.groups(by.environment()), Optional.of(groups), by, now);
        }

        /** In a preview what one row adds is there for the next, to the end of the file. */
        private GroupBook imagined() {
            GroupBook book = imagined.orElseGet(
                    () -> new GroupBook(newcomers.groups(by.environment()), Optional.empty(), by, now));
            imagined = Optional.of(book);
            return book;
        }

        private boolean readHeader(CsvRows rows) throws IOException {
            Optional<CsvRows.Row> first = rows.next();
            if (first.isPresent() && first.get() instanceof CsvRows.Row.Cells(long _, List<String> cells)) {
                header = cells.stream()
                        .map(cell -> cell.strip().toLowerCase(java.util.Locale.ROOT))
                        .toList();
            }
            boolean known = header.contains("group")
                    && COLUMNS.containsAll(header)
                    && new HashSet<>(header).size() == header.size();
            if (!known) {
                broken = Optional.of("The first row must name the columns group, member and nested.");
            }
            return known;
        }

        private List<Row> read(CsvRows rows) throws IOException {
            List<Row> batch = new ArrayList<>();
            while (batch.size() < BATCH && broken.isEmpty()) {
                Optional<CsvRows.Row> row = rows.next();
                if (row.isEmpty()) {
                    break;
                }
                switch (row.get()) {
                    case CsvRows.Row.Broken(long line, String reason) ->
                        broken = Optional.of("Line " + line + ": " + reason);
                    case CsvRows.Row.TooLong(long line) -> note(refused(line, "", Reason.of(Reason.Code.ROW_TOO_LONG)));
                    case CsvRows.Row.Cells(long line, List<String> cells) -> {
                        if (cells.size() > header.size()) {
                            note(refused(
                                    line,
                                    cells.getFirst(),
                                    Reason.of(Reason.Code.ROW_TOO_MANY_CELLS, cells.size(), header.size())));
                        } else {
                            batch.add(
                                    new Row(line, cell(cells, "group"), cell(cells, "member"), cell(cells, "nested")));
                        }
                    }
                }
            }
            return batch;
        }

        private String cell(List<String> cells, String column) {
            int place = header.indexOf(column);
            return place >= 0 && place < cells.size() ? cells.get(place).strip() : "";
        }

        private Verdict refused(long line, String group, Reason reason) {
            return new Verdict.Refused(line, Refusals.shown(group), reason);
        }

        private Applied apply(List<Row> rows, GroupBook book) {
            int groupsBefore = book.made().size();
            int nestedBefore = book.nested();
            Map<String, Account> people = newcomers.byKey(
                    by.environment(),
                    rows.stream()
                            .flatMap(row -> Username.lookupKey(row.member()).stream())
                            .distinct()
                            .toList());
            if (!dryRun) {
                memberships.clear();
            }
            memberships.addAll(newcomers.memberships(
                    people.values().stream().map(Account::id).toList()));
            int membersBefore = memberships.size();
            List<Verdict> verdicts = new ArrayList<>();
            for (Row row : rows) {
                verdicts.add(one(row, book, people));
            }
            return new Applied(
                    verdicts,
                    List.copyOf(book.made().subList(groupsBefore, book.made().size())),
                    book.nested() - nestedBefore,
                    memberships.size() - membersBefore);
        }

        private Verdict one(Row row, GroupBook book, Map<String, Account> people) {
            List<Username> path = new ArrayList<>();
            for (String name : row.nested().isEmpty() ? List.of(row.group()) : List.of(row.group(), row.nested())) {
                if (!(Username.parseGroupName(name) instanceof Username.Parsed.Accepted(Username accepted))) {
                    return refused(row.line(), row.group(), Reason.of(Reason.Code.GROUP_NAME, Refusals.shown(name)));
                }
                path.add(accepted);
            }
            if (!row.member().isEmpty() && !row.nested().isEmpty()) {
                return refused(row.line(), row.group(), Reason.of(Reason.Code.GROUP_ONE_THING));
            }
            if (!book.rolesOf(path).stream().allMatch(role -> by.rights().cover(role))) {
                return refused(row.line(), row.group(), Reason.of(Reason.Code.GROUP_GIVES_MORE));
            }
            if (book.closesCircle(path)) {
                return refused(row.line(), row.group(), Reason.of(Reason.Code.GROUP_CIRCLE));
            }
            return row.member().isEmpty()
                    ? stand(row, path, book)
                    : join(
                            row,
                            path,
                            book,
                            Username.lookupKey(row.member()).flatMap(key -> Optional.ofNullable(people.get(key))));
        }

        private Verdict stand(Row row, List<Username> path, GroupBook book) {
            String what = row.nested().isEmpty() ? row.group() : row.group() + " < " + row.nested();
            if (book.find(path).isPresent()) {
                return new Verdict.Unchanged(row.line(), what);
            }
            book.make(path);
            return new Verdict.Created(row.line(), what);
        }

        private Verdict join(Row row, List<Username> path, GroupBook book, Optional<Account> account) {
            if (account.isEmpty()) {
                return refused(
                        row.line(), row.group(), Reason.of(Reason.Code.ACCOUNT_UNKNOWN, Refusals.shown(row.member())));
            }
            GroupId group = book.make(path);
            Newcomers.Membership membership =
                    new Newcomers.Membership(group, account.get().id());
            String who = account.get().username() + " in " + path.getFirst().display();
            if (!memberships.add(membership)) {
                return new Verdict.Unchanged(row.line(), who);
            }
            if (!dryRun) {
                newcomers.addMembers(by.environment(), List.of(membership), now);
                activity.record(
                        by.environment(),
                        Optional.of(account.get().id()),
                        by.actor(),
                        by.origin(),
                        new ActivityEvent.GroupMemberAdded(path.getFirst().display()),
                        now);
            }
            return new Verdict.Created(row.line(), who);
        }
    }
}
