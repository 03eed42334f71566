package dev.countersign.factor.totp;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.store.ForgetsAccounts;
import dev.countersign.store.SecretVersions;
import dev.countersign.store.Times;
import dev.countersign.vault.Hmac;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** All SQL of authenticator apps. */
@Component
final class TotpStore implements ForgetsAccounts {
    private static final String VERSION = SecretVersions.column("totp.account_id", "'" + Apps.PLACE + "'");

    private final Database database;

    TotpStore(Database database) {
        this.database = database;
    }

    @Override
    public void forget(AccountId account) {
        database.sql()
                .sql("DELETE FROM totp WHERE account_id = ?")
                .param(account.value())
                .update();
    }

    record Row(
            AccountId account,
            byte[] sealedSecret,
            long version,
            Totp totp,
            int driftSteps,
            long lastStep,
            Instant enrolledAt,
            Optional<Instant> lastUsedAt) {}

    Optional<Row> find(AccountId account) {
        return database.sql()
                .sql("""
                        SELECT sealed_secret, algorithm, digits, period_seconds, drift_steps, last_step, enrolled_at,
                               last_used_at, %s AS version
                        FROM totp WHERE account_id = ?""".formatted(VERSION))
                .param(account.value())
                .query((row, _) -> new Row(
                        account,
                        row.getBytes("sealed_secret"),
                        row.getLong("version"),
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
                        WHERE account_id = :account AND enrolled_at = :enrolledAt AND last_step < :step
                          AND NOT EXISTS (SELECT 1 FROM totp_named_step n
                                          WHERE n.account_id = :account AND n.step = :step)""")
                        .param("step", step)
                        .param("now", Times.toMillis(now))
                        .param("account", app.account().value())
                        .param("enrolledAt", Times.toMillis(app.enrolledAt()))
                        .update()
                == 1;
    }

    /**
     * Stores the app in place of the account's former one; false, and nothing is changed, when another account has the same
     * secret. The same secret once more keeps its used steps used.
     *
     * @param secretHashes that of the newest key first, then those of the others
     */
    boolean upsert(EnvironmentId environment, Row app, List<String> secretHashes) {
        return database.sql()
                        .sql("""
                        INSERT INTO totp AS t (account_id, environment_id, sealed_secret, secret_hash, algorithm, digits,
                                               period_seconds, drift_steps, last_step, enrolled_at)
                        SELECT :account, :environment, :secret, :hash, :algorithm, :digits, :period, :drift, :step, :now
                        WHERE NOT EXISTS (SELECT 1 FROM totp WHERE secret_hash IN (:hashes) AND account_id <> :account)
                        ON CONFLICT (account_id) DO UPDATE
                        SET sealed_secret = excluded.sealed_secret, secret_hash = excluded.secret_hash,
                            algorithm = excluded.algorithm, digits = excluded.digits,
                            period_seconds = excluded.period_seconds, drift_steps = excluded.drift_steps,
                            last_step = CASE WHEN t.secret_hash IN (:hashes) AND t.last_step > excluded.last_step
                                             THEN t.last_step ELSE excluded.last_step END,
                            enrolled_at = excluded.enrolled_at, last_used_at = NULL""")
                        .param("account", app.account().value())
                        .param("environment", environment.value())
                        .param("secret", app.sealedSecret())
                        .param("hash", secretHashes.getFirst())
                        .param("hashes", secretHashes)
                        .param("algorithm", app.totp().algorithm().name())
                        .param("digits", app.totp().digits())
                        .param("period", app.totp().period().toSeconds())
                        .param("drift", app.driftSteps())
                        .param("step", app.lastStep())
                        .param("now", Times.toMillis(app.enrolledAt()))
                        .update()
                == 1;
    }

    /** Adds apps to accounts that have none, with secrets no other has. */
    void insertAll(EnvironmentId environment, List<Row> apps, List<String> secretHashes) {
        List<Object[]> rows = new ArrayList<>();
        for (int i = 0; i < apps.size(); i++) {
            Row app = apps.get(i);
            rows.add(new Object[] {
                app.account().value(),
                environment.value(),
                app.sealedSecret(),
                secretHashes.get(i),
                app.totp().algorithm().name(),
                app.totp().digits(),
                app.totp().period().toSeconds(),
                app.driftSteps(),
                app.lastStep(),
                Times.toMillis(app.enrolledAt())
            });
        }
        database.batch("""
                INSERT INTO totp (account_id, environment_id, sealed_secret, secret_hash, algorithm, digits, period_seconds,
                                  drift_steps, last_step, enrolled_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""", rows);
    }

    Set<AccountId> having(Collection<AccountId> accounts) {
        return Set.copyOf(database.sql()
                .sql("SELECT account_id FROM totp WHERE account_id IN (:accounts)")
                .param("accounts", accounts.stream().map(AccountId::value).toList())
                .query((row, _) -> new AccountId(row.getString("account_id")))
                .list());
    }

    /** Whose secrets have these hashes. */
    Map<String, AccountId> ownersOf(Collection<String> secretHashes) {
        Map<String, AccountId> owners = new HashMap<>();
        database.sql()
                .sql("SELECT secret_hash, account_id FROM totp WHERE secret_hash IN (:hashes)")
                .param("hashes", List.copyOf(secretHashes))
                .query(row -> {
                    owners.put(row.getString("secret_hash"), new AccountId(row.getString("account_id")));
                });
        return owners;
    }

    long count(EnvironmentId environment) {
        return database.sql()
                .sql("SELECT count(*) FROM totp WHERE environment_id = ?")
                .param(environment.value())
                .query(Long.class)
                .single();
    }

    boolean delete(AccountId account) {
        return database.sql()
                        .sql("DELETE FROM totp WHERE account_id = ?")
                        .param(account.value())
                        .update()
                == 1;
    }
}
