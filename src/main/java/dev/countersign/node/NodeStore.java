package dev.countersign.node;

import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.time.Instant;
import java.util.List;
import org.springframework.stereotype.Component;

/** All SQL of the servers that run on one database. */
@Component
final class NodeStore {
    private final Database database;

    NodeStore(Database database) {
        this.database = database;
    }

    void upsert(String id, Nodes.Facts facts, Instant now) {
        database.sql()
                .sql("""
                        INSERT INTO node (id, settings, known_keys, primary_key, started_at, seen_at)
                        VALUES (:id, :settings, :keys, :primary, :now, :now)
                        ON CONFLICT (id) DO UPDATE
                        SET settings = :settings, known_keys = :keys, primary_key = :primary, seen_at = :now""")
                .param("id", id)
                .param("settings", facts.settings())
                .param("keys", String.join(" ", facts.keys()))
                .param("primary", facts.primaryKey())
                .param("now", Times.toMillis(now))
                .update();
    }

    void delete(String id) {
        database.sql().sql("DELETE FROM node WHERE id = ?").param(id).update();
    }

    void deleteSilentSince(Instant moment) {
        database.sql()
                .sql("DELETE FROM node WHERE seen_at < ?")
                .param(Times.toMillis(moment))
                .update();
    }

    /** The servers that have been seen since. */
    List<Nodes.Node> seenSince(Instant moment) {
        return database.sql()
                .sql("SELECT id, settings, known_keys, primary_key FROM node WHERE seen_at >= ? ORDER BY id")
                .param(Times.toMillis(moment))
                .query((row, _) -> new Nodes.Node(
                        row.getString("id"),
                        new Nodes.Facts(
                                row.getString("settings"),
                                List.of(row.getString("known_keys").split(" ", -1)),
                                row.getString("primary_key"))))
                .list();
    }
}
