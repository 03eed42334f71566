package dev.countersign.administration;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Permission;
import dev.countersign.kernel.Rights;
import dev.countersign.kernel.Role;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** All SQL of work on many people. */
@Component
final class BulkJobStore {
    private static final int ROWS_AT_ONCE = 500;
    private static final String DONE = "done";
    private static final String SELECT = """
            SELECT id, environment_id, action, details, account_id, actor_name, rights, door, address, created_at,
                   started_at, cancelled_at, finished_at, total, done, refused FROM bulk_job
            """;

    private final Database database;
    private final JsonMapper json = JsonMapper.builder().build();

    BulkJobStore(Database database) {
        this.database = database;
    }

    /** A run nobody is chosen for yet. */
    void insert(String id, Administrator by, BulkAction.Kind kind, Instant now) {
        database.sql()
                .sql("""
                        INSERT INTO bulk_job (id, environment_id, action, details, account_id, actor_name, rights, door,
                                              address, created_at, leased_until, total)
                        VALUES (?, ?, ?, '', ?, ?, ?, ?, ?, ?, 0, -1)""")
                .param(1, id)
                .param(2, by.environment().value())
                .param(3, kind.name())
                .param(4, by.account().map(AccountId::value).orElse(null), Types.VARCHAR)
                .param(5, by.actor().name())
                .param(6, text(by.rights()))
                .param(7, by.origin().door())
                .param(8, by.origin().address())
                .param(9, Times.toMillis(now))
                .update();
    }

    void insertItems(String id, List<AccountId> people) {
        for (int from = 0; from < people.size(); from += ROWS_AT_ONCE) {
            List<AccountId> some = people.subList(from, Math.min(people.size(), from + ROWS_AT_ONCE));
            List<Object> values = new ArrayList<>();
            some.forEach(person -> {
                values.add(id);
                values.add(person.value());
            });
            String rows = Stream.generate(() -> "(?, ?)").limit(some.size()).collect(Collectors.joining(", "));
            database.sql()
                    .sql("INSERT INTO bulk_job_item (job_id, account_id) VALUES " + rows + " ON CONFLICT DO NOTHING")
                    .params(values)
                    .update();
        }
    }

    void updateTotal(String id, long total) {
        database.sql()
                .sql("UPDATE bulk_job SET total = ? WHERE id = ?")
                .params(total, id)
                .update();
    }

    /** False when it has been started before. */
    boolean start(String id, BulkAction action, Administrator by, Instant now) {
        return database.sql()
                        .sql("""
                        UPDATE bulk_job SET details = ?, started_at = ?, account_id = ?, actor_name = ?, rights = ?,
                                            door = ?, address = ?
                        WHERE id = ? AND started_at IS NULL AND total >= 0""")
                        .param(1, json.writeValueAsString(action))
                        .param(2, Times.toMillis(now))
                        .param(3, by.account().map(AccountId::value).orElse(null), Types.VARCHAR)
                        .param(4, by.actor().name())
                        .param(5, text(by.rights()))
                        .param(6, by.origin().door())
                        .param(7, by.origin().address())
                        .param(8, id)
                        .update()
                == 1;
    }

    /** Takes the work until {@code until}; false when another has it. */
    boolean claim(String id, Instant until, Instant now) {
        return database.sql()
                        .sql("""
                        UPDATE bulk_job SET leased_until = ?
                        WHERE id = ? AND finished_at IS NULL AND started_at IS NOT NULL AND leased_until <= ?""")
                        .params(Times.toMillis(until), id, Times.toMillis(now))
                        .update()
                == 1;
    }

    /** Keeps the work until {@code next}, with what was done; false when another has taken it. */
    boolean advance(String id, Instant lease, Instant next, long done, long refused) {
        return database.sql()
                        .sql("""
                        UPDATE bulk_job SET leased_until = ?, done = done + ?, refused = refused + ?
                        WHERE id = ? AND leased_until = ? AND finished_at IS NULL""")
                        .params(Times.toMillis(next), done, refused, id, Times.toMillis(lease))
                        .update()
                == 1;
    }

    void release(String id, Instant lease) {
        database.sql()
                .sql("UPDATE bulk_job SET leased_until = 0 WHERE id = ? AND leased_until = ?")
                .params(id, Times.toMillis(lease))
                .update();
    }

    /** Started work that nobody does. */
    List<String> waiting(Instant now) {
        return database.sql()
                .sql("""
                        SELECT id FROM bulk_job WHERE finished_at IS NULL AND started_at IS NOT NULL
                        AND leased_until <= ? ORDER BY started_at""")
                .param(Times.toMillis(now))
                .query((row, _) -> row.getString("id"))
                .list();
    }

    List<AccountId> next(String id, int limit) {
        return database.sql()
                .sql("SELECT account_id FROM bulk_job_item WHERE job_id = ? AND result IS NULL LIMIT ?")
                .params(id, limit)
                .query((row, _) -> new AccountId(row.getString("account_id")))
                .list();
    }

    void note(String id, AccountId account, Optional<Refusal> refusal) {
        database.sql()
                .sql("UPDATE bulk_job_item SET result = ? WHERE job_id = ? AND account_id = ?")
                .params(refusal.map(Refusal::name).orElse(DONE), id, account.value())
                .update();
    }

