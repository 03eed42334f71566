package dev.countersign.bench;

import dev.countersign.activity.Actor;
import dev.countersign.administration.Administrator;
import dev.countersign.administration.BulkAction;
import dev.countersign.administration.BulkJobs;
import dev.countersign.administration.BulkRun;
import dev.countersign.administration.Selection;
import dev.countersign.cli.RunningServer;
import dev.countersign.configuration.SettingKey;
import dev.countersign.configuration.SettingsLoader;
import dev.countersign.directory.AccountSource;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Groups;
import dev.countersign.directory.Username;
import dev.countersign.factor.totp.Apps;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.people.Companion;
import dev.countersign.people.People;
import dev.countersign.people.PeopleFilter;
import dev.countersign.people.PeoplePage;
import dev.countersign.people.PeopleSort;
import dev.countersign.people.PersonStatus;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.store.Database;
import dev.countersign.support.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** The list of people with very many of them: how long a page, a search, a count take, and a reset of ten thousand. */
final class PeopleLoad {
    private static final int ROUNDS = 200;
    private static final int PAGE = 50;
    private static final double LIMIT_MS = 100;
    /** Finds ten thousand of a million. */
    private static final String RESET = "u000";

    private static final String[] FIRST = {
        "Anna", "Bert", "Clara", "Dirk", "Eva", "Fritz", "Greta", "Hans", "Ilse", "Jan", "Karla", "Lena", "Mila",
        "Noor", "Otto", "Paula", "Quentin", "Rosa", "Sven", "Tilda"
    };

    private final int count;
    private final Report report;
    private final boolean postgresql;

    PeopleLoad(int count, boolean postgresql, Report report) {
        this.count = count;
        this.postgresql = postgresql;
        this.report = report;
    }

    /** In a directory that is removed afterwards, or in {@code kept}, which is filled once and measured again and again. */
    void run(Optional<Path> kept) throws Exception {
        if (kept.isPresent()) {
            in(Files.createDirectories(kept.get()));
        } else {
            Commands.inDirectory(this::in);
        }
    }

    private void in(Path data) throws Exception {
        Ground.in(data, postgresql, this::measure);
    }

    private void measure(Ground ground) throws Exception {
        report.note("The database is %s with the settings it comes with.", ground.name());
        Filled filled = fill(ground);
        try (RunningServer server = start(ground.options())) {
            measure(server, filled.environment(), filled.groups());
            if (filled.now()) {
                enrol(server, filled.environment());
                bulk(server, filled.environment());
            }
        }
    }

    /** Where the people are, and whether they were put there now. */
    record Filled(EnvironmentId environment, List<GroupId> groups, boolean now) {}

    /** Puts the people in, if they are not there. */
    Filled fill(Ground ground) throws SQLException {
        EnvironmentId environment;
        List<GroupId> groups;
        boolean empty;
        try (RunningServer server = start(ground.options())) {
            environment = server.defaultEnvironment().id();
            empty = server.get(Groups.class).names(environment).isEmpty();
            groups = List.of(group(server, environment, "Large"), group(server, environment, "Small"));
        }
        if (empty) {
            long began = System.nanoTime();
            fill(ground.loader(), environment, groups);
            report.note(
                    "%d accounts were put into %s within %.0f s.",
                    count, ground.name(), (System.nanoTime() - began) / 1e9);
        }
        return new Filled(environment, groups, empty);
    }

    static RunningServer start(Map<SettingKey, String> options) {
        return RunningServer.start(
                SettingsLoader.load(options, Map.of(), Optional.empty()), TestServer.parts(Clock.systemUTC()));
    }

    private static GroupId group(RunningServer server, EnvironmentId environment, String name) {
        Username parsed = ((Username.Parsed.Accepted) Username.parseGroupName(name)).username();
        Groups groups = server.get(Groups.class);
        return groups.findByName(environment, name)
                .or(() -> groups.create(environment, parsed, Actor.SYSTEM, Origin.SYSTEM, Instant.EPOCH))
                .orElseThrow()
                .id();
    }

