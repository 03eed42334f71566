package dev.countersign.people;

import dev.countersign.directory.SearchWords;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import dev.countersign.throttle.Limit;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A search in the words of the database: conditions, the indexes that can answer them, and their parameters. */
final class PeopleQuery {
    /** After every text that begins with what stands before it: no text contains this code point. */
    private static final String LAST = new String(Character.toChars(0x10FFFF));

    private static final String COLUMNS =
            "a.id, a.username, a.display_name, a.email, a.role, a.source, a.enrolled_at, a.last_sign_in_at, a.created_at,"
                    + " a.companion_at,"
                    + " x.until AS exempt_until";

    private static final String DISTINCT = "SELECT DISTINCT ";
    private static final String HAS_ROLE =
            "SELECT id FROM account WHERE environment_id = :environment AND role = :role";

    /** A budget of second-factor guesses that lets no answer through now. */
    private static final String LOCKED = "(b.next_at > :now OR b.in_a_row >= b.most_in_a_row"
            + " OR (b.in_day >= :aDay AND b.day_started_at > :aDayAgo))";

    private static final String EACH_BY_ITSELF = " LIMIT 1 OFFSET 0";

    private static final String IS_LOCKED = exists("guess_budget b", "b.bucket = 'second:' || a.id AND " + LOCKED);

    private static final String EXEMPTIONS =
            " LEFT JOIN policy_exemption x ON x.environment_id = a.environment_id AND x.account_id = a.id";

    private final Coverage coverage;
    private final Instant now;
    private final List<String> conditions = new ArrayList<>();
    private final List<String> candidates = new ArrayList<>();
    /** Candidates that are exactly the accounts a condition holds for, and that condition. */
    private final Map<String, String> exact = new HashMap<>();

    private final Map<String, Object> parameters = new HashMap<>();
    private final String covered;
    private final String coveredLater;

    /**
     * @param groups the filter's group with all that stand in it
     * @param roleGroups the groups that give the filter's role, with all that stand in them
     */
    PeopleQuery(
            EnvironmentId environment,
            PeopleFilter filter,
            Coverage coverage,
            Set<GroupId> groups,
            Set<GroupId> roleGroups,
            Instant now) {
        this.coverage = coverage;
        this.now = now;
        parameters.put("environment", environment.value());
        parameters.put("now", Times.toMillis(now));
        parameters.put("aDayAgo", Times.toMillis(now.minus(Limit.SECOND_FACTOR.window())));
        parameters.put("aDay", Limit.SECOND_FACTOR.inWindow());
        covered = covered(coverage.now(), "now");
        coveredLater =
                coverage.later().map(later -> covered(later.covered(), "later")).orElse("(1 = 0)");
        words(filter);
        filter.group().ifPresent(_ -> group(groups));
        filter.role().ifPresent(role -> {
            parameters.put("role", role.name());
            parameters.put("roleGroups", Database.in(roleGroups, GroupId::value));
            exactly(
                    "(a.role = :role OR "
                            + exists("group_member g", "g.account_id = a.id AND g.group_id IN (:roleGroups)") + ")",
                    roleGroups.isEmpty()
                            ? HAS_ROLE
                            : either(
                                    HAS_ROLE,
                                    "SELECT account_id AS id FROM group_member WHERE group_id IN (:roleGroups)"));
        });
        filter.source().ifPresent(source -> {
            parameters.put("source", source.name());
            exactly(
                    "a.source = :source",
                    "SELECT id FROM account WHERE environment_id = :environment AND source = :source");
        });
        filter.companion().ifPresent(this::companion);
        filter.status().ifPresent(this::status);
    }

    private void words(PeopleFilter filter) {
        if (!filter.canMatch()) {
            conditions.add("1 = 0");
            candidates.add("SELECT id FROM account WHERE 1 = 0");
            return;
        }
        List<String> typed = SearchWords.typed(filter.text());
        for (int i = 0; i < typed.size(); i++) {
            parameters.put("word" + i, typed.get(i));
            parameters.put("end" + i, typed.get(i) + LAST);
            String range = "word >= :word" + i + " AND word < :end" + i;
            exactly(
                    exists("account_word w", "w.account_id = a.id AND w." + range.replace("AND word", "AND w.word")),
                    "SELECT DISTINCT account_id AS id FROM account_word WHERE environment_id = :environment AND "
                            + range);
        }
    }

