package dev.countersign.factor.companion;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.PhoneId;
import dev.countersign.store.Database;
import dev.countersign.store.ForgetsAccounts;
import dev.countersign.store.SecretVersions;
import dev.countersign.store.Times;
import dev.countersign.vault.PhoneKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** All SQL of phones. */
@Component
final class PhoneStore implements ForgetsAccounts {
    private static final String COLUMNS = """
            id, environment_id, account_id, name, public_key, origin, paired_at, last_seen_at, codes_taken, push_failed_at,
            CASE WHEN sealed_subscription IS NULL THEN 0 ELSE 1 END AS notified""";

    private static final String VERSION = SecretVersions.column("phone.account_id", "'phone/' || phone.id");

    private static final String SUBSCRIPTION_VERSION =
            SecretVersions.column("phone.account_id", "'subscription/' || phone.id");

    private final Database database;

    PhoneStore(Database database) {
        this.database = database;
    }

    /** The secret of a phone's own codes. */
    record Codes(
            PhoneId phone,
            AccountId account,
            byte[] sealed,
            long version,
            boolean taken,
            long lastStep,
            Instant since,
            Optional<Instant> usedAt) {}

    @Override
    public void forget(AccountId account) {
        for (String table : List.of("phone", "phone_pairing", "approval", "approval_restraint")) {
            database.sql()
                    .sql("DELETE FROM " + table + " WHERE account_id = ?")
                    .param(account.value())
                    .update();
        }
    }

    void insert(Phone phone, byte[] sealedCodes, byte[] sealedBinding, long firstStep) {
        database.sql()
                .sql("""
                        INSERT INTO phone (id, environment_id, account_id, name, thumbprint, public_key, origin, paired_at,
                                           last_seen_at, sealed_codes, sealed_binding, codes_taken, codes_last_step)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)""")
                .params(
                        phone.id().value(),
                        phone.environment().value(),
                        phone.account().value(),
                        phone.name(),
                        phone.key().thumbprint(),
                        phone.key().stored(),
                        phone.origin(),
                        Times.toMillis(phone.pairedAt()),
                        Times.toMillis(phone.lastSeenAt()),
                        sealedCodes,
                        sealedBinding,
                        firstStep)
                .update();
    }

    List<Phone> of(AccountId account) {
        return database.sql()
                .sql("SELECT " + COLUMNS + " FROM phone WHERE account_id = ? ORDER BY paired_at, id")
                .param(account.value())
                .query((row, _) -> phone(row))
                .list();
    }

    /** A phone and the seal around its key; absent where an earlier version wrote it. */
    record Bound(Phone phone, Optional<byte[]> sealedBinding, long version) {}

    /** To be asked through {@link Phones#find}, which looks whether the key is this account's. */
    Optional<Bound> find(EnvironmentId environment, String thumbprint) {
        return database.sql()
                .sql("SELECT " + COLUMNS + ", sealed_binding, " + VERSION
                        + " AS version FROM phone WHERE thumbprint = ? AND environment_id = ?")
                .params(thumbprint, environment.value())
                .query((row, _) -> new Bound(
                        phone(row), Optional.ofNullable(row.getBytes("sealed_binding")), row.getLong("version")))
                .optional();
    }

    boolean exists(String thumbprint) {
        return database.sql()
                .sql("SELECT 1 FROM phone WHERE thumbprint = ?")
                .param(thumbprint)
                .query(Integer.class)
                .optional()
                .isPresent();
    }

    private static Phone phone(ResultSet row) throws SQLException {
        return new Phone(
                new PhoneId(row.getString("id")),
                new EnvironmentId(row.getString("environment_id")),
                new AccountId(row.getString("account_id")),
                row.getString("name"),
                PhoneKey.ofStored(row.getString("public_key")),
                row.getString("origin"),
                Times.get(row, "paired_at"),
                Times.get(row, "last_seen_at"),
                row.getInt("codes_taken") == 1,
                row.getInt("notified") == 1,
                Times.find(row, "push_failed_at"));
    }

