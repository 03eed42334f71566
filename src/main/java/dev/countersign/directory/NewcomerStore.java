package dev.countersign.directory;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/** The SQL of many accounts at once. */
@Component
final class NewcomerStore {
    private final Database database;

    NewcomerStore(Database database) {
        this.database = database;
    }

    Map<String, Account> byKey(EnvironmentId environment, Collection<String> keys) {
        Map<String, Account> found = new HashMap<>();
        database.sql()
                .sql("SELECT username_key, " + AccountStore.COLUMNS
                        + " FROM account WHERE environment_id = :environment AND username_key IN (:keys)")
                .param("environment", environment.value())
                .param("keys", List.copyOf(keys))
                .query(row -> {
                    found.put(row.getString("username_key"), AccountStore.account(row));
                });
        return found;
    }

    Set<String> shapesTaken(EnvironmentId environment, Collection<String> shapes) {
        return Set.copyOf(database.sql()
                .sql(
                        "SELECT username_shape FROM account WHERE environment_id = :environment AND username_shape IN (:shapes)")
                .param("environment", environment.value())
                .param("shapes", List.copyOf(shapes))
                .query(String.class)
                .list());
    }

    Set<Newcomers.Membership> memberships(Collection<AccountId> accounts) {
        return Set.copyOf(database.sql()
                .sql("SELECT group_id, account_id FROM group_member WHERE account_id IN (:accounts)")
                .param("accounts", accounts.stream().map(AccountId::value).toList())
                .query((row, _) -> new Newcomers.Membership(
                        new GroupId(row.getString("group_id")), new AccountId(row.getString("account_id"))))
                .list());
    }

    void insert(EnvironmentId environment, List<Newcomers.Newcomer> newcomers) {
        List<Object[]> rows = new ArrayList<>();
        List<Object[]> words = new ArrayList<>();
        for (Newcomers.Newcomer newcomer : newcomers) {
            Account account = newcomer.account();
            rows.add(row(account, newcomer.name()));
            for (String word : SearchWords.of(account.username(), account.email(), account.displayName())) {
                words.add(new Object[] {environment.value(), word, account.id().value()});
            }
        }
        database.batch("""
                INSERT INTO account (id, environment_id, username, username_key, username_shape, email, email_key,
                                     display_name, name_key, role, source, locale, created_at, disabled_at, enrolled_at,
                                     index_version)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""", rows);
        database.batch("INSERT INTO account_word (environment_id, word, account_id) VALUES (?, ?, ?)", words);
    }

    private static Object[] row(Account account, Username name) {
        return new Object[] {
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
            account.locale().orElse(null),
            Times.toMillis(account.createdAt()),
            Times.toMillis(account.disabledAt()),
            Times.toMillis(account.enrolledAt()),
            SearchWords.VERSION
        };
    }

    void insertMembers(EnvironmentId environment, Collection<Newcomers.Membership> memberships, Instant now) {
        database.batch(
                "INSERT INTO group_member (environment_id, group_id, account_id, added_at) VALUES (?, ?, ?, ?)"
                        + " ON CONFLICT DO NOTHING",
                memberships.stream()
                        .map(membership -> new Object[] {
                            environment.value(),
                            membership.group().value(),
                            membership.account().value(),
                            Times.toMillis(now)
                        })
                        .toList());
    }

    long count(EnvironmentId environment) {
        return database.sql()
                .sql("SELECT count(*) FROM account WHERE environment_id = ?")
                .param(environment.value())
                .query(Long.class)
                .single();
    }

    /** Every group, with nobody counted. */
    List<Group> groups(EnvironmentId environment) {
        return database.sql()
                .sql(
                        "SELECT id, name, 0 AS members, role FROM account_group WHERE environment_id = ? ORDER BY name_key")
                .param(environment.value())
                .query((row, _) -> GroupStore.group(row))
                .list();
    }

    List<Account> after(EnvironmentId environment, String usernameKey, int limit) {
        String bytewise = database.dialect().bytewise();
        return database.sql()
                .sql("SELECT " + AccountStore.COLUMNS + " FROM account WHERE environment_id = ? AND username_key "
                        + bytewise + " > ? ORDER BY username_key " + bytewise + " LIMIT ?")
                .params(environment.value(), usernameKey, limit)
                .query((row, _) -> AccountStore.account(row))
                .list();
    }
}