    private void group(Set<GroupId> groups) {
        parameters.put("groups", Database.in(groups, GroupId::value));
        exactly(
                exists("group_member g", "g.account_id = a.id AND g.group_id IN (:groups)"),
                (groups.size() == 1 ? "SELECT " : DISTINCT)
                        + "account_id AS id FROM group_member WHERE group_id IN (:groups)");
    }

    private void companion(Companion wanted) {
        String has = switch (wanted) {
            case PAIRED -> "companion_at IS NOT NULL";
            case NONE -> "companion_at IS NULL";
        };
        exactly("a." + has, "SELECT id FROM account WHERE environment_id = :environment AND " + has);
    }

    /**
     * Whether there is such a row, looked up for each account by itself. With the last words PostgreSQL neither joins nor reads
     * all such rows beforehand, which it would do for the first fifty of a million accounts as well.
     */
    private static String exists(String table, String condition) {
        return "EXISTS (SELECT 1 FROM " + table + " WHERE " + condition + EACH_BY_ITSELF + ")";
    }

    /** A condition for counting everybody: there reading all such rows beforehand is the faster way. */
    private static String ofAll(String condition) {
        return condition.replace(EACH_BY_ITSELF, "");
    }

    private void exactly(String condition, String accounts) {
        conditions.add(condition);
        candidates.add(accounts);
        exact.put(accounts, condition);
    }

    /**
     * The ids of all parts, each once. Not written as UNION, for which SQLite reads each part in order of id: a few
     * administrators by walking through all accounts.
     */
    private static String either(String... parts) {
        return "SELECT DISTINCT id FROM (" + String.join(" UNION ALL ", parts) + ") parts";
    }

    private void status(PersonStatus wanted) {
        parameters.put("status", wanted.name());
        if (wanted == PersonStatus.LOCKED || wanted == PersonStatus.EXEMPT) {
            conditions.add(status() + " = :status");
        } else if (wanted != PersonStatus.DISABLED) {
            conditions.add(UNTOUCHED);
        }
        switch (wanted) {
            case DISABLED -> {
                conditions.add("a.disabled_at IS NOT NULL");
                candidates.add(
                        "SELECT id FROM account WHERE environment_id = :environment AND disabled_at IS NOT NULL");
            }
            case LOCKED ->
                candidates.add(
                        "SELECT substr(b.bucket, 8) AS id FROM guess_budget b WHERE b.environment_id = :environment"
                                + " AND substr(b.bucket, 1, 7) = 'second:' AND " + LOCKED);
            case EXEMPT ->
                candidates.add("SELECT account_id AS id FROM policy_exemption WHERE environment_id = :environment"
                        + " AND until > :now");
            case ENROLLED -> {
                conditions.add("a.enrolled_at IS NOT NULL");
                candidates.add(
                        "SELECT id FROM account WHERE environment_id = :environment AND enrolled_at IS NOT NULL");
            }
            case MUST_ENROL -> notEnrolled(Optional.of(coverage.now()), "now");
            case GRACE -> notEnrolled(coverage.later().map(Coverage.Later::covered), "later");
            case NOT_COVERED -> notEnrolled(Optional.empty(), "");
        }
    }

    /** The ids of covered accounts, where the rules name them. */
    Optional<String> coveredCandidates() {
        return coverage.now() instanceof Coverage.Covered.Some ? Optional.of(named("now")) : Optional.empty();
    }

    boolean isEverybodyCovered() {
        return coverage.now() instanceof Coverage.Covered.Everybody;
    }

    boolean isEverybodyCoveredLater() {
        return coverage.later().map(Coverage.Later::covered).orElse(new Coverage.Covered.Nobody())
                instanceof Coverage.Covered.Everybody;
    }

    /** The ids of accounts whose status is not a matter of second factor and rules: disabled, locked or exempt ones. */
    String special() {
        return either(
                disabledOrExempt(),
                "SELECT substr(b.bucket, 8) AS id FROM guess_budget b"
                        + " WHERE b.environment_id = :environment AND substr(b.bucket, 1, 7) = 'second:' AND "
                        + LOCKED);
    }

