package dev.countersign.factor.totp;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.store.SecretVersions;
import dev.countersign.store.Times;
import dev.countersign.vault.Hmac;
import dev.countersign.vault.Place;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** All SQL of what only explains wrong codes: secrets of former apps, and steps that were named. */
@Component
final class FormerTotpStore {
    /** What replacements are counted under. */
    static final String PLACE = "former_totp";

    private static final String VERSION = SecretVersions.column("former_totp.account_id", "'" + PLACE + "'");

    private final Database database;

    FormerTotpStore(Database database) {
        this.database = database;
    }

    record Row(byte[] sealedSecret, long version, Totp totp) {}

    /** Another place than that of an app: a row copied there does not open. */
    static Place place(AccountId account, long version) {
        return new Place("former_totp", "sealed_secret", account.value()).of(account.value(), version);
    }

    Optional<Row> find(AccountId account, Instant now) {
        return database.sql()
                .sql("""
                        SELECT sealed_secret, algorithm, digits, period_seconds, %s AS version FROM former_totp
                        WHERE account_id = ? AND expires_at > ?""".formatted(VERSION))
                .params(account.value(), Times.toMillis(now))
                .query((row, _) -> new Row(
                        row.getBytes("sealed_secret"),
                        row.getLong("version"),
                        new Totp(
                                Hmac.valueOf(row.getString("algorithm")),
                                row.getInt("digits"),
                                Duration.ofSeconds(row.getInt("period_seconds")))))
                .optional();
    }

    void replace(EnvironmentId environment, AccountId account, Row row, Instant expiresAt) {
        database.sql()
                .sql("""
                        INSERT INTO former_totp (account_id, environment_id, sealed_secret, algorithm, digits,
                                                 period_seconds, expires_at)
                        VALUES (:account, :environment, :secret, :algorithm, :digits, :period, :end)
                        ON CONFLICT (account_id) DO UPDATE
                        SET sealed_secret = :secret, algorithm = :algorithm, digits = :digits,
                            period_seconds = :period, expires_at = :end""")
                .param("account", account.value())
                .param("environment", environment.value())
                .param("secret", row.sealedSecret())
                .param("algorithm", row.totp().algorithm().name())
                .param("digits", row.totp().digits())
                .param("period", row.totp().period().toSeconds())
                .param("end", Times.toMillis(expiresAt))
                .update();
        database.sql()
                .sql("DELETE FROM totp_named_step WHERE account_id = ?")
                .param(account.value())
                .update();
    }

    /** This step of the app is never accepted any more. */
    void nameStep(TotpStore.Row app, long step) {
        database.sql()
                .sql("""
                        INSERT INTO totp_named_step (account_id, environment_id, step)
                        SELECT account_id, environment_id, :step FROM totp WHERE account_id = :account
                        ON CONFLICT (account_id, step) DO NOTHING""")
                .param("step", step)
                .param("account", app.account().value())
                .update();
    }

    int deleteUntil(Instant now) {
        return database.sql()
                .sql("DELETE FROM former_totp WHERE expires_at <= ?")
                .param(Times.toMillis(now))
                .update();
    }
}
