package dev.countersign.factor.totp;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import dev.countersign.vault.Hmac;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** All SQL of authenticator apps. */
@Component
final class TotpStore {
    private final Database database;

    TotpStore(Database database) {
        this.database = database;
    }

    record Row(
            AccountId account,
            byte[] sealedSecret,
            Totp totp,
            int driftSteps,
            long lastStep,
            Instant enrolledAt,
            Optional<Instant> lastUsedAt) {}

    Optional<Row> find(AccountId account) {
        return database.sql()
                .sql("""
                        SELECT sealed_secret, algorithm, digits, period_seconds, drift_steps, last_step, enrolled_at,
                               last_used_at
                        FROM totp WHERE account_id = ?""")
                .param(account.value())
                .query((row, _) -> new Row(
                        account,
                        row.getBytes("sealed_secret"),
                        new Totp(
                                Hmac.valueOf(row.getString("algorithm")),
                                row.getInt("digits"),
                                Duration.ofSeconds(row.getInt("period_seconds"))),
                        row.getInt("drift_steps"),
                        row.getLong("last_step"),
                        Times.get(row, "enrolled_at"),
                        Times.find(row, "last_used_at")))
                .optional();
    }

    /** Uses up a step, once: later steps only, whatever door, session or node asks. */
    boolean consumeStep(Row app, long step, Instant now) {
        return database.sql()
                        .sql("""
                        UPDATE totp SET last_step = :step, last_used_at = :now
                        WHERE account_id = :account AND enrolled_at = :enrolledAt AND last_step < :step""")
                        .param("step", step)
                        .param("now", Times.toMillis(now))
                        .param("account", app.account().value())
                        .param("enrolledAt", Times.toMillis(app.enrolledAt()))
                        .update()
                == 1;
    }

    /** Stores the app, replacing the account's former one; false when another account has the same secret. */
    boolean upsert(EnvironmentId environment, Row app, String secretHash) {
        delete(app.account());
        return database.sql()
                        .sql("""
                        INSERT INTO totp (account_id, environment_id, sealed_secret, secret_hash, algorithm, digits,
                                          period_seconds, drift_steps, last_step, enrolled_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""")
                        .params(
                                app.account().value(),
                                environment.value(),
                                app.sealedSecret(),
                                secretHash,
                                app.totp().algorithm().name(),
                                app.totp().digits(),
                                app.totp().period().toSeconds(),
                                app.driftSteps(),
                                app.lastStep(),
                                Times.toMillis(app.enrolledAt()))
                        .update()
                == 1;
    }

    List<AccountId> accountsOf(EnvironmentId environment) {
        return database.sql()
                .sql("SELECT account_id FROM totp WHERE environment_id = ?")
                .param(environment.value())
                .query((row, _) -> new AccountId(row.getString("account_id")))
                .list();
    }

    boolean delete(AccountId account) {
        return database.sql()
                        .sql("DELETE FROM totp WHERE account_id = ?")
                        .param(account.value())
                        .update()
                == 1;
    }
}