    String disabledOrExempt() {
        return either(
                "SELECT id FROM account WHERE environment_id = :environment AND disabled_at IS NOT NULL",
                "SELECT account_id AS id FROM policy_exemption WHERE environment_id = :environment AND until > :now");
    }

    /** The ids of accounts that rules name, now or later, where rules name any. */
    Optional<String> named() {
        List<String> parts = new ArrayList<>();
        if (coverage.now() instanceof Coverage.Covered.Some) {
            parts.add(named("now"));
        }
        if (coverage.later().map(Coverage.Later::covered).orElse(new Coverage.Covered.Nobody())
                instanceof Coverage.Covered.Some) {
            parts.add(named("later"));
        }
        return parts.isEmpty() ? Optional.empty() : Optional.of(either(parts.toArray(String[]::new)));
    }

    /** With and without a second factor; of the latter, those covered now, and those covered only later. */
    String split() {
        return "count(a.enrolled_at) AS with_factor, count(*) - count(a.enrolled_at) AS without_factor,"
                + " count(CASE WHEN a.enrolled_at IS NULL AND " + covered() + " THEN 1 END) AS open_now,"
                + " count(CASE WHEN a.enrolled_at IS NULL AND NOT " + covered() + " AND " + ofAll(coveredLater)
                + " THEN 1 END) AS open_later";
    }

    /** Holds for covered accounts, in a count of all. */
    String covered() {
        return ofAll(covered);
    }

    private static String named(String prefix) {
        return either(
                "SELECT account_id AS id FROM group_member WHERE group_id IN (:" + prefix + "Groups)",
                "SELECT id FROM account WHERE id IN (:" + prefix + "People)");
    }

    private void notEnrolled(Optional<Coverage.Covered> within, String prefix) {
        conditions.add("a.enrolled_at IS NULL");
        conditions.add(
                switch (prefix) {
                    case "now" -> covered;
                    case "later" -> "NOT " + covered + " AND " + coveredLater;
                    default -> "NOT " + covered + " AND NOT " + coveredLater;
                });
        boolean nobody = prefix.isEmpty()
                ? coverage.now() instanceof Coverage.Covered.Everybody
                : within.isEmpty() || within.get() instanceof Coverage.Covered.Nobody;
        if (nobody) {
            candidates.add("SELECT id FROM account WHERE 1 = 0");
            return;
        }
        candidates.add("SELECT id FROM account WHERE environment_id = :environment AND enrolled_at IS NULL");
        if (within.isPresent() && within.get() instanceof Coverage.Covered.Some) {
            candidates.add(named(prefix));
        }
    }

    /** A condition that holds for covered accounts, whose parameters begin with {@code prefix}. */
    private String covered(Coverage.Covered whom, String prefix) {
        return switch (whom) {
            case Coverage.Covered.Nobody() -> "(1 = 0)";
            case Coverage.Covered.Everybody() -> "(1 = 1)";
            case Coverage.Covered.Some(Set<GroupId> groups, Set<AccountId> people) -> {
                parameters.put(prefix + "Groups", Database.in(groups, GroupId::value));
                parameters.put(prefix + "People", Database.in(people, AccountId::value));
                yield "(a.id IN (:" + prefix + "People) OR "
                        + exists("group_member c", "c.account_id = a.id AND c.group_id IN (:" + prefix + "Groups)")
                        + ")";
            }
        };
    }

    /**
     * Neither disabled nor locked nor exempt: what {@link #status} asks first. In words of its own, because PostgreSQL takes a
     * CASE for something that holds for hardly anybody, and sorts all accounts instead of walking them in order.
     */
    private static final String UNTOUCHED = "a.disabled_at IS NULL"
            + " AND NOT " + IS_LOCKED + " AND NOT "
            + exists(
                    "policy_exemption e",
                    "e.environment_id = a.environment_id AND e.account_id = a.id AND e.until > :now");

    /** The status as an expression: the first that applies. */
    String status() {
        return "CASE WHEN a.disabled_at IS NOT NULL THEN 'DISABLED'"
                + " WHEN " + IS_LOCKED
                + " THEN 'LOCKED'"
                + " WHEN x.until > :now THEN 'EXEMPT'"
                + " WHEN a.enrolled_at IS NOT NULL THEN 'ENROLLED'"
                + " WHEN " + covered + " THEN 'MUST_ENROL'"
                + " WHEN " + coveredLater + " THEN 'GRACE'"
                + " ELSE 'NOT_COVERED' END";
    }

