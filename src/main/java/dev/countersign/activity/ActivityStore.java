package dev.countersign.activity;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.stereotype.Component;

/** All SQL of the activity log. Rows are added and read, never changed. */
@Component
final class ActivityStore {
    private static final String COLUMNS =
            "sequence, at, kind, account_id, actor_name, door, address, browser, request_id, details";

    private static final String INSERT = """
            INSERT INTO activity (environment_id, at, kind, account_id, actor_id, actor_name,
                                  door, address, browser, request_id, details)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";

    private final Database database;

    ActivityStore(Database database) {
        this.database = database;
    }

    /** Adds many entries at once; otherwise as {@link #insert}. */
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

    void insert(
            EnvironmentId environment,
            Optional<AccountId> about,
            Actor actor,
            Origin origin,
            String kind,
            String details,
            Instant now) {
        database.sql()
                .sql(INSERT)
                .param(1, environment.value())
                .param(2, Times.toMillis(now))
                .param(3, kind)
                .param(4, about.map(AccountId::value).orElse(null), Types.VARCHAR)
                .param(5, actor.account().map(AccountId::value).orElse(null), Types.VARCHAR)
                .param(6, actor.name())
                .param(7, origin.door())
                .param(8, origin.address())
                .param(9, origin.browser())
                .param(10, origin.requestId())
                .param(11, details)
                .update();
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
                row.getString("details"));
    }
}
