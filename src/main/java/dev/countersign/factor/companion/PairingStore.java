package dev.countersign.factor.companion;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.PairingId;
import dev.countersign.kernel.PhoneId;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import dev.countersign.vault.PhoneKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** All SQL of phones being paired. */
@Component
final class PairingStore {
    private static final String COLUMNS = """
            id, environment_id, account_id, begun_from, origin, language, state, public_key, phone_name, phone_id, expires_at""";

    private final Database database;

    PairingStore(Database database) {
        this.database = database;
    }

    void insert(Pairing pairing, String codeHash, Instant now) {
        database.sql()
                .sql("""
                        INSERT INTO phone_pairing (id, environment_id, account_id, begun_from, origin, language, code_hash, state,
                                                   expires_at, changed_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?, 'OFFERED', ?, ?)""")
                .params(
                        pairing.id().value(),
                        pairing.environment().value(),
                        pairing.account().value(),
                        pairing.begunFrom(),
                        pairing.origin(),
                        pairing.language(),
                        codeHash,
                        Times.toMillis(pairing.expiresAt()),
                        Times.toMillis(now))
                .update();
    }

    Optional<Pairing> find(EnvironmentId environment, PairingId id) {
        return find("id = ?", environment, id.value());
    }

    Optional<Pairing> findByCode(EnvironmentId environment, String codeHash) {
        return find("code_hash = ?", environment, codeHash);
    }

    Optional<Pairing> begunFrom(EnvironmentId environment, String begunFrom) {
        return find("begun_from = ?", environment, begunFrom);
    }

    private Optional<Pairing> find(String condition, EnvironmentId environment, String value) {
        return database.sql()
                .sql("SELECT " + COLUMNS + " FROM phone_pairing WHERE " + condition
                        + " AND environment_id = ? ORDER BY expires_at DESC LIMIT 1")
                .params(value, environment.value())
                .query((row, _) -> pairing(row))
                .optional();
    }

    private static Pairing pairing(ResultSet row) throws SQLException {
        String key = row.getString("public_key");
        return new Pairing(
                new PairingId(row.getString("id")),
                new EnvironmentId(row.getString("environment_id")),
                new AccountId(row.getString("account_id")),
                row.getString("begun_from"),
                row.getString("origin"),
                row.getString("language"),
                Pairing.State.valueOf(row.getString("state")),
                key == null
                        ? Optional.empty()
                        : Optional.of(new Pairing.Offer(PhoneKey.ofStored(key), row.getString("phone_name"))),
                Optional.ofNullable(row.getString("phone_id")).map(PhoneId::new),
                Times.get(row, "expires_at"));
    }

    /** Takes an offered pairing for one phone, once. */
    boolean consumeOffered(PairingId id, Pairing.Offer offer, Instant now) {
        return database.sql()
                        .sql("""
                        UPDATE phone_pairing
                        SET state = 'CLAIMED', thumbprint = ?, public_key = ?, phone_name = ?, changed_at = ?
                        WHERE id = ? AND state = 'OFFERED' AND expires_at > ?""")
                        .params(
                                offer.key().thumbprint(),
                                offer.key().stored(),
                                offer.name(),
                                Times.toMillis(now),
                                id.value(),
                                Times.toMillis(now))
                        .update()
                == 1;
    }

    /** Confirms a claimed pairing, once. */
    boolean consumeClaimed(PairingId id, PhoneId phone, Instant now) {
        return database.sql()
                        .sql("""
                        UPDATE phone_pairing SET state = 'CONFIRMED', phone_id = ?, changed_at = ?
                        WHERE id = ? AND state = 'CLAIMED' AND expires_at > ?""")
                        .params(phone.value(), Times.toMillis(now), id.value(), Times.toMillis(now))
                        .update()
                == 1;
    }

    boolean refuse(PairingId id, Instant now) {
        return database.sql().sql("""
                        UPDATE phone_pairing SET state = 'REFUSED', changed_at = ?
                        WHERE id = ? AND state IN ('OFFERED', 'CLAIMED')""").params(Times.toMillis(now), id.value()).update() == 1;
    }

    /** Pairings not finished end when their owner begins another. */
    void refuseOthers(AccountId account, Instant now) {
        database.sql().sql("""
                        UPDATE phone_pairing SET state = 'REFUSED', changed_at = ?
                        WHERE account_id = ? AND state IN ('OFFERED', 'CLAIMED')""").params(Times.toMillis(now), account.value()).update();
    }

    int deleteOld(Instant before) {
        return database.sql()
                .sql("DELETE FROM phone_pairing WHERE expires_at < ?")
                .param(Times.toMillis(before))
                .update();
    }
}