    /** Straight into the tables, as {@code Accounts}, {@code Apps} and {@code Groups} would leave them. */
    private void fill(String url, EnvironmentId environment, List<GroupId> groups) throws SQLException {
        try (Connection database = DriverManager.getConnection(url, "postgres", "")) {
            if (!postgresql) {
                database.createStatement().execute("PRAGMA synchronous=OFF");
                database.createStatement().execute("PRAGMA cache_size=-200000");
            }
            database.setAutoCommit(false);
            try (PreparedStatement account = database.prepareStatement("""
                            INSERT INTO account (id, environment_id, username, username_key, username_shape, email, email_key,
                                display_name, role, created_at, last_sign_in_at, disabled_at, source, enrolled_at, name_key,
                                index_version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, 1)""");
                    PreparedStatement word = database.prepareStatement(
                            "INSERT INTO account_word (environment_id, word, account_id) VALUES (?, ?, ?)");
                    PreparedStatement member = database.prepareStatement(
                            "INSERT INTO group_member (environment_id, group_id, account_id, added_at) VALUES (?, ?, ?, 0)");
                    PreparedStatement exemption = database.prepareStatement("""
                            INSERT INTO policy_exemption (environment_id, account_id, granted_by, reason, until)
                            VALUES (?, ?, 'ada', 'bench', ?)""")) {
                Random random = new Random(7);
                for (int i = 0; i < count; i++) {
                    String id = Integer.toString(random.nextInt(Integer.MAX_VALUE), 36) + "-" + i;
                    add(account, word, environment, id, i);
                    if (i % 4 == 0) {
                        add(member, environment.value(), groups.getFirst().value(), id);
                    }
                    if (i % 5_000 == 0) {
                        add(member, environment.value(), groups.getLast().value(), id);
                        add(exemption, environment.value(), id, Instant.now().toEpochMilli() + 10 * 86_400_000L);
                    }
                    if (i % 1_000 == 999 || i == count - 1) {
                        for (PreparedStatement each : List.of(account, word, member, exemption)) {
                            each.executeBatch();
                        }
                    }
                }
            }
            // Few have a phone, so that those who do are the needle.
            database.createStatement().execute("UPDATE account SET companion_at = 1 WHERE id LIKE '%-%500'");
            database.commit();
            if (postgresql) { // which would do so by itself a minute later; SQLite never does
                database.createStatement().execute("ANALYZE");
                database.commit();
            }
        }
    }

    private static void add(
            PreparedStatement account, PreparedStatement word, EnvironmentId environment, String id, int i)
            throws SQLException {
        String username = "u%07d".formatted(i);
        String first = FIRST[i % FIRST.length];
        String last = "Family" + i / 50 % 5_000;
        String mail = username + "@northwind.example";
        String role = i % 50_000 == 1 ? "HELP_DESK" : i % 100_000 == 2 ? "ADMINISTRATOR" : "USER";
        add(
                account,
                id,
                environment.value(),
                username,
                username,
                username,
                mail,
                mail,
                first + " " + last,
                role,
                i % 2 == 0 ? (Object) (1_700_000_000_000L + i * 1_000L) : null,
                i % 1_000 == 3 ? (Object) 1L : null,
                i % 10 == 0 ? "IMPORT" : "LOCAL",
                i % 3 == 0 ? (Object) 1L : null,
                (first + " " + last).toLowerCase(java.util.Locale.ROOT));
        for (String text : List.of(mail, first, last)) {
            add(word, environment.value(), text.toLowerCase(java.util.Locale.ROOT), id);
        }
    }

