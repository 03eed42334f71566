package dev.countersign.factor.recovery;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.store.ForgetsAccounts;
import dev.countersign.store.SecretVersions;
import dev.countersign.store.Times;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** All SQL of recovery codes. */
@Component
final class RecoveryStore implements ForgetsAccounts {
    private final Database database;

    RecoveryStore(Database database) {
        this.database = database;
    }

    @Override
    public void forget(AccountId account) {
        database.sql()
                .sql("DELETE FROM recovery_code WHERE account_id = ?")
                .param(account.value())
                .update();
    }

    /** @param sealedBinding what says that the hash is this account's and the newest; absent where an earlier version wrote it */
    record Row(
            String codeHash,
            Optional<byte[]> sealedBinding,
            long version,
            Instant issuedAt,
            Optional<Instant> confirmedAt) {}

    Optional<Row> find(AccountId account) {
        return database.sql()
                .sql("SELECT code_hash, sealed_binding, issued_at, confirmed_at, "
                        + SecretVersions.column("recovery_code.account_id", "'" + RecoveryCodes.PLACE + "'")
                        + " AS version FROM recovery_code WHERE account_id = ?")
                .param(account.value())
                .query((row, _) -> new Row(
                        row.getString("code_hash"),
                        Optional.ofNullable(row.getBytes("sealed_binding")),
                        row.getLong("version"),
                        Times.get(row, "issued_at"),
                        Times.find(row, "confirmed_at")))
                .optional();
    }

    void replace(EnvironmentId environment, AccountId account, String codeHash, byte[] sealedBinding, Instant now) {
        database.sql()
                .sql("""
                        INSERT INTO recovery_code (account_id, environment_id, code_hash, sealed_binding, issued_at,
                                                   confirmed_at)
                        VALUES (:account, :environment, :hash, :binding, :now, :now)
                        ON CONFLICT (account_id) DO UPDATE
                        SET code_hash = :hash, sealed_binding = :binding, issued_at = :now, confirmed_at = :now""")
                .param("account", account.value())
                .param("environment", environment.value())
                .param("hash", codeHash)
                .param("binding", sealedBinding)
                .param("now", Times.toMillis(now))
                .update();
    }

    /** Uses up the code, once. */
    boolean consume(AccountId account, String codeHash) {
        return database.sql()
                        .sql("DELETE FROM recovery_code WHERE account_id = ? AND code_hash = ?")
                        .params(account.value(), codeHash)
                        .update()
                == 1;
    }

    record Resumption(String codeHash, String browserHash, Instant expiresAt) {}

    Optional<Resumption> findResumption(AccountId account) {
        return database.sql()
                .sql("SELECT code_hash, browser_hash, expires_at FROM recovery_resumption WHERE account_id = ?")
                .param(account.value())
                .query((row, _) -> new Resumption(
                        row.getString("code_hash"), row.getString("browser_hash"), Times.get(row, "expires_at")))
                .optional();
    }

    void insertResumption(EnvironmentId environment, AccountId account, Resumption resumption) {
        database.sql()
                .sql("""
                        INSERT INTO recovery_resumption (account_id, environment_id, code_hash, browser_hash, expires_at)
                        VALUES (?, ?, ?, ?, ?)
                        ON CONFLICT (account_id) DO UPDATE
                        SET code_hash = excluded.code_hash, browser_hash = excluded.browser_hash,
                            expires_at = excluded.expires_at""")
                .params(
                        account.value(),
                        environment.value(),
                        resumption.codeHash(),
                        resumption.browserHash(),
                        Times.toMillis(resumption.expiresAt()))
                .update();
    }

    void deleteResumption(AccountId account) {
        database.sql()
                .sql("DELETE FROM recovery_resumption WHERE account_id = ?")
                .param(account.value())
                .update();
    }

    int deleteResumptionsUntil(Instant now) {
        return database.sql()
                .sql("DELETE FROM recovery_resumption WHERE expires_at <= ?")
                .param(Times.toMillis(now))
                .update();
    }

    /** Whether what is to be resumed is still there, at the moment it is resumed. */
    boolean isResumable(AccountId account, String codeHash) {
        return database.sql()
                        .sql(
                                "UPDATE recovery_resumption SET code_hash = code_hash WHERE account_id = ? AND code_hash = ?")
                        .params(account.value(), codeHash)
                        .update()
                == 1;
    }

    void delete(AccountId account) {
        database.sql()
                .sql("DELETE FROM recovery_code WHERE account_id = ?")
                .param(account.value())
                .update();
    }
}
