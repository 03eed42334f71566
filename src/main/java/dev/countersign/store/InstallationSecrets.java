package dev.countersign.store;

import java.time.Instant;
import java.util.Optional;

/** Secrets of the installation as a whole, sealed, each under a name and made once. */
public final class InstallationSecrets {
    private final Database database;

    public InstallationSecrets(Database database) {
        this.database = database;
    }

    public Optional<byte[]> find(String name) {
        return database.sql()
                .sql("SELECT sealed FROM installation_secret WHERE name = ?")
                .param(name)
                .query((row, _) -> row.getBytes("sealed"))
                .optional();
    }

    /**
     * Keeps {@code sealed} unless another node was faster, and answers what is kept. Never part of the caller's transaction,
     * which could be taken back after the secret was used.
     */
    public byte[] keepFirst(String name, byte[] sealed, Instant now) {
        return database.writeApart(() -> {
            database.sql()
                    .sql("INSERT INTO installation_secret (name, sealed, created_at) VALUES (?, ?, ?)"
                            + " ON CONFLICT (name) DO NOTHING")
                    .params(name, sealed, Times.toMillis(now))
                    .update();
            return find(name).orElseThrow();
        });
    }
}
