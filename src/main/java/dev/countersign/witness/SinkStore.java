package dev.countersign.witness;

import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.springframework.stereotype.Component;

/** All SQL of what places outside have been told. */
@Component
final class SinkStore {
    private final Database database;

    SinkStore(Database database) {
        this.database = database;
    }

    /** The number of the last checkpoint that was told; 0 when none was. */
    long told(String sink, String environment) {
        return database.sql()
                .sql("SELECT number FROM activity_sink WHERE name = ? AND environment_id = ?")
                .params(sink, environment)
                .query(Long.class)
                .optional()
                .orElse(0L);
    }

    /** The number of the last checkpoint that was told, by environment. */
    Map<String, Long> told(String sink) {
        Map<String, Long> told = new HashMap<>();
        database.sql()
                .sql("SELECT environment_id, number FROM activity_sink WHERE name = ?")
                .param(sink)
                .query(row -> {
                    told.put(row.getString("environment_id"), row.getLong("number"));
                });
        return told;
    }

    /** Takes the place for one attempt; of several nodes, one gets it. It is free again at {@code until}. */
    boolean claim(String sink, String environment, Instant until, Instant now) {
        return database.sql()
                        .sql("""
                                INSERT INTO activity_sink (name, environment_id, number, told_at, leased_until)
                                VALUES (?, ?, 0, 0, ?)
                                ON CONFLICT (name, environment_id) DO UPDATE SET leased_until = excluded.leased_until
                                WHERE activity_sink.leased_until <= ?""")
                        .params(sink, environment, Times.toMillis(until), Times.toMillis(now))
                        .update()
                == 1;
    }

    void release(String sink, String environment, long number, Instant now) {
        database.sql()
                .sql("UPDATE activity_sink SET number = ?, told_at = ?, leased_until = 0"
                        + " WHERE name = ? AND environment_id = ?")
                .params(number, Times.toMillis(now), sink, environment)
                .update();
    }
}