    /** What would happen to a covered account at its next sign-in, as an expression. */
    String verdict() {
        return "CASE WHEN x.until > :now THEN 'FINE'"
                + " WHEN p.account_id IS NULL THEN 'LOCKED_OUT'"
                + " WHEN " + IS_LOCKED
                + " THEN 'LOCKED_OUT'"
                + " WHEN a.enrolled_at IS NOT NULL THEN 'FINE'"
                + " ELSE 'ASKED_TO_ENROL' END";
    }

    /** Continues a condition: of those, the accounts the rules cover that are not disabled. */
    String coveredAndEnabled() {
        return " AND a.disabled_at IS NULL AND " + covered;
    }

    String select() {
        return "SELECT " + COLUMNS + ", " + status() + " AS status ";
    }

    /** All accounts the conditions hold for; where candidates are given, only these are looked at. */
    String from(Optional<String> few) {
        return from(few, "");
    }

    /** The same with a column of passwords, {@code p.account_id}, which is empty where there is none. */
    String fromWithPassword(Optional<String> few) {
        return from(few, " LEFT JOIN password p ON p.account_id = a.id");
    }

    private String from(Optional<String> few, String joined) {
        StringBuilder from = new StringBuilder(few.map(this::fewOf).orElse("FROM account a" + EXEMPTIONS))
                .append(joined)
                .append(" WHERE a.environment_id = :environment");
        few.ifPresent(_ -> from.append(" AND a.id = few.id"));
        String held = few.map(exact::get).orElse("");
        conditions.stream()
                .filter(condition -> !condition.equals(held))
                .forEach(condition -> from.append(" AND ").append(condition));
        return from.toString();
    }

    /** Exactly the accounts of these different ids, in no order and without conditions. */
    static String exactly(String ids) {
        return firstOf(ids) + " WHERE a.id = few.id";
    }

    /**
     * Candidates first and then their accounts: SQLite keeps the order of a CROSS JOIN. Left to itself, and without statistics,
     * it walks all accounts in the order asked for and looks for each whether it is a candidate.
     */
    private static String firstOf(String ids) {
        return "FROM (" + ids + ") few CROSS JOIN account a" + EXEMPTIONS;
    }

    /** The same of the candidates of a condition: PostgreSQL would take the two for one table, but leaves what has a limit. */
    private String fewOf(String ids) {
        return firstOf(
                candidates.contains(ids)
                        ? "SELECT id FROM (" + ids + ") ids LIMIT " + Long.MAX_VALUE + " OFFSET 0"
                        : ids);
    }

    /** The same ids, some perhaps several times: told apart only once they are all read, the first of many would take as long. */
    static String repeated(String candidates) {
        return candidates.startsWith(DISTINCT) ? "SELECT " + candidates.substring(DISTINCT.length()) : candidates;
    }

    /** Whether an id can be among them twice. */
    static boolean canRepeat(String candidates) {
        return candidates.startsWith(DISTINCT);
    }

    /** A row for each, for counting: without the id, which not every index holds. */
    static String rows(String candidates) {
        return repeated(candidates).replaceFirst("^SELECT id FROM account WHERE", "SELECT 1 AS one FROM account WHERE");
    }

    /** Different ids among the first so many. */
    static String first(String candidates, long many) {
        return (canRepeat(candidates) ? DISTINCT : "SELECT ") + "id FROM (" + repeated(candidates) + " LIMIT " + many
                + ") entries";
    }

    /** The candidates of the only condition, where these are exactly the accounts it holds for. */
    Optional<String> onlyCandidates() {
        return conditions.size() == 1
                        && candidates.size() == 1
                        && !parameters.containsKey("status")
                        && !parameters.containsKey("role")
                ? Optional.of(candidates.getFirst())
                : Optional.empty();
    }

    boolean hasConditions() {
        return !conditions.isEmpty();
    }

    /** For each condition that an index can answer, the ids it names. */
    List<String> candidates() {
        return List.copyOf(candidates);
    }

    Map<String, Object> parameters() {
        return Map.copyOf(parameters);
    }

    Instant now() {
        return now;
    }

    Optional<Instant> graceUntil() {
        return coverage.later().map(Coverage.Later::startsAt);
    }
}
