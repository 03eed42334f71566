package dev.countersign.directory;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Role;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** All SQL of accounts. */
@Component
final class AccountStore {
    static final String COLUMNS = "id, environment_id, username, email, display_name, role, source, locale,"
            + " created_at, disabled_at, last_sign_in_at, enrolled_at";

    private final Database database;

    AccountStore(Database database) {
        this.database = database;
    }

    /** Whether the row was added; it is not when the name, or one that looks like it, is taken. */
    boolean insert(Account account, Username name) {
        boolean added = database.sql()
                        .sql("""
                        INSERT INTO account (id, environment_id, username, username_key, username_shape, email, email_key,
                                             display_name, name_key, role, source, created_at, index_version)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""")
                        .params(
                                account.id().value(),
                                account.environment().value(),
                                account.username(),
                                name.key(),
                                name.shape(),
                                account.email(),
                                EmailAddress.key(account.email()),
                                account.displayName(),
                                SearchWords.fold(account.displayName()),
                                account.role().name(),
                                account.source().name(),
                                Times.toMillis(account.createdAt()),
                                SearchWords.VERSION)
                        .update()
                == 1;
        if (added) {
            insertWords(account);
        }
        return added;
    }

    /** Replaces name, mail address and username; false when the username, or one that looks like it, is another's. */
    boolean updateProfile(Account changed, Username name) {
        boolean taken = !database.sql()
                .sql("""
                        SELECT id FROM account WHERE environment_id = ? AND id <> ?
                        AND (username_key = ? OR username_shape = ?) LIMIT 1""")
                .params(changed.environment().value(), changed.id().value(), name.key(), name.shape())
                .query(String.class)
                .list()
                .isEmpty();
        if (taken) {
            return false;
        }
        database.sql()
                .sql("""
                        UPDATE account SET username = :username, username_key = :key, username_shape = :shape,
                            email = :email, email_key = :emailKey, display_name = :displayName,
                            email_confirmed_at = CASE WHEN email_key = :emailKey THEN email_confirmed_at END
                        WHERE id = :id""")
                .param("username", changed.username())
                .param("key", name.key())
                .param("shape", name.shape())
                .param("email", changed.email())
                .param("emailKey", EmailAddress.key(changed.email()))
                .param("displayName", changed.displayName())
                .param("id", changed.id().value())
                .update();
        index(changed);
        return true;
    }

    /** Accounts whose words were made by older rules, some of them. */
    List<Account> notIndexed(int limit) {
        return database.sql()
                .sql("SELECT " + COLUMNS + " FROM account WHERE index_version < ? LIMIT ?")
                .params(SearchWords.VERSION, limit)
                .query((row, _) -> account(row))
                .list();
    }

    /** Makes the words of an account anew. */
    void index(Account account) {
        database.sql()
                .sql("DELETE FROM account_word WHERE account_id = ?")
                .param(account.id().value())
                .update();
        insertWords(account);
        database.sql()
                .sql("UPDATE account SET name_key = ?, index_version = ? WHERE id = ?")
                .params(
                        SearchWords.fold(account.displayName()),
                        SearchWords.VERSION,
                        account.id().value())
                .update();
    }

    private void insertWords(Account account) {
        for (String word : SearchWords.of(account.username(), account.email(), account.displayName())) {
            database.sql()
                    .sql("INSERT INTO account_word (environment_id, word, account_id) VALUES (?, ?, ?)")
                    .params(account.environment().value(), word, account.id().value())
                    .update();
        }
    }

    void updateRole(AccountId id, Role role) {
        database.sql()
                .sql("UPDATE account SET role = ? WHERE id = ?")
                .params(role.name(), id.value())
                .update();
    }

    void updateEnrolled(Collection<AccountId> ids, Instant enrolledAt) {
        database.sql()
                .sql("UPDATE account SET enrolled_at = :at WHERE id IN (:ids)")
                .param("at", Times.toMillis(enrolledAt))
                .param("ids", ids.stream().map(AccountId::value).toList())
                .update();
    }

    /** Holds the row until the transaction ends. */
    void lock(AccountId id) {
        database.sql()
                .sql("UPDATE account SET enrolled_at = enrolled_at WHERE id = ?")
                .param(id.value())
                .update();
    }

    void updateEnrolled(AccountId id, Optional<Instant> enrolledAt) {
        updateMoment("enrolled_at", id, enrolledAt);
    }

    void updateCompanion(AccountId id, Optional<Instant> pairedAt) {
        updateMoment("companion_at", id, pairedAt);
    }

    private void updateMoment(String column, AccountId id, Optional<Instant> moment) {
        database.sql()
                .sql("UPDATE account SET " + column + " = ? WHERE id = ?")
                .param(1, Times.toMillis(moment), java.sql.Types.BIGINT)
                .param(2, id.value())
                .update();
    }

