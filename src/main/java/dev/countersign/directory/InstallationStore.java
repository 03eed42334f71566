package dev.countersign.directory;

import dev.countersign.store.Database;
import java.util.Optional;

/** All SQL of the installation's own row. */
final class InstallationStore {
    private InstallationStore() {}

    static Optional<byte[]> findCheck(Database database, String id) {
        return database.sql()
                .sql("SELECT sealed_check FROM installation WHERE id = ?")
                .param(id)
                .query((row, _) -> row.getBytes("sealed_check"))
                .optional();
    }

    static int insert(Database database, String id, byte[] sealed, long createdAt) {
        return database.sql()
                .sql("INSERT INTO installation (id, sealed_check, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
                .params(id, sealed, createdAt)
                .update();
    }
}
