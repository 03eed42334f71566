package dev.countersign.people;

import dev.countersign.directory.AccountSource;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Role;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * All SQL of the list of people.
 *
 * <p>A search stays fast with a million accounts because it is answered in one of two ways. When one of its conditions has
 * an index that names few accounts, those are looked at and put in order. Otherwise all conditions are common, and the
 * accounts are walked in the order asked for until a page is full.
 */
@Component
final class PeopleStore {
    /** More candidates than this are walked in order instead of being sorted: about where the two cost the same. */
    private static final int FEW = 7_000;

    /** So many are looked at for a count where every one would have to be. */
    private static final int CHECKED = 2_000;

    /** Counting what an index counts stops here. */
    static final int COUNTED = 20_000;

    private final Database database;
    private final Kept<String, Long> totals = new Kept<>(total -> total > COUNTED);

    PeopleStore(Database database) {
        this.database = database;
    }

    /** A stretch in order, one row more than {@code limit} if there is one. */
    List<Person> list(PeopleQuery query, PeopleSort sort, Optional<PeoplePage.Cursor> from, int limit) {
        boolean backward = from.filter(PeoplePage.Cursor::backward).isPresent();
        Order order = order(sort, backward);
        // Which accounts first, and everything about them afterwards: what is sorted away is not looked at.
        String ids = "SELECT a.id " + query.from(narrowest(query, FEW))
                + from.map(cursor -> " AND " + order.after()).orElse("")
                + " ORDER BY " + order.by() + " LIMIT :limit";
        String sql = query.select() + PeopleQuery.exactly(ids) + " ORDER BY " + order.by();
        JdbcClient.StatementSpec statement = bind(sql, query.parameters()).param("limit", limit + 1);
        if (from.isPresent()) {
            statement = statement
                    .param(
                            "afterKey",
                            sort == PeopleSort.LAST_SIGN_IN
                                    ? millis(from.get().key())
                                    : from.get().key())
                    .param("afterId", from.get().id());
        }
        List<Person> people =
                new ArrayList<>(statement.query((row, _) -> person(row, query)).list());
        if (backward) {
            Collections.reverse(people);
        }
        return people;
    }

    Optional<Person> find(PeopleQuery query, AccountId id) {
        return bind(query.select() + query.from(Optional.empty()) + " AND a.id = :id", query.parameters())
                .param("id", id.value())
                .query((row, _) -> person(row, query))
                .optional();
    }

    /** How many there are; where no index names few candidates, of the first of them only. */
    PeopleCount count(PeopleQuery query) {
        if (!query.hasConditions()) {
            return new PeopleCount(total(query), true);
        }
        Optional<String> only = query.onlyCandidates();
        if (only.isPresent()) {
            return counted(only.get(), query);
        }
        Optional<String> few = narrowest(query, FEW);
        String from = few.isPresent()
                ? query.from(few)
                : query.from(query.candidates().stream()
                                .findFirst()
                                .map(candidates -> PeopleQuery.first(candidates, CHECKED)))
                        + " LIMIT " + CHECKED;
        long found = bind("SELECT count(*) FROM (SELECT 1 AS one " + from + ") found", query.parameters())
                .query(Long.class)
                .single();
        return new PeopleCount(found, few.isPresent());
    }

    /** Nearly always the first entries of the index suffice; only where one account has very many of them, all are read. */
    private PeopleCount counted(String candidates, PeopleQuery query) {
        if (!PeopleQuery.canRepeat(candidates)) {
            long found = size(candidates, COUNTED + 1L, query);
            return new PeopleCount(Math.min(found, COUNTED), found <= COUNTED);
        }
        long entries = size(candidates, 2L * COUNTED, query);
        long found =
                different(entries < 2L * COUNTED ? candidates : PeopleQuery.first(candidates, 2L * COUNTED), query);
        if (found <= COUNTED && entries == 2L * COUNTED) {
            found = different(candidates, query);
        }
        return new PeopleCount(Math.min(found, COUNTED), found <= COUNTED);
    }

