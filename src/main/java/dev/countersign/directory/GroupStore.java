package dev.countersign.directory;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** All SQL of groups. */
@Component
final class GroupStore {
    private static final String SELECT = """
            SELECT g.id, g.name, (SELECT count(*) FROM group_member m JOIN account a ON a.id = m.account_id
                                  WHERE m.group_id = g.id AND a.disabled_at IS NULL) AS members
            FROM account_group g WHERE g.environment_id = ?
            """;

    private final Database database;

    GroupStore(Database database) {
        this.database = database;
    }

    boolean insert(EnvironmentId environment, GroupId id, Username name, Instant now) {
        return database.sql()
                        .sql("""
                        INSERT INTO account_group (id, environment_id, name, name_key, created_at)
                        VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""")
                        .params(id.value(), environment.value(), name.display(), name.key(), Times.toMillis(now))
                        .update()
                == 1;
    }

    List<Group> all(EnvironmentId environment) {
        return database.sql()
                .sql(SELECT + "ORDER BY g.name_key")
                .param(environment.value())
                .query((row, _) -> group(row))
                .list();
    }

    Optional<Group> findByKey(EnvironmentId environment, String key) {
        return database.sql()
                .sql(SELECT + "AND g.name_key = ?")
                .params(environment.value(), key)
                .query((row, _) -> group(row))
                .optional();
    }

    boolean addMember(EnvironmentId environment, GroupId group, AccountId account, Instant now) {
        return database.sql()
                        .sql("""
                        INSERT INTO group_member (environment_id, group_id, account_id, added_at)
                        VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING""")
                        .params(environment.value(), group.value(), account.value(), Times.toMillis(now))
                        .update()
                == 1;
    }

    boolean removeMember(GroupId group, AccountId account) {
        return database.sql()
                        .sql("DELETE FROM group_member WHERE group_id = ? AND account_id = ?")
                        .params(group.value(), account.value())
                        .update()
                == 1;
    }

    List<Group> groupsOf(EnvironmentId environment, AccountId account) {
        return database.sql()
                .sql(SELECT
                        + "AND g.id IN (SELECT group_id FROM group_member WHERE account_id = ?) ORDER BY g.name_key")
                .params(environment.value(), account.value())
                .query((row, _) -> group(row))
                .list();
    }

    List<GroupId> groupIdsOf(AccountId account) {
        return database.sql()
                .sql("SELECT group_id FROM group_member WHERE account_id = ?")
                .param(account.value())
                .query((row, _) -> new GroupId(row.getString("group_id")))
                .list();
    }

    private static Group group(ResultSet row) throws SQLException {
        return new Group(new GroupId(row.getString("id")), row.getString("name"), row.getLong("members"));
    }
}
