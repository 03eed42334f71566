package dev.countersign.factor.password;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.store.ForgetsAccounts;
import dev.countersign.store.SecretVersions;
import dev.countersign.store.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** All SQL of passwords. */
@Component
final class PasswordStore implements ForgetsAccounts {
    private static final String HASH = "account_id, password_hash, sealed_hash, "
            + SecretVersions.column("password.account_id", "'" + Passwords.PLACE + "'") + " AS version";

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

    /**
     * A stored hash.
     *
     * @param unbound as an earlier version wrote it, open and for no account in particular; empty where it is sealed
     */
    record Hash(AccountId account, String unbound, Optional<byte[]> sealed, long version) {
        @Override
        public String toString() {
            return "Hash(hidden)";
        }
    }

    record Row(Hash hash, Instant changedAt, Optional<String> mustChangeWhy, Optional<String> blockedBy) {
        @Override
        public String toString() {
            return "Row(hidden)";
        }
    }

    Optional<Row> find(AccountId account) {
        return database.sql()
                .sql("SELECT " + HASH + ", changed_at, must_change_why, blocked_by FROM password WHERE account_id = ?")
                .param(account.value())
                .query((row, _) -> new Row(
                        hash(row),
                        Times.get(row, "changed_at"),
                        Optional.ofNullable(row.getString("must_change_why")),
                        Optional.ofNullable(row.getString("blocked_by"))))
                .optional();
    }

    /** The hash of the first account of an environment at or after a place in the order of accounts, else of the first of all. */
    Optional<Hash> findAtOrAfter(EnvironmentId environment, String place) {
        return findFrom(environment, place).or(() -> findFrom(environment, ""));
    }

    private static Hash hash(ResultSet row) throws SQLException {
        return new Hash(
                new AccountId(row.getString("account_id")),
                row.getString("password_hash"),
                Optional.ofNullable(row.getBytes("sealed_hash")),
                row.getLong("version"));
    }

    private Optional<Hash> findFrom(EnvironmentId environment, String place) {
        return database.sql()
                .sql("SELECT " + HASH + """
                         FROM password WHERE environment_id = ? AND account_id >= ?
                        ORDER BY account_id LIMIT 1""")
                .params(environment.value(), place)
                .query((row, _) -> hash(row))
                .optional();
    }

    void upsert(
            EnvironmentId environment,
            AccountId account,
            byte[] sealedHash,
            Optional<String> mustChangeWhy,
            Instant now) {
        database.sql()
                .sql("""
                        INSERT INTO password (account_id, environment_id, password_hash, sealed_hash, changed_at, must_change_why)
                        VALUES (?, ?, '', ?, ?, ?)
                        ON CONFLICT (account_id) DO UPDATE
                        SET password_hash = '', sealed_hash = excluded.sealed_hash, changed_at = excluded.changed_at,
                            must_change_why = excluded.must_change_why, blocked_by = NULL""")
                .param(1, account.value())
                .param(2, environment.value())
                .param(3, sealedHash)
                .param(4, Times.toMillis(now))
                .param(5, mustChangeWhy.orElse(null), java.sql.Types.VARCHAR)
                .update();
    }

    record Arriving(AccountId account, byte[] sealedHash, Optional<String> mustChangeWhy) {
        @Override
        public String toString() {
            return "Arriving(hidden)";
        }
    }

    /** Adds passwords to accounts that have none. */
    void insertAll(EnvironmentId environment, List<Arriving> passwords, Instant now) {
        database.batch(
                """
                        INSERT INTO password (account_id, environment_id, password_hash, sealed_hash, changed_at, must_change_why)
                        VALUES (?, ?, '', ?, ?, ?)""",
                passwords.stream()
                        .map(each -> new Object[] {
                            each.account().value(),
                            environment.value(),
                            each.sealedHash(),
                            Times.toMillis(now),
                            each.mustChangeWhy().orElse(null)
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

    /** Stores another hash of the same password. */
    void replaceHash(AccountId account, byte[] sealedHash) {
        database.sql()
                .sql("UPDATE password SET password_hash = '', sealed_hash = ? WHERE account_id = ?")
                .params(sealedHash, account.value())
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
