package dev.countersign.administration;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** All SQL of announced starts. */
@Component
final class StartAnnouncementStore {
    private final Database database;

    StartAnnouncementStore(Database database) {
        this.database = database;
    }

    /** The account after which the announcement of this date goes on; nothing when all have been written to. */
    Optional<String> position(EnvironmentId environment, Instant startsAt) {
        int begun = database.sql()
                .sql("""
                        INSERT INTO start_announcement (environment_id, starts_at, after_account)
                        VALUES (:environment, :start, '')
                        ON CONFLICT (environment_id) DO UPDATE
                        SET starts_at = :start, after_account = '', finished_at = NULL
                        WHERE start_announcement.starts_at <> :start""")
                .param("environment", environment.value())
                .param("start", Times.toMillis(startsAt))
                .update();
        return begun == 1
                ? Optional.of("")
                : database.sql()
                        .sql("""
                                SELECT after_account FROM start_announcement
                                WHERE environment_id = ? AND starts_at = ? AND finished_at IS NULL""")
                        .params(environment.value(), Times.toMillis(startsAt))
                        .query(String.class)
                        .optional();
    }

    /** Moves on from one account to another; of several nodes, one does. */
    boolean advance(EnvironmentId environment, Instant startsAt, String from, String to) {
        return database.sql()
                        .sql("""
                        UPDATE start_announcement SET after_account = ?
                        WHERE environment_id = ? AND starts_at = ? AND after_account = ? AND finished_at IS NULL""")
                        .params(to, environment.value(), Times.toMillis(startsAt), from)
                        .update()
                == 1;
    }

    void finish(EnvironmentId environment, Instant startsAt, Instant now) {
        database.sql()
                .sql("UPDATE start_announcement SET finished_at = ? WHERE environment_id = ? AND starts_at = ?")
                .params(Times.toMillis(now), environment.value(), Times.toMillis(startsAt))
                .update();
    }
}