    private long different(String ids, PeopleQuery query) {
        return bind("SELECT count(*) FROM (" + ids + ") ids", query.parameters())
                .query(Long.class)
                .single();
    }

    private long total(PeopleQuery query) {
        String environment =
                Objects.requireNonNull(query.parameters().get("environment")).toString();
        return totals.get(
                        environment,
                        query.now(),
                        () -> bind(
                                        "SELECT count(*) FROM account a WHERE a.environment_id = :environment",
                                        query.parameters())
                                .query(Long.class)
                                .single())
                .value();
    }

    /** Those the rules name, where they are few. */
    private Optional<String> fewCovered(PeopleQuery query) {
        return query.coveredCandidates().filter(candidates -> size(candidates, FEW + 1L, query) <= FEW);
    }

    /** Those the report can be about, where they are few: the ones without a phone among all, or the ones the rules name. */
    private Optional<String> fewOfReport(PeopleQuery query) {
        return narrowest(query, FEW).or(() -> fewCovered(query));
    }

    /** How many entries of indexes name the candidates, counted up to {@code limit}: at least as many as there are accounts. */
    private long size(String candidates, long limit, PeopleQuery query) {
        return bind(
                        "SELECT count(*) FROM (" + PeopleQuery.rows(candidates) + " LIMIT " + limit + ") few",
                        query.parameters())
                .query(Long.class)
                .single();
    }

    /** The next ids after {@code after}, in order of id: for work on everyone found. */
    List<AccountId> ids(PeopleQuery query, String after, int limit) {
        return bind(
                        "SELECT a.id " + query.from(narrowest(query, COUNTED)) + " AND a.id "
                                + database.dialect().bytewise() + " > :after ORDER BY a.id "
                                + database.dialect().bytewise() + " LIMIT :limit",
                        query.parameters())
                .param("after", after)
                .param("limit", limit)
                .query((row, _) -> new AccountId(row.getString("id")))
                .list();
    }

    /**
     * How many accounts of the environment have each status. Only the few that are disabled, locked or exempt, and those the
     * rules name, are looked at one by one; the others are counted from indexes.
     */
    Map<PersonStatus, Long> counts(PeopleQuery query) {
        Map<PersonStatus, Long> counts = new EnumMap<>(PersonStatus.class);
        Split special = new Split();
        bind(
                        "SELECT " + query.status() + " AS status, count(*) AS people, " + query.split() + " "
                                + query.from(Optional.of(query.special())) + " GROUP BY 1",
                        query.parameters())
                .query(row -> {
                    counts.put(PersonStatus.valueOf(row.getString("status")), row.getLong("people"));
                    special.add(row);
                });
        long enrolled = count("enrolled_at IS NOT NULL", query) - special.enrolled;
        long open = count("enrolled_at IS NULL", query) - special.open;
        Split named = named(query);
        long must = query.isEverybodyCovered() ? open : named.covered - special.covered;
        long grace = query.isEverybodyCoveredLater() ? open - must : named.later - special.later;
        put(counts, PersonStatus.ENROLLED, enrolled);
        put(counts, PersonStatus.MUST_ENROL, must);
        put(counts, PersonStatus.GRACE, grace);
        put(counts, PersonStatus.NOT_COVERED, open - must - grace);
        return counts;
    }

    private static void put(Map<PersonStatus, Long> counts, PersonStatus status, long people) {
        if (people > 0) {
            counts.merge(status, people, Long::sum);
        }
    }

    /** Of some accounts, those with a second factor, those without, and of these those covered now and later. */
    private static final class Split {
        private long enrolled;
        private long open;
        private long covered;
        private long later;

        void add(ResultSet row) throws SQLException {
            enrolled += row.getLong("with_factor");
            open += row.getLong("without_factor");
            covered += row.getLong("open_now");
            later += row.getLong("open_later");
        }
    }

