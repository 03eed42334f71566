package dev.countersign.factor.replacement;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** All SQL of the codes that are read out. */
@Component
final class ReplacementStore {
    private final Database database;

    ReplacementStore(Database database) {
        this.database = database;
    }

    record Row(String codeHash, Instant issuedAt, Instant expiresAt, Optional<Instant> usedAt) {}

    Optional<Row> find(AccountId account) {
        return database.sql()
                .sql("SELECT code_hash, issued_at, expires_at, used_at FROM replacement_code WHERE account_id = ?")
                .param(account.value())
                .query((row, _) -> new Row(
                        row.getString("code_hash"),
                        Times.get(row, "issued_at"),
                        Times.get(row, "expires_at"),
                        Times.find(row, "used_at")))
                .optional();
    }

    void replace(EnvironmentId environment, AccountId account, String codeHash, Instant now, Instant expiresAt) {
        database.sql()
                .sql("""
                        INSERT INTO replacement_code (account_id, environment_id, code_hash, issued_at, expires_at)
                        VALUES (?, ?, ?, ?, ?)
                        ON CONFLICT (account_id) DO UPDATE
                        SET code_hash = excluded.code_hash, issued_at = excluded.issued_at,
                            expires_at = excluded.expires_at, used_at = NULL""")
                .params(account.value(), environment.value(), codeHash, Times.toMillis(now), Times.toMillis(expiresAt))
                .update();
    }

    /** Uses up the code, once; the row stays. */
    boolean consume(AccountId account, String codeHash, Instant now) {
        return database.sql()
                        .sql("""
                        UPDATE replacement_code SET used_at = :now
                        WHERE account_id = :account AND code_hash = :hash AND used_at IS NULL AND expires_at > :now""")
                        .param("now", Times.toMillis(now))
                        .param("account", account.value())
                        .param("hash", codeHash)
                        .update()
                == 1;
    }

    void delete(AccountId account) {
        database.sql()
                .sql("DELETE FROM replacement_code WHERE account_id = ?")
                .param(account.value())
                .update();
    }
}
