package dev.countersign.keys;

import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.time.Instant;
import java.util.List;
import org.springframework.stereotype.Component;

/** All SQL of which server knows which keys. */
@Component
final class KeyHolderStore {
    private final Database database;

    KeyHolderStore(Database database) {
        this.database = database;
    }

    void upsert(String node, String known, String primary, Instant now) {
        database.sql()
                .sql("""
                        INSERT INTO key_holder (node_id, known_keys, primary_key, seen_at) VALUES (?, ?, ?, ?)
                        ON CONFLICT (node_id) DO UPDATE
                        SET known_keys = excluded.known_keys, primary_key = excluded.primary_key,
                            seen_at = excluded.seen_at""")
                .params(node, known, primary, Times.toMillis(now))
                .update();
    }

    List<KeyHolders.Holder> seenSince(Instant since) {
        return database.sql()
                .sql("SELECT node_id, known_keys, primary_key FROM key_holder WHERE seen_at >= ? ORDER BY node_id")
                .param(Times.toMillis(since))
                .query((row, _) -> new KeyHolders.Holder(
                        row.getString("node_id"),
                        List.of(row.getString("known_keys").split(" ", -1)),
                        row.getString("primary_key")))
                .list();
    }

    void delete(String node) {
        database.sql()
                .sql("DELETE FROM key_holder WHERE node_id = ?")
                .param(node)
                .update();
    }

    void deleteBefore(Instant before) {
        database.sql()
                .sql("DELETE FROM key_holder WHERE seen_at < ?")
                .param(Times.toMillis(before))
                .update();
    }
}