    /** Removes the account with what the directory knows of it; what others know of it has been removed before. */
    void delete(AccountId id) {
        for (String table : List.of("account_word", "group_member")) {
            database.sql()
                    .sql("DELETE FROM " + table + " WHERE account_id = ?")
                    .param(id.value())
                    .update();
        }
        database.sql().sql("DELETE FROM account WHERE id = ?").param(id.value()).update();
    }

    /** The roles of the account's groups, of the groups these stand in, and so on. */
    List<Role> rolesByGroups(AccountId id) {
        return database.sql()
                .sql("""
                        WITH RECURSIVE inside (group_id) AS (
                            SELECT group_id FROM group_member WHERE account_id = ?
                            UNION
                            SELECT n.parent_id FROM group_nesting n JOIN inside i ON n.child_id = i.group_id)
                        SELECT DISTINCT g.role FROM account_group g JOIN inside i ON g.id = i.group_id
                        WHERE g.role IS NOT NULL""")
                .param(id.value())
                .query((row, _) -> Role.valueOf(row.getString("role")))
                .list();
    }

    Optional<Account> find(AccountId id) {
        return database.sql()
                .sql("SELECT " + COLUMNS + " FROM account WHERE id = ?")
                .param(id.value())
                .query((row, _) -> account(row))
                .optional();
    }

    Optional<Account> findByKey(EnvironmentId environment, String key) {
        return database.sql()
                .sql("SELECT " + COLUMNS + " FROM account WHERE environment_id = ? AND username_key = ?")
                .params(environment.value(), key)
                .query((row, _) -> account(row))
                .optional();
    }

    /** At most two accounts with this mail address: two mean that the address alone names nobody. */
    List<Account> findByEmailKey(EnvironmentId environment, String key) {
        return database.sql()
                .sql("SELECT " + COLUMNS + " FROM account WHERE environment_id = ? AND email_key = ? LIMIT 2")
                .params(environment.value(), key)
                .query((row, _) -> account(row))
                .list();
    }

    /** Enabled accounts that have the role, by themselves or by one of these groups. */
    List<Account> enabledOfRole(EnvironmentId environment, Role role, Set<GroupId> giving) {
        return database.sql()
                .sql("SELECT " + COLUMNS + " FROM account WHERE environment_id = :environment AND disabled_at IS NULL"
                        + " AND (role = :role OR id IN (SELECT account_id FROM group_member WHERE group_id IN (:groups)))"
                        + " ORDER BY username_key")
                .param("environment", environment.value())
                .param("role", role.name())
                .param("groups", Database.in(giving, GroupId::value))
                .query((row, _) -> account(row))
                .list();
    }

    void updateEmailConfirmed(AccountId id, Instant at) {
        database.sql()
                .sql("UPDATE account SET email_confirmed_at = ? WHERE id = ?")
                .params(Times.toMillis(at), id.value())
                .update();
    }

    Optional<Instant> emailConfirmedAt(AccountId id) {
        return database
                .sql()
                .sql("SELECT email_confirmed_at FROM account WHERE id = ?")
                .param(id.value())
                .query((row, _) -> Times.find(row, "email_confirmed_at"))
                .list()
                .stream()
                .findFirst()
                .flatMap(found -> found);
    }

    long countEnabled(EnvironmentId environment, Role role) {
        return database.sql()
                .sql("SELECT count(*) FROM account WHERE environment_id = ? AND role = ? AND disabled_at IS NULL")
                .params(environment.value(), role.name())
                .query(Long.class)
                .single();
    }

    void updateDisabled(AccountId id, Optional<Instant> disabledAt) {
        database.sql()
                .sql("UPDATE account SET disabled_at = ? WHERE id = ?")
                .param(1, Times.toMillis(disabledAt), java.sql.Types.BIGINT)
                .param(2, id.value())
                .update();
    }

    void updateLocale(AccountId id, Optional<String> locale) {
        database.sql()
                .sql("UPDATE account SET locale = ? WHERE id = ?")
                .param(1, locale.orElse(null), java.sql.Types.VARCHAR)
                .param(2, id.value())
                .update();
    }

    void updateLastSignIn(AccountId id, Instant at) {
        database.sql()
                .sql("UPDATE account SET last_sign_in_at = ? WHERE id = ?")
                .params(Times.toMillis(at), id.value())
                .update();
    }

    static Account account(ResultSet row) throws SQLException {
        return new Account(
                new AccountId(row.getString("id")),
                new EnvironmentId(row.getString("environment_id")),
                row.getString("username"),
                row.getString("email"),
                row.getString("display_name"),
                Role.valueOf(row.getString("role")),
                AccountSource.valueOf(row.getString("source")),
                Optional.ofNullable(row.getString("locale")),
                Times.get(row, "created_at"),
                Times.find(row, "disabled_at"),
                Times.find(row, "last_sign_in_at"),
                Times.find(row, "enrolled_at"));
    }
}
