package dev.countersign.activity;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** All SQL of the activity log but that of {@link SealStore}. Rows are added and read; only the counts of refusals change. */
@Component
final class ActivityStore {
    private static final String COLUMNS =
            "sequence, at, kind, account_id, actor_name, door, address, browser, request_id, details,"
                    + " repeats, last_at";
    private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(10);

    private static final String INSERT = """
            INSERT INTO activity (environment_id, at, kind, account_id, actor_id, actor_name,
                                  door, address, browser, request_id, details)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";

    private final Database database;

    ActivityStore(Database database) {
        this.database = database;
    }

    /** Adds many entries at once; none is counted with another. */
    void insertAll(
            EnvironmentId environment,
            List<ActivityLog.Entry> entries,
            Function<ActivityEvent, String> details,
            Actor actor,
            Origin origin,
            Instant now) {
        database.batch(
                INSERT,
                entries.stream()
                        .map(entry -> new Object[] {
                            environment.value(),
                            Times.toMillis(now),
                            entry.event().kind(),
                            entry.about().map(AccountId::value).orElse(null),
                            actor.account().map(AccountId::value).orElse(null),
                            actor.name(),
                            origin.door(),
                            origin.address(),
                            origin.browser(),
                            origin.requestId(),
                            details.apply(entry.event())
                        })
                        .toList());
    }

    /** An entry as it is added. */
    record Row(
            EnvironmentId environment,
            Optional<AccountId> about,
            Actor actor,
            Origin origin,
            String kind,
            String details,
            Instant at) {
        /** The same for several accounts and addresses at once. */
        Row ofMany() {
            Origin many = new Origin(origin.door(), "", "", "");
            return new Row(environment, Optional.empty(), Actor.ANONYMOUS, many, kind, details, at);
        }
    }

    void insert(Row row) {
        add(row, Optional.empty()).update();
    }

    /** Adds the entry, or counts it with the one of this key; whether it is the first. */
    boolean count(Row row, String key) {
        return add(row, Optional.of(key)).query(Long.class).single() == 1;
    }

    private JdbcClient.StatementSpec add(Row row, Optional<String> key) {
        String together = key.isEmpty() ? "" : """
                         ON CONFLICT (repeat_key) WHERE repeat_key IS NOT NULL
                        DO UPDATE SET repeats = activity.repeats + 1, last_at = excluded.at RETURNING repeats""";
        return database.sql()
                .sql("""
                        INSERT INTO activity (environment_id, at, kind, account_id, actor_id, actor_name,
                                              door, address, browser, request_id, details, repeat_key)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""" + together)
                .param(1, row.environment().value())
                .param(2, Times.toMillis(row.at()))
                .param(3, row.kind())
                .param(4, row.about().map(AccountId::value).orElse(null), Types.VARCHAR)
                .param(5, row.actor().account().map(AccountId::value).orElse(null), Types.VARCHAR)
                .param(6, row.actor().name())
                .param(7, row.origin().door())
                .param(8, row.origin().address())
                .param(9, row.origin().browser())
                .param(10, row.origin().requestId())
                .param(11, row.details())
                .param(12, key.orElse(null), Types.VARCHAR);
    }

    /** Entries before this sequence, newest first. */
    List<ActivityEntry> before(EnvironmentId environment, ActivityFilter filter, long sequence, int limit) {
        return page(environment, filter, "sequence < ?", sequence, "DESC", limit);
    }

    /** Entries after this sequence, oldest first. */
    List<ActivityEntry> after(EnvironmentId environment, ActivityFilter filter, long sequence, int limit) {
        return page(environment, filter, "sequence > ?", sequence, "ASC", limit);
    }

    private List<ActivityEntry> page(
            EnvironmentId environment,
            ActivityFilter filter,
            String beyond,
            long sequence,
            String direction,
            int limit) {
        List<Object> values = new ArrayList<>(List.of(environment.value(), sequence));
        StringBuilder where = new StringBuilder("environment_id = ? AND " + beyond);
        filter.account().ifPresent(account -> and(where, values, "account_id = ?", account.value()));
        filter.actor().ifPresent(actor -> and(where, values, "actor_name = ?", actor));
        filter.kind().ifPresent(kind -> and(where, values, "kind = ?", kind));
        filter.address().ifPresent(address -> and(where, values, "address = ?", address));
        filter.from().ifPresent(from -> {
            and(where, values, "+at >= ?", Times.toMillis(from));
            and(where, values, "sequence >= ?", placeBefore(environment, from));
        });
        filter.to().ifPresent(to -> {
            and(where, values, "+at < ?", Times.toMillis(to));
            and(where, values, "sequence <= ?", placeAfter(environment, to));
        });
        values.add(limit);
        return database.sql()
                .sql("SELECT " + COLUMNS + " FROM activity WHERE " + where + " ORDER BY sequence " + direction
                        + " LIMIT ?")
                .params(values)
                .query((row, _) -> entry(row))
                .list();
    }

    private static void and(StringBuilder where, List<Object> values, String condition, Object value) {
        where.append(" AND ").append(condition);
        values.add(value);
    }

    /**
     * A place in the log before which everything is older. Entries are in the order of time but for the difference between the
     * clocks of nodes, so a time is turned into a place, and no page has to look at the whole.
     */
    private long placeBefore(EnvironmentId environment, Instant from) {
        return database.sql()
                .sql("SELECT sequence FROM activity WHERE environment_id = ? AND at <= ? ORDER BY at DESC LIMIT 1")
                .params(environment.value(), Times.toMillis(from.minus(CLOCKS_DIFFER)))
                .query(Long.class)
                .optional()
                .orElse(0L);
    }

    /** A place in the log after which everything is younger. */
    private long placeAfter(EnvironmentId environment, Instant to) {
        return database.sql()
                .sql("SELECT sequence FROM activity WHERE environment_id = ? AND at >= ? ORDER BY at LIMIT 1")
                .params(environment.value(), Times.toMillis(to.plus(CLOCKS_DIFFER)))
                .query(Long.class)
                .optional()
                .orElse(Long.MAX_VALUE);
    }

    long newestSequence(EnvironmentId environment) {
        return database.sql()
                .sql("SELECT coalesce(max(sequence), 0) FROM activity WHERE environment_id = ?")
                .param(environment.value())
                .query(Long.class)
                .single();
    }

    Optional<Integer> keepDays(EnvironmentId environment) {
        return database.sql()
                .sql("SELECT keep_days FROM activity_settings WHERE environment_id = ?")
                .param(environment.value())
                .query(Integer.class)
                .optional();
    }

    void saveKeepDays(EnvironmentId environment, int days) {
        database.sql().sql("""
                        INSERT INTO activity_settings (environment_id, keep_days) VALUES (?, ?)
                        ON CONFLICT (environment_id) DO UPDATE SET keep_days = excluded.keep_days""").params(environment.value(), days).update();
    }

    /** All environments. */
    List<EnvironmentId> environments() {
        return database.sql()
                .sql("SELECT id FROM environment ORDER BY id")
                .query((row, _) -> new EnvironmentId(row.getString("id")))
                .list();
    }

    List<ActivityEntry> newestOf(AccountId account, int limit) {
        return database.sql()
                .sql("SELECT " + COLUMNS + " FROM activity WHERE account_id = ? ORDER BY sequence DESC LIMIT ?")
                .params(account.value(), limit)
                .query((row, _) -> entry(row))
                .list();
    }

    List<ActivityEntry> newest(EnvironmentId environment, int limit) {
        return database.sql()
                .sql("SELECT " + COLUMNS + " FROM activity WHERE environment_id = ? ORDER BY sequence DESC LIMIT ?")
                .params(environment.value(), limit)
                .query((row, _) -> entry(row))
                .list();
    }

    private static ActivityEntry entry(ResultSet row) throws SQLException {
        return new ActivityEntry(
                row.getLong("sequence"),
                Times.get(row, "at"),
                row.getString("kind"),
                Optional.ofNullable(row.getString("account_id")).map(AccountId::new),
                row.getString("actor_name"),
                new Origin(
                        row.getString("door"),
                        row.getString("address"),
                        row.getString("browser"),
                        row.getString("request_id")),
                row.getLong("repeats"),
                Times.find(row, "last_at").orElse(Times.get(row, "at")),
                row.getString("details"));
    }
}
