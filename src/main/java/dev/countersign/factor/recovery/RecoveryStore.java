package dev.countersign.factor.recovery;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.store.ForgetsAccounts;
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

    record Row(String codeHash, Instant issuedAt, Optional<Instant> confirmedAt) {}

    Optional<Row> find(AccountId account) {
        return database.sql()
                .sql("SELECT code_hash, issued_at, confirmed_at FROM recovery_code WHERE account_id = ?")
                .param(account.value())
                .query((row, _) -> new Row(
                        row.getString("code_hash"), Times.get(row, "issued_at"), Times.find(row, "confirmed_at")))
                .optional();
    }

    void replace(EnvironmentId environment, AccountId account, String codeHash, Instant now) {
        database.sql()
                .sql("""
                        INSERT INTO recovery_code (account_id, environment_id, code_hash, issued_at)
                        VALUES (?, ?, ?, ?)
                        ON CONFLICT (account_id) DO UPDATE
                        SET code_hash = excluded.code_hash, issued_at = excluded.issued_at, confirmed_at = NULL""")
                .params(account.value(), environment.value(), codeHash, Times.toMillis(now))
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

    boolean confirm(AccountId account, String codeHash, Instant now) {
        return database.sql()
                        .sql("UPDATE recovery_code SET confirmed_at = ? WHERE account_id = ? AND code_hash = ?")
                        .params(Times.toMillis(now), account.value(), codeHash)
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