    /** The accounts the rules name one by one or by group; nothing where they name none. */
    private Split named(PeopleQuery query) {
        Split split = new Split();
        query.named()
                .ifPresent(
                        ids -> bind("SELECT " + query.split() + " " + query.from(Optional.of(ids)), query.parameters())
                                .query((RowCallbackHandler) split::add));
        return split;
    }

    private long count(String condition, PeopleQuery query) {
        return bind(
                        "SELECT count(*) FROM account WHERE environment_id = :environment AND " + condition,
                        query.parameters())
                .query(Long.class)
                .single();
    }

    Readiness.Summary readiness(PeopleQuery query) {
        Map<Readiness.Verdict, Long> verdicts = new EnumMap<>(Readiness.Verdict.class);
        long[] others = new long[3];
        bind(
                        "SELECT " + query.verdict() + " AS verdict, count(*) AS people,"
                                + " count(*) - count(a.email_confirmed_at) AS unconfirmed,"
                                + " count(*) - count(a.last_sign_in_at) AS never,"
                                + " count(*) - count(a.companion_at) AS without_companion "
                                + query.fromWithPassword(query.coveredCandidates())
                                + " AND a.disabled_at IS NULL AND " + query.covered() + " GROUP BY 1",
                        query.parameters())
                .query(row -> {
                    verdicts.put(Readiness.Verdict.valueOf(row.getString("verdict")), row.getLong("people"));
                    others[0] += row.getLong("unconfirmed");
                    others[1] += row.getLong("never");
                    others[2] += row.getLong("without_companion");
                });
        return new Readiness.Summary(verdicts, others[0], others[1], others[2]);
    }

    List<Readiness.Line> readinessLines(
            PeopleQuery query, Optional<Readiness.Verdict> verdict, String after, int limit) {
        String key = "a.username_key " + database.dialect().bytewise();
        JdbcClient.StatementSpec statement = bind(
                        "SELECT a.id, a.username, a.display_name, a.email, a.enrolled_at, a.last_sign_in_at,"
                                + " a.companion_at, a.email_confirmed_at, x.until AS exempt_until, p.account_id AS password_of, "
                                + query.verdict() + " AS verdict " + query.fromWithPassword(fewOfReport(query))
                                + query.coveredAndEnabled()
                                + verdict.map(_ -> " AND " + query.verdict() + " = :verdict")
                                        .orElse("")
                                + " AND " + key + " > :after ORDER BY " + key + " LIMIT :limit",
                        query.parameters())
                .param("after", after)
                .param("limit", limit);
        return verdict.map(wanted -> statement.param("verdict", wanted.name()))
                .orElse(statement)
                .query((row, _) -> readinessLine(row, query))
                .list();
    }

    private static Readiness.Line readinessLine(ResultSet row, PeopleQuery query) throws SQLException {
        return new Readiness.Line(
                new AccountId(row.getString("id")),
                row.getString("username"),
                row.getString("display_name"),
                row.getString("email"),
                Readiness.Verdict.valueOf(row.getString("verdict")),
                Times.find(row, "enrolled_at").isPresent(),
                row.getString("password_of") != null,
                Times.find(row, "companion_at").isPresent(),
                Times.find(row, "email_confirmed_at").isPresent(),
                Times.find(row, "exempt_until").filter(until -> until.isAfter(query.now())),
                Times.find(row, "last_sign_in_at"));
    }

    People.Affected affected(PeopleQuery query) {
        if (!query.isEverybodyCovered()) {
            return affectedOf(query, query.coveredCandidates());
        }
        People.Affected left = bind(
                        "SELECT count(*) AS covered, count(a.enrolled_at) AS enrolled "
                                + query.from(Optional.of(query.disabledOrExempt())),
                        query.parameters())
                .query((row, _) -> new People.Affected(row.getLong("covered"), row.getLong("enrolled")))
                .single();
        long enrolled = count("enrolled_at IS NOT NULL", query);
        return new People.Affected(
                enrolled + count("enrolled_at IS NULL", query) - left.covered(), enrolled - left.enrolled());
    }