    boolean finish(String id, Instant now) {
        return database.sql()
                        .sql("UPDATE bulk_job SET finished_at = ? WHERE id = ? AND finished_at IS NULL")
                        .params(Times.toMillis(now), id)
                        .update()
                == 1;
    }

    boolean cancel(String id, Instant now) {
        return database.sql().sql("""
                        UPDATE bulk_job SET cancelled_at = ?
                        WHERE id = ? AND finished_at IS NULL AND cancelled_at IS NULL AND started_at IS NOT NULL""").params(Times.toMillis(now), id).update() == 1;
    }

    Optional<BulkRun> find(String id) {
        return database.sql()
                .sql(SELECT + "WHERE id = ? AND total >= 0")
                .param(id)
                .query((row, _) -> run(row))
                .optional();
    }

    /** The newest runs that were started, of more than one person, newest first. */
    List<BulkRun> newest(EnvironmentId environment, int limit) {
        return database.sql()
                .sql(SELECT + """
                        WHERE environment_id = ? AND started_at IS NOT NULL AND (total > 1 OR finished_at IS NULL)
                        ORDER BY created_at DESC, id LIMIT ?""")
                .params(environment.value(), limit)
                .query((row, _) -> run(row))
                .list();
    }

    /** The people of a run in order of id: all, or those it was refused for. */
    List<BulkRun.Item> items(String id, boolean refusedOnly, String after, int limit) {
        return database.sql()
                .sql("""
                        SELECT i.account_id, i.result, a.username, a.display_name
                        FROM bulk_job_item i LEFT JOIN account a ON a.id = i.account_id
                        WHERE i.job_id = ? AND i.account_id > ?"""
                        + (refusedOnly ? " AND i.result IS NOT NULL AND i.result <> 'done'" : "")
                        + " ORDER BY i.account_id LIMIT ?")
                .params(id, after, limit)
                .query((row, _) -> new BulkRun.Item(
                        new AccountId(row.getString("account_id")),
                        Optional.ofNullable(row.getString("username")),
                        Optional.ofNullable(row.getString("display_name")),
                        Optional.ofNullable(row.getString("result"))
                                .filter(result -> !result.equals(DONE))
                                .map(Refusal::valueOf)))
                .list();
    }

    /** How many people of a run have one of these roles, by themselves or by a group. */
    long countWithRoles(String id, Set<Role> roles, Collection<GroupId> giving) {
        JdbcClient.StatementSpec query = database.sql().sql("""
                SELECT count(*) FROM bulk_job_item i JOIN account a ON a.id = i.account_id
                WHERE i.job_id = :id AND (a.role IN (:roles) OR EXISTS (
                    SELECT 1 FROM group_member m WHERE m.account_id = a.id AND m.group_id IN (:groups)))""");
        return query.param("id", id)
                .param("roles", Database.in(roles, Role::name))
                .param("groups", Database.in(giving, GroupId::value))
                .query(Long.class)
                .single();
    }

    boolean contains(String id, AccountId account) {
        return database.sql()
                        .sql("SELECT count(*) FROM bulk_job_item WHERE job_id = ? AND account_id = ?")
                        .params(id, account.value())
                        .query(Long.class)
                        .single()
                == 1;
    }

    /** Some runs that were finished, or prepared and never started, before a moment. */
    List<String> old(Instant finishedBefore, Instant preparedBefore) {
        return database.sql()
                .sql("""
                        SELECT id FROM bulk_job WHERE finished_at < ? OR (started_at IS NULL AND created_at < ?)
                        LIMIT 10""")
                .params(Times.toMillis(finishedBefore), Times.toMillis(preparedBefore))
                .query((row, _) -> row.getString("id"))
                .list();
    }

    /** Removes some of the people of a run, and the run when nobody is left; false when it is gone. */
    boolean deleteSome(String id, int limit) {
        int gone = database.sql().sql("""
                        DELETE FROM bulk_job_item WHERE job_id = :id AND account_id IN (
                            SELECT account_id FROM bulk_job_item WHERE job_id = :id LIMIT :limit)""").param("id", id).param("limit", limit).update();
        if (gone == 0) {
            database.sql().sql("DELETE FROM bulk_job WHERE id = ?").param(id).update();
        }
        return gone > 0;
    }

    private static String text(Rights rights) {
        return rights.permissions().stream().map(Permission::name).sorted().collect(Collectors.joining(","));
    }

    private static Rights rights(String text) {
        return new Rights(Stream.of(text.split(",", -1))
                .filter(name -> !name.isEmpty())
                .map(Permission::valueOf)
                .collect(Collectors.toSet()));
    }

    private BulkRun run(ResultSet row) throws SQLException {
        BulkAction.Kind kind = BulkAction.Kind.valueOf(row.getString("action"));
        Optional<String> details = Optional.of(row.getString("details")).filter(text -> !text.isEmpty());
        return new BulkRun(
                row.getString("id"),
                new EnvironmentId(row.getString("environment_id")),
                kind,
                details.map(text -> json.readValue(text, kind.type())),
                Optional.ofNullable(row.getString("account_id")).map(AccountId::new),
                row.getString("actor_name"),
                rights(row.getString("rights")),
                new Origin(row.getString("door"), row.getString("address"), "", row.getString("id")),
                Times.get(row, "created_at"),
                Times.find(row, "started_at"),
                Times.find(row, "cancelled_at"),
                Times.find(row, "finished_at"),
                row.getLong("total"),
                row.getLong("done"),
                row.getLong("refused"));
    }
}
