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
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** All SQL of accounts. */
@Component
final class AccountStore {
    private static final String COLUMNS =
            "id, environment_id, username, email, display_name, role, locale, created_at, disabled_at, last_sign_in_at";
    private static final String MATCHES = " FROM account WHERE environment_id = ? AND search_text LIKE ? ESCAPE '!'";

    private final Database database;

    AccountStore(Database database) {
        this.database = database;
    }

    /** Whether the row was added; it is not when the name, or one that looks like it, is taken. */
    boolean insert(Account account, Username name) {
        return database.sql()
                        .sql("""
                        INSERT INTO account (id, environment_id, username, username_key, username_shape, email, email_key,
                                             display_name, search_text, role, created_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""")
                        .params(
                                account.id().value(),
                                account.environment().value(),
                                account.username(),
                                name.key(),
                                name.shape(),
                                account.email(),
                                EmailAddress.key(account.email()),
                                account.displayName(),
                                searchText(account),
                                account.role().name(),
                                Times.toMillis(account.createdAt()))
                        .update()
                == 1;
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

    List<Account> search(EnvironmentId environment, String text, int limit, int offset) {
        return database.sql()
                .sql("SELECT " + COLUMNS + MATCHES + " ORDER BY username_key LIMIT ? OFFSET ?")
                .params(environment.value(), pattern(text), limit, offset)
                .query((row, _) -> account(row))
                .list();
    }

    long count(EnvironmentId environment, String text) {
        return database.sql()
                .sql("SELECT count(*)" + MATCHES)
                .params(environment.value(), pattern(text))
                .query(Long.class)
                .single();
    }

    /** Enabled accounts that are among {@code people} or belong to one of {@code groups}; one of the two is not empty. */
    List<AccountId> idsOf(EnvironmentId environment, Set<GroupId> groups, Set<AccountId> people) {
        return database.sql()
                .sql("""
                        SELECT id FROM account WHERE environment_id = :environment AND disabled_at IS NULL
                        AND (id IN (:people)
                             OR id IN (SELECT account_id FROM group_member WHERE group_id IN (:groups)))""")
                .param("environment", environment.value())
                .param(
                        "people",
                        valuesOrNone(people.stream().map(AccountId::value).toList()))
                .param(
                        "groups",
                        valuesOrNone(groups.stream().map(GroupId::value).toList()))
                .query((row, _) -> new AccountId(row.getString("id")))
                .list();
    }

    /** A list for IN, which must not be empty: no identifier is the empty text. */
    private static List<String> valuesOrNone(List<String> values) {
        return values.isEmpty() ? List.of("") : values;
    }

    List<AccountId> allIds(EnvironmentId environment) {
        return database.sql()
                .sql("SELECT id FROM account WHERE environment_id = ? AND disabled_at IS NULL")
                .param(environment.value())
                .query((row, _) -> new AccountId(row.getString("id")))
                .list();
    }

    List<Account> enabledOfRole(EnvironmentId environment, Role role) {
        return database.sql()
                .sql("SELECT " + COLUMNS + " FROM account WHERE environment_id = ? AND role = ? AND disabled_at IS NULL"
                        + " ORDER BY username_key")
                .params(environment.value(), role.name())
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

    /** Makes other changes of administrators wait for this transaction, so that two who count them do not both count the other. */
    void lockAdministrators(EnvironmentId environment) {
        database.sql()
                .sql("UPDATE account SET role = role WHERE environment_id = ? AND role = ?")
                .params(environment.value(), Role.ADMINISTRATOR.name())
                .update();
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

    private static String searchText(Account account) {
        return (account.username() + '\n' + account.displayName() + '\n' + account.email()).toLowerCase(Locale.ROOT);
    }

    private static String pattern(String text) {
        String literal = text.strip().toLowerCase(Locale.ROOT).replaceAll("[!%_]", "!$0");
        return "%" + literal + "%";
    }

    private static Account account(ResultSet row) throws SQLException {
        return new Account(
                new AccountId(row.getString("id")),
                new EnvironmentId(row.getString("environment_id")),
                row.getString("username"),
                row.getString("email"),
                row.getString("display_name"),
                Role.valueOf(row.getString("role")),
                Optional.ofNullable(row.getString("locale")),
                Times.get(row, "created_at"),
                Times.find(row, "disabled_at"),
                Times.find(row, "last_sign_in_at"));
    }
}
