package dev.countersign.diagnosis;

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

    void upsert(String id, String settings, Instant now) {
        database.sql()
                .sql("""
                        INSERT INTO node (id, settings, started_at, seen_at) VALUES (:id, :settings, :now, :now)
                        ON CONFLICT (id) DO UPDATE SET settings = :settings, seen_at = :now""")
                .param("id", id)
                .param("settings", settings)
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

    /** The settings of the servers that have been seen since. */
    List<String> settingsSince(Instant moment) {
        return database.sql()
                .sql("SELECT settings FROM node WHERE seen_at >= ?")
                .param(Times.toMillis(moment))
                .query((row, _) -> row.getString("settings"))
                .list();
    }
}
