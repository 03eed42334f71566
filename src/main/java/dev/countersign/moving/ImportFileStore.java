package dev.countersign.moving;

import dev.countersign.administration.Administrator;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** All SQL of files that wait to be taken in, or are. */
@Component
final class ImportFileStore {
    private static final String SELECT = """
            SELECT id, environment_id, kind, replace_factors, name, bytes, account_id, actor_name, door, address, created_at,
                   started_at, finished_at, bytes_read, created, changed, unchanged, refused, run_id, problem FROM import_file
            """;

    private final Database database;

    ImportFileStore(Database database) {
        this.database = database;
    }

    void insert(
            String id,
            Administrator by,
            AccountId giver,
            ImportFile.Kind kind,
            boolean replaceFactors,
            String name,
            Instant now) {
        database.sql()
                .sql("""
                        INSERT INTO import_file (id, environment_id, kind, replace_factors, name, bytes, account_id, actor_name,
                                                 door, address, created_at)
                        VALUES (?, ?, ?, ?, ?, -1, ?, ?, ?, ?, ?)""")
                .params(
                        id,
                        by.environment().value(),
                        kind.name(),
                        replaceFactors ? 1L : 0L,
                        name,
                        giver.value(),
                        by.actor().name(),
                        by.origin().door(),
                        by.origin().address(),
                        Times.toMillis(now))
                .update();
    }

    void insertPiece(String id, long number, byte[] sealedPiece) {
        database.sql()
                .sql("INSERT INTO import_file_piece (file_id, number, sealed_piece) VALUES (?, ?, ?)")
                .param(1, id)
                .param(2, number)
                .param(3, sealedPiece, Types.BINARY)
                .update();
    }

    void updateBytes(String id, long bytes) {
        database.sql()
                .sql("UPDATE import_file SET bytes = ? WHERE id = ?")
                .params(bytes, id)
                .update();
    }

    Optional<byte[]> sealedPiece(String id, long number) {
        return database.sql()
                .sql("SELECT sealed_piece FROM import_file_piece WHERE file_id = ? AND number = ?")
                .params(id, number)
                .query((row, _) -> row.getBytes("sealed_piece"))
                .optional();
    }

    /** A file that has come as a whole. */
    Optional<ImportFile> find(String id) {
        return database.sql()
                .sql(SELECT + " WHERE id = ? AND bytes >= 0")
                .param(id)
                .query((row, _) -> read(row))
                .optional();
    }

    /** Those that were begun, newest first. */
    List<ImportFile> newest(EnvironmentId environment, boolean groups, int limit) {
        return database.sql()
                .sql(SELECT + " WHERE environment_id = ? AND started_at IS NOT NULL AND kind " + (groups ? "=" : "<>")
                        + " 'GROUPS' ORDER BY created_at DESC LIMIT ?")
                .params(environment.value(), limit)
                .query((row, _) -> read(row))
                .list();
    }

    /** False when it has been started before. */
    boolean start(String id, Administrator by, AccountId starter, Instant now) {
        return database.sql()
                        .sql("""
                        UPDATE import_file SET started_at = ?, account_id = ?, actor_name = ?, door = ?, address = ?
                        WHERE id = ? AND started_at IS NULL AND bytes >= 0""")
                        .params(
                                Times.toMillis(now),
                                starter.value(),
                                by.actor().name(),
                                by.origin().door(),
                                by.origin().address(),
                                id)
                        .update()
                == 1;
    }

    List<String> waiting(Instant now) {
        return database.sql()
                .sql("""
                        SELECT id FROM import_file
                        WHERE finished_at IS NULL AND started_at IS NOT NULL AND leased_until <= ? ORDER BY started_at""")
                .param(Times.toMillis(now))
                .query((row, _) -> row.getString("id"))
                .list();
    }

    /** Takes the work until {@code until}; false when another has it. */
    boolean claim(String id, Instant until, Instant now) {
        return database.sql()
                        .sql("""
                        UPDATE import_file SET leased_until = ?
                        WHERE id = ? AND finished_at IS NULL AND started_at IS NOT NULL AND leased_until <= ?""")
                        .params(Times.toMillis(until), id, Times.toMillis(now))
                        .update()
                == 1;
    }

    /** Keeps the work until {@code next}, with what was done; false when another has taken it. */
    boolean advance(String id, Instant lease, Instant next, long bytesRead, Counts counts) {
        return database.sql()
                        .sql("""
                        UPDATE import_file SET leased_until = ?, bytes_read = ?, created = ?, changed = ?, unchanged = ?,
                                               refused = ?
                        WHERE id = ? AND leased_until = ? AND finished_at IS NULL""")
                        .params(
                                Times.toMillis(next),
                                bytesRead,
                                counts.created(),
                                counts.changed(),
                                counts.unchanged(),
                                counts.refused(),
                                id,
                                Times.toMillis(lease))
                        .update()
                == 1;
    }

    void release(String id, Instant lease) {
        database.sql()
                .sql("UPDATE import_file SET leased_until = 0 WHERE id = ? AND leased_until = ?")
                .params(id, Times.toMillis(lease))
                .update();
    }

    void finish(String id, Optional<String> run, Counts counts, String problem, Instant now) {
        database.sql()
                .sql("""
                        UPDATE import_file SET finished_at = ?, run_id = ?, created = ?, changed = ?, unchanged = ?, refused = ?,
                                               problem = ?
                        WHERE id = ?""")
                .param(1, Times.toMillis(now))
                .param(2, run.orElse(null), Types.VARCHAR)
                .param(3, counts.created())
                .param(4, counts.changed())
                .param(5, counts.unchanged())
                .param(6, counts.refused())
                .param(7, problem)
                .param(8, id)
                .update();
    }

    void deletePieces(String id) {
        database.sql()
                .sql("DELETE FROM import_file_piece WHERE file_id = ?")
                .param(id)
                .update();
    }

    void delete(String id) {
        database.sql().sql("DELETE FROM import_file WHERE id = ?").param(id).update();
    }

    /** Those finished before the one moment, and those given before the other and never begun. */
    List<String> old(Instant finishedBefore, Instant givenBefore) {
        return database.sql()
                .sql("SELECT id FROM import_file WHERE finished_at < ? OR (started_at IS NULL AND created_at < ?)")
                .params(Times.toMillis(finishedBefore), Times.toMillis(givenBefore))
                .query((row, _) -> row.getString("id"))
                .list();
    }

    private static ImportFile read(ResultSet row) throws SQLException {
        return new ImportFile(
                row.getString("id"),
                new EnvironmentId(row.getString("environment_id")),
                ImportFile.Kind.valueOf(row.getString("kind")),
                row.getLong("replace_factors") != 0,
                row.getString("name"),
                row.getLong("bytes"),
                new AccountId(row.getString("account_id")),
                row.getString("actor_name"),
                new Origin(row.getString("door"), row.getString("address"), "", row.getString("id")),
                Times.get(row, "created_at"),
                Times.find(row, "started_at"),
                Times.find(row, "finished_at"),
                row.getLong("bytes_read"),
                new Counts(
                        row.getLong("created"),
                        row.getLong("changed"),
                        row.getLong("unchanged"),
                        row.getLong("refused")),
                Optional.ofNullable(row.getString("run_id")),
                row.getString("problem"));
    }
}
