package dev.countersign.web;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** All SQL of requests that came with an Idempotency-Key. */
@Component
final class IdempotentRequestStore {
    private final Database database;

    IdempotentRequestStore(Database database) {
        this.database = database;
    }

    /** A request that came before. */
    record Row(String requestHash, Optional<byte[]> sealedAnswer, Instant startedAt) {}

    /** Takes the key for this request; false when another request has it. One statement, so that of two only one does. */
    boolean claim(EnvironmentId environment, String keyHash, String requestHash, Instant now, Instant end) {
        return database.sql()
                .sql("""
                        INSERT INTO idempotent_request AS r
                            (key_hash, environment_id, request_hash, sealed_answer, started_at, expires_at)
                        VALUES (:key, :environment, :request, NULL, :now, :end)
                        ON CONFLICT (key_hash) DO UPDATE
                        SET request_hash = :request, sealed_answer = NULL, started_at = :now, expires_at = :end
                        WHERE r.expires_at <= :now
                        RETURNING key_hash""")
                .param("key", keyHash)
                .param("environment", environment.value())
                .param("request", requestHash)
                .param("now", Times.toMillis(now))
                .param("end", Times.toMillis(end))
                .query(String.class)
                .optional()
                .isPresent();
    }

    Optional<Row> find(String keyHash) {
        return database.sql()
                .sql("SELECT request_hash, sealed_answer, started_at FROM idempotent_request WHERE key_hash = ?")
                .param(keyHash)
                .query((row, _) -> new Row(
                        row.getString("request_hash"),
                        Optional.ofNullable(row.getBytes("sealed_answer")),
                        Times.get(row, "started_at")))
                .optional();
    }

    void answer(String keyHash, byte[] sealedAnswer) {
        database.sql()
                .sql("UPDATE idempotent_request SET sealed_answer = ? WHERE key_hash = ?")
                .params(sealedAnswer, keyHash)
                .update();
    }

    void delete(String keyHash) {
        database.sql()
                .sql("DELETE FROM idempotent_request WHERE key_hash = ?")
                .param(keyHash)
                .update();
    }

    int deleteExpired(Instant now) {
        return database.sql()
                .sql("DELETE FROM idempotent_request WHERE expires_at <= ?")
                .param(Times.toMillis(now))
                .update();
    }
}
