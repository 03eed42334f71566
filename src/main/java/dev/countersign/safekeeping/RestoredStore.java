package dev.countersign.safekeeping;

import dev.countersign.store.Database;
import dev.countersign.store.Dialect;
import dev.countersign.store.Times;
import java.time.Instant;
import java.util.List;
import org.springframework.stereotype.Component;

/** All SQL that makes a restored database safe to serve. */
@Component
final class RestoredStore {
    /** In an order that satisfies references. */
    static final List<String> ENDED = List.of(
            "session",
            "pending_sign_in",
            "known_browser",
            "recovery_code",
            "recovery_resumption",
            "setup_link",
            "mail_link",
            "mail_queue",
            "challenge",
            "idempotent_request",
            "phone_pairing",
            "import_file_piece",
            "import_file",
            "signal",
            "node",
            "key_holder");

    private final Database database;

    RestoredStore(Database database) {
        this.database = database;
    }

    /** Many rows change at once: as long as it takes. */
    void takeTime() {
        if (database.dialect() == Dialect.POSTGRESQL) {
            database.sql().sql("SET LOCAL statement_timeout = 0").update();
        }
    }

    /** The time of the newest thing the database knows of. */
    Instant newest() {
        return Instant.ofEpochMilli(database.sql()
                .sql("SELECT coalesce(max(at), 0) FROM activity")
                .query(Long.class)
                .single());
    }

    long count(String table) {
        return database.sql()
                .sql("SELECT count(*) FROM " + table)
                .query(Long.class)
                .single();
    }

    void end() {
        ENDED.forEach(table -> database.sql().sql("DELETE FROM " + table).update());
    }

    /**
     * Uses up every step a code can have been accepted for until {@code latest}: that of the moment as the phone's clock shows
     * it, and the one after it (AC-011). The phones that are paired make codes of 30 seconds.
     */
    void raiseSteps(Instant latest) {
        long seconds = latest.getEpochSecond();
        database.sql().sql("""
                        UPDATE totp SET last_step = :seconds / period_seconds + drift_steps + 1
                        WHERE last_step < :seconds / period_seconds + drift_steps + 1""").param("seconds", seconds).update();
        database.sql()
                .sql("UPDATE phone SET codes_last_step = :step WHERE codes_last_step < :step")
                .param("step", seconds / 30 + 1)
                .update();
    }

    /** What waits for an answer or for its turn waits no more. */
    void stopWhatWaits(Instant now) {
        long millis = Times.toMillis(now);
        database.sql()
                .sql("UPDATE replacement_code SET expires_at = :now WHERE used_at IS NULL AND expires_at > :now")
                .param("now", millis)
                .update();
        database.sql()
                .sql("UPDATE approval SET state = 'WITHDRAWN', changed_at = ? WHERE state IN ('OPEN', 'APPROVED')")
                .param(millis)
                .update();
        database.sql()
                .sql("DELETE FROM bulk_job WHERE started_at IS NULL AND finished_at IS NULL")
                .update();
        database.sql()
                .sql(
                        "UPDATE bulk_job SET cancelled_at = coalesce(cancelled_at, :now), finished_at = :now WHERE finished_at IS NULL")
                .param("now", millis)
                .update();
    }

    int revokeApiKeys(Instant now) {
        return database.sql()
                .sql("UPDATE api_key SET revoked_at = ? WHERE revoked_at IS NULL")
                .param(Times.toMillis(now))
                .update();
    }

    void note(String id, BackupHeader backup, Instant now) {
        database.sql()
                .sql("INSERT INTO restoration (id, backup_id, backup_at, restored_at) VALUES (?, ?, ?, ?)")
                .params(id, backup.id(), Times.toMillis(backup.at()), Times.toMillis(now))
                .update();
    }
}