    void noteSeen(PhoneId phone, Instant now) {
        database.sql()
                .sql("UPDATE phone SET last_seen_at = ?, codes_taken = 1 WHERE id = ?")
                .params(Times.toMillis(now), phone.value())
                .update();
    }

    boolean rename(AccountId account, PhoneId phone, String name) {
        return database.sql()
                        .sql("UPDATE phone SET name = ? WHERE id = ? AND account_id = ?")
                        .params(name, phone.value(), account.value())
                        .update()
                == 1;
    }

    boolean delete(AccountId account, PhoneId phone) {
        return database.sql()
                        .sql("DELETE FROM phone WHERE id = ? AND account_id = ?")
                        .params(phone.value(), account.value())
                        .update()
                == 1;
    }

    int deleteAll(AccountId account) {
        return database.sql()
                .sql("DELETE FROM phone WHERE account_id = ?")
                .param(account.value())
                .update();
    }

    List<Codes> codes(AccountId account) {
        return database.sql()
                .sql("""
                        SELECT id, sealed_codes, codes_taken, codes_last_step, paired_at, codes_last_used_at, %s AS version
                        FROM phone WHERE account_id = ? ORDER BY paired_at, id""".formatted(VERSION))
                .param(account.value())
                .query((row, _) -> new Codes(
                        new PhoneId(row.getString("id")),
                        account,
                        row.getBytes("sealed_codes"),
                        row.getLong("version"),
                        row.getInt("codes_taken") == 1,
                        row.getLong("codes_last_step"),
                        Times.get(row, "paired_at"),
                        Times.find(row, "codes_last_used_at")))
                .list();
    }

    /** Uses up a step of a phone's codes, once: later steps only. */
    boolean consumeStep(PhoneId phone, long step, Instant now) {
        return database.sql()
                        .sql("""
                        UPDATE phone SET codes_last_step = ?, codes_last_used_at = ?
                        WHERE id = ? AND codes_last_step < ?""")
                        .params(step, Times.toMillis(now), phone.value(), step)
                        .update()
                == 1;
    }

    void updateSubscription(PhoneId phone, Optional<byte[]> sealed) {
        database.sql()
                .sql("UPDATE phone SET sealed_subscription = ?, push_failed_at = NULL WHERE id = ?")
                .param(1, sealed.orElse(null), Types.BINARY)
                .param(2, phone.value())
                .update();
    }

    /** Drops a subscription its push service no longer knows. */
    void noteRingFailed(PhoneId phone, Instant now) {
        database.sql()
                .sql("UPDATE phone SET sealed_subscription = NULL, push_failed_at = ? WHERE id = ?")
                .params(Times.toMillis(now), phone.value())
                .update();
    }

    /** Where a phone is rung. */
    record Ring(byte[] sealed, long version) {}

    Optional<Ring> subscription(PhoneId phone) {
        return database.sql()
                .sql("SELECT sealed_subscription, " + SUBSCRIPTION_VERSION
                        + " AS version FROM phone WHERE id = ? AND sealed_subscription IS NOT NULL")
                .param(phone.value())
                .query((row, _) -> new Ring(row.getBytes("sealed_subscription"), row.getLong("version")))
                .optional();
    }

    /**
     * Notes a proof as used; false when it was, or when it may have been before this database was restored.
     *
     * @param before a phone whose clock is right made the proof at this moment or later
     */
    boolean consumeProof(String proofHash, Instant before, Instant expiresAt) {
        return database.sql()
                        .sql("""
                        INSERT INTO phone_proof (proof_hash, expires_at)
                        SELECT :hash, :expires WHERE NOT EXISTS (SELECT 1 FROM restoration WHERE restored_at >= :before)
                        ON CONFLICT DO NOTHING""")
                        .param("hash", proofHash)
                        .param("before", Times.toMillis(before))
                        .param("expires", Times.toMillis(expiresAt))
                        .update()
                == 1;
    }

    int deleteOldProofs(Instant now) {
        return database.sql()
                .sql("DELETE FROM phone_proof WHERE expires_at <= ?")
                .param(Times.toMillis(now))
                .update();
    }
}
