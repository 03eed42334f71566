package dev.countersign.setup;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.time.Instant;
import org.springframework.stereotype.Component;

/** All SQL of set-up links. */
@Component
final class SetupStore {
    private final Database database;

    SetupStore(Database database) {
        this.database = database;
    }

    void replace(EnvironmentId environment, String tokenHash, Instant expiresAt) {
        database.sql()
                .sql("DELETE FROM setup_link WHERE environment_id = ?")
                .param(environment.value())
                .update();
        database.sql()
                .sql("INSERT INTO setup_link (token_hash, environment_id, expires_at) VALUES (?, ?, ?)")
                .params(tokenHash, environment.value(), Times.toMillis(expiresAt))
                .update();
    }

    boolean exists(EnvironmentId environment, String tokenHash, Instant now) {
        return database.sql()
                .sql("SELECT 1 FROM setup_link WHERE token_hash = ? AND environment_id = ? AND expires_at > ?")
                .params(tokenHash, environment.value(), Times.toMillis(now))
                .query(Integer.class)
                .optional()
                .isPresent();
    }

    /** Uses the link up, once. */
    boolean consume(EnvironmentId environment, String tokenHash, Instant now) {
        return database.sql()
                .sql("""
                        DELETE FROM setup_link WHERE token_hash = ? AND environment_id = ? AND expires_at > ?
                        RETURNING token_hash""")
                .params(tokenHash, environment.value(), Times.toMillis(now))
                .query((row, _) -> row.getString("token_hash"))
                .optional()
                .isPresent();
    }
}
