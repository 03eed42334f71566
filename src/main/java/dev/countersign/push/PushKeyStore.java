package dev.countersign.push;

import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** All SQL of push: secrets of the installation, each under a name. */
@Component
final class PushKeyStore {
    private final Database database;

    PushKeyStore(Database database) {
        this.database = database;
    }

    Optional<byte[]> find(String name) {
        return database.sql()
                .sql("SELECT sealed FROM installation_secret WHERE name = ?")
                .param(name)
                .query((row, _) -> row.getBytes("sealed"))
                .optional();
    }

    /** Keeps {@code sealed} unless another node was faster. */
    void keepFirst(String name, byte[] sealed, Instant now) {
        database.sql()
                .sql("INSERT INTO installation_secret (name, sealed, created_at) VALUES (?, ?, ?)"
                        + " ON CONFLICT (name) DO NOTHING")
                .params(name, sealed, Times.toMillis(now))
                .update();
    }
}
