package dev.countersign.moving;

import dev.countersign.administration.Administrator;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** All SQL of imports. */
@Component
final class MovingStore {
    private final Database database;

    MovingStore(Database database) {
        this.database = database;
    }

    /** The import of this file, with the same options, that has not come to its end. */
    Optional<ImportRun> findUnfinished(EnvironmentId environment, String fileHash, String options) {
        return database.sql()
                .sql("""
                        SELECT id, position, created, changed, unchanged, refused FROM import_run
                        WHERE environment_id = ? AND file_hash = ? AND options = ? AND finished_at IS NULL
                        ORDER BY started_at DESC LIMIT 1""")
                .params(environment.value(), fileHash, options)
                .query((row, _) -> new ImportRun(
                        row.getString("id"),
                        row.getLong("position"),
                        new Counts(
                                row.getLong("created"),
                                row.getLong("changed"),
                                row.getLong("unchanged"),
                                row.getLong("refused"))))
                .optional();
    }

    void insert(ImportRun run, Administrator by, String fileHash, String fileName, String options, Instant now) {
        database.sql()
                .sql("""
                        INSERT INTO import_run (id, environment_id, file_hash, file_name, options, actor_name, position,
                                                created, changed, unchanged, refused, started_at, updated_at)
                        VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, ?, ?)""")
                .params(
                        run.id(),
                        by.environment().value(),
                        fileHash,
                        fileName,
                        options,
                        by.actor().name(),
                        Times.toMillis(now),
                        Times.toMillis(now))
                .update();
    }

    /** Moves the run on, once: false when someone else has moved it meanwhile. */
    boolean consumePosition(ImportRun before, ImportRun after, Instant now) {
        return database.sql()
                        .sql("""
                        UPDATE import_run SET position = ?, created = ?, changed = ?, unchanged = ?, refused = ?, updated_at = ?
                        WHERE id = ? AND position = ? AND finished_at IS NULL""")
                        .params(
                                after.position(),
                                after.counts().created(),
                                after.counts().changed(),
                                after.counts().unchanged(),
                                after.counts().refused(),
                                Times.toMillis(now),
                                before.id(),
                                before.position())
                        .update()
                == 1;
    }

    void finish(ImportRun run, Instant now) {
        database.sql()
                .sql("UPDATE import_run SET finished_at = ? WHERE id = ?")
                .params(Times.toMillis(now), run.id())
                .update();
    }

    void insertRefusals(ImportRun run, List<Verdict.Refused> refusals) {
        database.batch(
                "INSERT INTO import_refusal (run_id, line, username, reason, code, arguments) VALUES (?, ?, ?, ?, ?, ?)",
                refusals.stream().map(refusal -> row(run, refusal)).toList());
    }

    private static Object[] row(ImportRun run, Verdict.Refused refusal) {
        Reason reason = refusal.reason();
        return new Object[] {
            run.id(), refusal.line(), refusal.username(), reason.english(), reason.wireName(), reason.argumentsWritten()
        };
    }

    /** Refused lines of a run after the one with this number, in order. */
    List<MovingIn.NumberedRefusal> refusals(EnvironmentId environment, String run, long after, int limit) {
        return database.sql()
                .sql("""
                        SELECT number, line, username, reason, code, arguments FROM import_refusal
                        WHERE run_id = (SELECT id FROM import_run WHERE id = ? AND environment_id = ?) AND number > ?
                        ORDER BY number LIMIT ?""")
                .params(run, environment.value(), after, limit)
                .query((row, _) -> new MovingIn.NumberedRefusal(
                        row.getLong("number"),
                        new Verdict.Refused(
                                row.getLong("line"),
                                row.getString("username"),
                                Reason.read(
                                        row.getString("code"), row.getString("arguments"), row.getString("reason")))))
                .list();
    }
}
