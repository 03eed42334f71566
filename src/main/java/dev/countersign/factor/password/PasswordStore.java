package dev.countersign.factor.password;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.store.ForgetsAccounts;
import dev.countersign.store.Times;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** All SQL of passwords. */
@Component
final class PasswordStore implements ForgetsAccounts {
    private final Database database;

    PasswordStore(Database database) {
        this.database = database;
    }

    @Override
    public void forget(AccountId account) {
        database.sql()
                .sql("DELETE FROM password WHERE account_id = ?")
                .param(account.value())
                .update();
    }

    record Row(String phc, Instant changedAt, Optional<String> mustChangeWhy, Optional<String> blockedBy) {
        @Override
        public String toString() {
            return "Row(hidden)";
        }
    }

    Optional<Row> find(AccountId account) {
        return database.sql()
                .sql("SELECT password_hash, changed_at, must_change_why, blocked_by FROM password WHERE account_id = ?")
                .param(account.value())
                .query((row, _) -> new Row(
                        row.getString("password_hash"),
                        Times.get(row, "changed_at"),
                        Optional.ofNullable(row.getString("must_change_why")),
                        Optional.ofNullable(row.getString("blocked_by"))))
                .optional();
    }

    /** The hash of the first account of an environment at or after a place in the order of accounts, else of the first of all. */
    Optional<String> findAtOrAfter(EnvironmentId environment, String place) {
        return findFrom(environment, place).or(() -> findFrom(environment, ""));
    }

    private Optional<String> findFrom(EnvironmentId environment, String place) {
        return database.sql()
                .sql("""
                        SELECT password_hash FROM password WHERE environment_id = ? AND account_id >= ?
                        ORDER BY account_id LIMIT 1""")
                .params(environment.value(), place)
                .query(String.class)
                .optional();
    }

    void upsert(EnvironmentId environment, AccountId account, String phc, Optional<String> mustChangeWhy, Instant now) {
        database.sql()
                .sql("""
                        INSERT INTO password (account_id, environment_id, password_hash, changed_at, must_change_why)
                        VALUES (?, ?, ?, ?, ?)
                        ON CONFLICT (account_id) DO UPDATE
                        SET password_hash = excluded.password_hash, changed_at = excluded.changed_at,
                            must_change_why = excluded.must_change_why, blocked_by = NULL""")
                .param(1, account.value())
                .param(2, environment.value())
                .param(3, phc)
                .param(4, Times.toMillis(now))
                .param(5, mustChangeWhy.orElse(null), java.sql.Types.VARCHAR)
                .update();
    }

    /** Adds passwords to accounts that have none. */
    void insertAll(EnvironmentId environment, Map<AccountId, Passwords.Arriving> passwords, Instant now) {
        database.batch(
                """
                        INSERT INTO password (account_id, environment_id, password_hash, changed_at, must_change_why)
                        VALUES (?, ?, ?, ?, ?)""",
                passwords.entrySet().stream()
                        .map(entry -> new Object[] {
                            entry.getKey().value(),
                            environment.value(),
                            entry.getValue().password().phc(),
                            Times.toMillis(now),
                            entry.getValue().mustChange().map(Enum::name).orElse(null)
                        })
                        .toList());
    }

    Set<AccountId> having(Collection<AccountId> accounts) {
        return Set.copyOf(database.sql()
                .sql("SELECT account_id FROM password WHERE account_id IN (:accounts)")
                .param("accounts", accounts.stream().map(AccountId::value).toList())
                .query((row, _) -> new AccountId(row.getString("account_id")))
                .list());
    }

    /** Stores a stronger hash of the same password, unless the password has been changed meanwhile. */
    void replaceHash(AccountId account, String oldPhc, String newPhc) {
        database.sql()
                .sql("UPDATE password SET password_hash = ? WHERE account_id = ? AND password_hash = ?")
                .params(newPhc, account.value(), oldPhc)
                .update();
    }

    void block(AccountId account, String by) {
        database.sql()
                .sql("UPDATE password SET blocked_by = ? WHERE account_id = ? AND blocked_by IS NULL")
                .params(by, account.value())
                .update();
    }

    void updateMustChange(AccountId account, String why) {
        database.sql()
                .sql("UPDATE password SET must_change_why = ? WHERE account_id = ?")
                .params(why, account.value())
                .update();
    }
}