    private People.Affected affectedOf(PeopleQuery query, Optional<String> candidates) {
        return bind(
                        "SELECT count(*) AS covered, count(a.enrolled_at) AS enrolled " + query.from(candidates)
                                + " AND a.disabled_at IS NULL AND (x.until IS NULL OR x.until <= :now) AND "
                                + query.covered(),
                        query.parameters())
                .query((row, _) -> new People.Affected(row.getLong("covered"), row.getLong("enrolled")))
                .single();
    }

    /** Of the conditions that have an index, the one that names fewest accounts, if it names few. */
    private Optional<String> narrowest(PeopleQuery query, int few) {
        Optional<String> best = Optional.empty();
        long fewest = few + 1L;
        for (String candidates : query.candidates()) {
            long found = size(candidates, fewest, query);
            if (found < fewest) {
                best = Optional.of(candidates);
                fewest = Math.max(1, found);
            }
        }
        return best;
    }

    private JdbcClient.StatementSpec bind(String sql, Map<String, Object> parameters) {
        return database.sql().sql(sql).params(parameters);
    }

    /**
     * An order, and what continues it.
     *
     * @param by for ORDER BY
     * @param after the rows beyond {@code :afterKey}, {@code :afterId}
     */
    private record Order(String by, String after) {}

    private Order order(PeopleSort sort, boolean backward) {
        String bytewise = " " + database.dialect().bytewise();
        boolean descending = backward != (sort == PeopleSort.LAST_SIGN_IN);
        String direction = descending ? " DESC" : "";
        String beyond = descending ? " < " : " > ";
        return switch (sort) {
            case USERNAME ->
                new Order(
                        "a.username_key" + bytewise + direction,
                        "a.username_key" + bytewise + beyond + ":afterKey AND :afterId = :afterId");
            case NAME -> order("a.name_key" + bytewise, direction, beyond, bytewise);
            case LAST_SIGN_IN -> order("coalesce(a.last_sign_in_at, 0)", direction, beyond, bytewise);
        };
    }

    private static Order order(String key, String direction, String beyond, String bytewise) {
        return new Order(
                key + direction + ", a.id" + bytewise + direction,
                "(" + key + ", a.id" + bytewise + ")" + beyond + "(:afterKey, :afterId)");
    }

    private static long millis(String key) {
        return key.matches("\\d{1,18}") ? Long.parseLong(key) : 0;
    }

    private static Person person(ResultSet row, PeopleQuery query) throws SQLException {
        PersonStatus status = PersonStatus.valueOf(row.getString("status"));
        return new Person(
                new AccountId(row.getString("id")),
                row.getString("username"),
                row.getString("display_name"),
                row.getString("email"),
                Role.valueOf(row.getString("role")),
                AccountSource.valueOf(row.getString("source")),
                status,
                Times.find(row, "enrolled_at"),
                Times.find(row, "exempt_until").filter(until -> until.isAfter(query.now())),
                status == PersonStatus.GRACE ? query.graceUntil() : Optional.empty(),
                Times.find(row, "companion_at"),
                Times.find(row, "last_sign_in_at"),
                Times.get(row, "created_at"));
    }

    /** The keys a page is continued by: what the list is ordered by, of one account. */
    Optional<String> key(EnvironmentId environment, AccountId id, PeopleSort sort) {
        String column = switch (sort) {
            case USERNAME -> "username_key";
            case NAME -> "name_key";
            case LAST_SIGN_IN -> "coalesce(last_sign_in_at, 0)";
        };
        return database.sql()
                .sql("SELECT " + column + " FROM account WHERE environment_id = ? AND id = ?")
                .params(environment.value(), id.value())
                .query(String.class)
                .optional();
    }
}