    private static void add(PreparedStatement statement, Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            if (values[i] == null) {
                statement.setNull(i + 1, Types.BIGINT);
            } else {
                statement.setObject(i + 1, values[i]);
            }
        }
        statement.addBatch();
    }

    private interface Query {
        void run();
    }

    private void measure(RunningServer server, EnvironmentId environment, List<GroupId> groups) {
        People people = server.get(People.class);
        Rules rules = server.get(Policies.class).rules(environment);
        server.get(Policies.class)
                .change(
                        environment,
                        new Rules(
                                Rules.Mode.REQUIRED,
                                new Rules.Scope.Selected(Set.of(groups.getFirst()), Set.of()),
                                rules.version()),
                        Actor.SYSTEM,
                        Origin.SYSTEM,
                        Instant.EPOCH);
        filters(groups).forEach((name, filter) -> {
            for (PeopleSort sort : PeopleSort.values()) {
                if (sort == PeopleSort.USERNAME || filter.equals(PeopleFilter.EVERYONE)) {
                    add(
                            "list, " + name + ", by " + sort.wireName(),
                            () -> people.list(environment, filter, sort, Optional.empty(), PAGE, Instant.now()));
                }
            }
            add("count, " + name, () -> people.count(environment, filter, Instant.now()));
        });
        deepPages(people, environment);
        add("names of groups", () -> server.get(Groups.class).names(environment));
        add("groups with their members", () -> server.get(Groups.class).all(environment));
        add("statuses of all and seats, on the first page", () -> people.overview(environment, Instant.now()));
    }

    private void deepPages(People people, EnvironmentId environment) {
        PeoplePage.Cursor middle = new PeoplePage.Cursor("u%07d".formatted(count / 2), "0", false);
        PeoplePage.Cursor[] at = {middle};
        add(
                "a page in the middle, forth",
                () -> at[0] = people.list(
                                environment,
                                PeopleFilter.EVERYONE,
                                PeopleSort.USERNAME,
                                Optional.of(at[0]),
                                PAGE,
                                Instant.now())
                        .next()
                        .orElse(middle)); // few people end before the rounds do
        PeoplePage.Cursor back = new PeoplePage.Cursor(at[0].key(), at[0].id(), true);
        add(
                "a page in the middle, back",
                () -> people.list(
                        environment,
                        PeopleFilter.EVERYONE,
                        PeopleSort.USERNAME,
                        Optional.of(back),
                        PAGE,
                        Instant.now()));
    }

    private static Map<String, PeopleFilter> filters(List<GroupId> groups) {
        Map<String, PeopleFilter> filters = new LinkedHashMap<>();
        filters.put("everyone", PeopleFilter.EVERYONE);
        for (String text : List.of("a", "an", "anna", "family123", "anna family123", "u00012", "anna fam", "nobody")) {
            filters.put("search \"" + text + "\"", PeopleFilter.ofText(text));
        }
        for (PersonStatus status : PersonStatus.values()) {
            filters.put("status " + status.wireName(), PeopleFilter.EVERYONE.withStatus(status));
        }
        for (Companion companion : Companion.values()) {
            filters.put("companion " + companion.wireName(), PeopleFilter.EVERYONE.with(companion));
        }
        filters.put("role administrator", by(Optional.of(Role.ADMINISTRATOR), Optional.empty(), Optional.empty()));
        filters.put("role user", by(Optional.of(Role.USER), Optional.empty(), Optional.empty()));
        filters.put("group of a quarter", by(Optional.empty(), Optional.of(groups.getFirst()), Optional.empty()));
        filters.put("group of a few", by(Optional.empty(), Optional.of(groups.getLast()), Optional.empty()));
        filters.put("source import", by(Optional.empty(), Optional.empty(), Optional.of(AccountSource.IMPORT)));
        filters.put(
                "search \"anna\", must enrol, group of a quarter",
                new PeopleFilter(
                        "anna",
                        Optional.empty(),
                        Optional.of(groups.getFirst()),
                        Optional.empty(),
                        Optional.of(PersonStatus.MUST_ENROL)));
        return filters;
    }

    private static PeopleFilter by(Optional<Role> role, Optional<GroupId> group, Optional<AccountSource> source) {
        return new PeopleFilter("", role, group, source, Optional.empty());
    }

    private void add(String work, Query query) {
        List<Double> times = new ArrayList<>();
        long longest = System.nanoTime() + 20_000_000_000L;
        for (int i = 0; i < ROUNDS && (i < 5 || System.nanoTime() < longest); i++) {
            long began = System.nanoTime();
            query.run();
            times.add((System.nanoTime() - began) / 1e6);
        }
        double[] sorted = times.stream().mapToDouble(each -> each).sorted().toArray();
        double last = sorted[Math.min(sorted.length - 1, (int) Math.ceil(sorted.length * 0.99) - 1)];
        report.atMost(
                "%s: p99 in ms (p50 %.1f, first %.1f, longest %.1f)"
                        .formatted(work, sorted[sorted.length / 2], times.getFirst(), sorted[sorted.length - 1]),
                last,
                LIMIT_MS,
                1.0,
                "100 ms");
    }

    /** Real apps for those who are to be reset. */
    private void enrol(RunningServer server, EnvironmentId environment) {
        Apps apps = server.get(Apps.class);
        List<AccountId> all =
                server.get(People.class).idsAfter(environment, PeopleFilter.ofText(RESET), "", 10_000, Instant.now());
        for (int from = 0; from < all.size(); from += 500) {
            List<AccountId> some = all.subList(from, Math.min(all.size(), from + 500));
            server.get(Database.class)
                    .write(() -> some.forEach(id -> apps.register(
                            server.get(Accounts.class).get(id),
                            apps.newSecret(),
                            1,
                            Actor.SYSTEM,
                            Origin.SYSTEM,
                            Instant.now())));
        }
    }

    /** Ten thousand resets while something else writes, and how long that had to wait. */
    private void bulk(RunningServer server, EnvironmentId environment) throws InterruptedException {
        BulkJobs jobs = server.get(BulkJobs.class);
        Administrator by = Administrator.operator(environment, Actor.SYSTEM, Origin.SYSTEM);
        PeopleFilter filter = PeopleFilter.ofText(RESET);
        long began = System.nanoTime();
        BulkRun run = jobs.start(by, new Selection.Found(filter), new BulkAction.Reset(), Instant.now())
                .fold(started -> started, why -> {
                    throw new IllegalStateException(why.wireName());
                });
        report.note("Choosing %d people took %.2f s.", run.total(), (System.nanoTime() - began) / 1e9);
        Database database = server.get(Database.class);
        List<Double> waits = new ArrayList<>();
        while (!jobs.find(by, run.id()).orElseThrow().isFinished()) {
            long asked = System.nanoTime();
            database.write(() -> database.sql()
                    .sql("UPDATE environment SET display_name = display_name WHERE id = ?")
                    .param(environment.value())
                    .update());
            waits.add((System.nanoTime() - asked) / 1e6);
            Thread.sleep(50);
        }
        BulkRun done = jobs.find(by, run.id()).orElseThrow();
        report.atMost(
                "reset of " + done.done() + " people, s for 10,000",
                (System.nanoTime() - began) / 1e9 * 10_000 / done.total(),
                60,
                1.0,
                "60 s");
        double[] sorted = waits.stream().mapToDouble(each -> each).sorted().toArray();
        report.note(
                "Another write waited %.1f ms (p50), %.1f ms at most, while they were reset.",
                sorted[sorted.length / 2], sorted[sorted.length - 1]);
    }
}
