package dev.countersign.directory;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Role;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** All SQL of groups. */
@Component
final class GroupStore {
    private static final String SELECT = """
            SELECT g.id, g.name, g.role,
                   (SELECT count(*) FROM group_member m WHERE m.group_id = g.id)
                   - (SELECT count(*) FROM account a WHERE a.environment_id = g.environment_id
                      AND a.disabled_at IS NOT NULL
                      AND EXISTS (SELECT 1 FROM group_member d WHERE d.group_id = g.id AND d.account_id = a.id)) AS members
            FROM account_group g WHERE g.environment_id = ?
            """;

    /** The groups an account is in, directly or because a group of its stands in them. */
    private static final String INSIDE = """
            WITH RECURSIVE inside (group_id) AS (
                SELECT group_id FROM group_member WHERE account_id = ?
                UNION
                SELECT n.parent_id FROM group_nesting n JOIN inside i ON n.child_id = i.group_id)
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

    List<Groups.Name> names(EnvironmentId environment) {
        return database.sql()
                .sql("SELECT id, name, role FROM account_group WHERE environment_id = ? ORDER BY name_key")
                .param(environment.value())
                .query((row, _) -> new Groups.Name(
                        new GroupId(row.getString("id")),
                        row.getString("name"),
                        Optional.ofNullable(row.getString("role")).map(Role::valueOf)))
                .list();
    }

    List<Groups.Member> members(GroupId group, String after, int limit) {
        return database.sql()
                .sql("""
                        SELECT m.account_id, a.username FROM group_member m JOIN account a ON a.id = m.account_id
                        WHERE m.group_id = ? AND m.account_id > ? ORDER BY m.account_id LIMIT ?""")
                .params(group.value(), after, limit)
                .query((row, _) ->
                        new Groups.Member(new AccountId(row.getString("account_id")), row.getString("username")))
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
                .sql(INSIDE + "SELECT group_id FROM inside")
                .param(account.value())
                .query((row, _) -> new GroupId(row.getString("group_id")))
                .list();
    }

    /** The names of {@link #groupIdsOf}, in order. */
    List<String> groupNamesOf(AccountId account) {
        return database.sql()
                .sql(
                        INSIDE
                                + "SELECT g.name FROM inside JOIN account_group g ON g.id = inside.group_id ORDER BY g.name_key")
                .param(account.value())
                .query((row, _) -> row.getString("name"))
                .list();
    }

    Optional<Group> find(EnvironmentId environment, GroupId id) {
        return database.sql()
                .sql(SELECT + "AND g.id = ?")
                .params(environment.value(), id.value())
                .query((row, _) -> group(row))
                .optional();
    }

    /** These groups and all that stand in them, directly or through others. */
    Set<GroupId> withNested(Collection<GroupId> groups) {
        if (groups.isEmpty()) {
            return Set.of();
        }
        return new HashSet<>(database.sql()
                .sql("""
                        WITH RECURSIVE below (id) AS (
                            SELECT id FROM account_group WHERE id IN (:groups)
                            UNION
                            SELECT n.child_id FROM group_nesting n JOIN below b ON n.parent_id = b.id)
                        SELECT id FROM below""")
                .param("groups", groups.stream().map(GroupId::value).toList())
                .query((row, _) -> new GroupId(row.getString("id")))
                .list());
    }

    Optional<String> nameOf(GroupId id) {
        return database.sql()
                .sql("SELECT name FROM account_group WHERE id = ?")
                .param(id.value())
                .query(String.class)
                .optional();
    }

    List<Role> rolesGivenBy(GroupId group) {
        return database.sql()
                .sql("""
                        WITH RECURSIVE above (id) AS (
                            SELECT id FROM account_group WHERE id = ?
                            UNION
                            SELECT n.parent_id FROM group_nesting n JOIN above a ON n.child_id = a.id)
                        SELECT DISTINCT g.role FROM account_group g JOIN above a ON g.id = a.id
                        WHERE g.role IS NOT NULL""")
                .param(group.value())
                .query((row, _) -> Role.valueOf(row.getString("role")))
                .list();
    }

    List<GroupId> withRoleIn(EnvironmentId environment, Collection<Role> roles) {
        return database.sql()
                .sql("SELECT id FROM account_group WHERE environment_id = :environment AND role IN (:roles)")
                .param("environment", environment.value())
                .param("roles", roles.stream().map(Role::name).toList())
                .query((row, _) -> new GroupId(row.getString("id")))
                .list();
    }

    /** False when another group has that name. */
    boolean rename(EnvironmentId environment, GroupId id, Username name) {
        return database.sql()
                        .sql("""
                        UPDATE account_group SET name = :name, name_key = :key WHERE id = :id AND NOT EXISTS (
                            SELECT 1 FROM account_group o
                            WHERE o.environment_id = :environment AND o.name_key = :key AND o.id <> :id)""")
                        .param("name", name.display())
                        .param("key", name.key())
                        .param("id", id.value())
                        .param("environment", environment.value())
                        .update()
                == 1;
    }

    void updateRole(GroupId id, Optional<Role> role) {
        database.sql()
                .sql("UPDATE account_group SET role = ? WHERE id = ?")
                .param(1, role.map(Role::name).orElse(null), Types.VARCHAR)
                .param(2, id.value())
                .update();
    }

    /** Removes the group, who is in it and where it stands. The accounts stay. */
    void delete(GroupId id) {
        for (String statement : List.of(
                "DELETE FROM group_member WHERE group_id = ?",
                "DELETE FROM group_nesting WHERE parent_id = ?",
                "DELETE FROM group_nesting WHERE child_id = ?",
                "DELETE FROM account_group WHERE id = ?")) {
            database.sql().sql(statement).param(id.value()).update();
        }
    }

    boolean nest(EnvironmentId environment, GroupId parent, GroupId child) {
        return database.sql()
                        .sql("""
                        INSERT INTO group_nesting (environment_id, parent_id, child_id)
                        VALUES (?, ?, ?) ON CONFLICT DO NOTHING""")
                        .params(environment.value(), parent.value(), child.value())
                        .update()
                == 1;
    }

    boolean unnest(GroupId parent, GroupId child) {
        return database.sql()
                        .sql("DELETE FROM group_nesting WHERE parent_id = ? AND child_id = ?")
                        .params(parent.value(), child.value())
                        .update()
                == 1;
    }

    /** Which group stands directly in which, as pairs of parent and child. */
    List<Groups.Nesting> nestings(EnvironmentId environment) {
        return database.sql()
                .sql("SELECT parent_id, child_id FROM group_nesting WHERE environment_id = ?")
                .param(environment.value())
                .query((row, _) -> new Groups.Nesting(
                        new GroupId(row.getString("parent_id")), new GroupId(row.getString("child_id"))))
                .list();
    }

    static Group group(ResultSet row) throws SQLException {
        return new Group(
                new GroupId(row.getString("id")),
                row.getString("name"),
                row.getLong("members"),
                Optional.ofNullable(row.getString("role")).map(Role::valueOf));
    }
}
