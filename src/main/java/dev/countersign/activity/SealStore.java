package dev.countersign.activity;

import dev.countersign.store.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** All SQL of checkpoints, and of entries as they are sealed. */
@Component
final class SealStore {
    private static final String ENTRY =
            "environment_id, sequence, at, kind, account_id, actor_id, actor_name, door, address,"
                    + " browser, request_id, details, repeat_key, repeats, last_at";
    private static final String CHECKPOINT = "environment_id, number, made_at, key_id, previous, entry_count,"
            + " first_sequence, last_sequence, first_at, last_at, high, settled, pruned_through, pruned_entries,"
            + " pruned_last, list_digest, signature";
    private static final String HEAD =
            "environment_id, number, hash, made_at, high, settled, pruned_through, pruned_entries, pruned_last";

    private final Database database;

    SealStore(Database database) {
        this.database = database;
    }

    // Entries

    /** The number of the newest entry of all environments; 0 when there is none. */
    long newestSequence() {
        return database.sql()
                .sql("SELECT coalesce(max(sequence), 0) FROM activity")
                .query(Long.class)
                .single();
    }

    /** Which environments have entries after this number. */
    Set<String> environmentsAfter(long sequence) {
        return database.sql()
                .sql("SELECT DISTINCT environment_id FROM activity WHERE sequence > ?")
                .param(sequence)
                .query((row, _) -> row.getString("environment_id"))
                .set();
    }

    /** Entries after one number, up to and with another, in their order. */
    List<LoggedEntry> entries(String environment, long after, long through, int most) {
        return database.sql()
                .sql("SELECT " + ENTRY + " FROM activity WHERE environment_id = ? AND sequence > ? AND sequence <= ?"
                        + " ORDER BY sequence LIMIT ?")
                .params(environment, after, through, most)
                .query((row, _) -> entry(row))
                .list();
    }

    List<LoggedEntry> entries(String environment, List<Long> sequences) {
        if (sequences.isEmpty()) {
            return List.of();
        }
        return database.sql()
                .sql("SELECT " + ENTRY
                        + " FROM activity WHERE environment_id = :environment AND sequence IN (:sequences)"
                        + " ORDER BY sequence")
                .param("environment", environment)
                .param("sequences", sequences)
                .query((row, _) -> entry(row))
                .list();
    }

    long count(String environment, long after, long through) {
        return database.sql()
                .sql("SELECT count(*) FROM activity WHERE environment_id = ? AND sequence > ? AND sequence <= ?")
                .params(environment, after, through)
                .query(Long.class)
                .single();
    }

    List<Long> sequences(String environment, long after, long through) {
        return database.sql()
                .sql("SELECT sequence FROM activity WHERE environment_id = ? AND sequence > ? AND sequence <= ?"
                        + " ORDER BY sequence")
                .params(environment, after, through)
                .query((row, _) -> row.getLong("sequence"))
                .list();
    }

    /** When the oldest of the entries after this number was written. */
    Optional<Long> firstAtAfter(String environment, long sequence) {
        return database.sql()
                .sql("SELECT at FROM activity WHERE environment_id = ? AND sequence > ? ORDER BY sequence LIMIT 1")
                .params(environment, sequence)
                .query(Long.class)
                .optional();
    }

    /** When the oldest entry of all environments was written that no checkpoint lists: one look into an index for each. */
    Optional<Long> firstUnsealedAt() {
        return database.sql()
                .sql("""
                        SELECT min((SELECT a.at FROM activity a
                                    WHERE a.environment_id = e.id AND a.sequence > coalesce(h.high, 0)
                                    ORDER BY a.sequence LIMIT 1))
                        FROM environment e LEFT JOIN activity_head h ON h.environment_id = e.id""")
                .query((row, _) -> Optional.ofNullable(row.getObject(1)).map(at -> ((Number) at).longValue()))
                .single();
    }

    boolean hasOpenBefore(String environment, long at) {
        return database.sql()
                .sql("SELECT 1 FROM activity WHERE environment_id = ? AND repeat_key IS NOT NULL AND at < ? LIMIT 1")
                .params(environment, at)
                .query(Integer.class)
                .optional()
                .isPresent();
    }

    /** Nothing is counted with these entries from now on; they are as they stay. */
    List<LoggedEntry> close(String environment, long before, long through, int most) {
        return database.sql()
                .sql("UPDATE activity SET repeat_key = NULL WHERE sequence IN ("
                        + "SELECT sequence FROM activity WHERE environment_id = ? AND repeat_key IS NOT NULL AND at < ?"
                        + " AND sequence <= ? ORDER BY at LIMIT ?) RETURNING " + ENTRY)
                .params(environment, before, through, most)
                .query((row, _) -> entry(row))
                .list();
    }

    int delete(String environment, List<Long> sequences) {
        return sequences.isEmpty()
                ? 0
                : database.sql()
                        .sql("DELETE FROM activity WHERE environment_id = :environment AND sequence IN (:sequences)")
                        .param("environment", environment)
                        .param("sequences", sequences)
                        .update();
    }

    // Checkpoints

    /** Adds the checkpoint; what somebody has put in its place, after the end of the chain, goes. */
    void insert(Checkpoint checkpoint, byte[] entries) {
        database.sql()
                .sql("DELETE FROM activity_checkpoint WHERE environment_id = ? AND number >= ?")
                .params(checkpoint.environment(), checkpoint.number())
                .update();
        database.sql()
                .sql("INSERT INTO activity_checkpoint (" + CHECKPOINT + ", entries)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
                .params(
                        checkpoint.environment(),
                        checkpoint.number(),
                        checkpoint.sealedAt(),
                        checkpoint.keyId(),
                        checkpoint.previous(),
                        checkpoint.count(),
                        checkpoint.firstSequence(),
                        checkpoint.lastSequence(),
                        checkpoint.firstAt(),
                        checkpoint.lastAt(),
                        checkpoint.high(),
                        checkpoint.settled(),
                        checkpoint.prunedThrough(),
                        checkpoint.prunedEntries(),
                        checkpoint.prunedHash(),
                        checkpoint.entriesHash(),
                        checkpoint.signature(),
                        entries)
                .update();
    }

    /** Checkpoints that list an entry with a number above {@code settled}. */
    List<SealedCheckpoint> checkpointsWith(String environment, long afterNumber, long settled, int most) {
        return database.sql()
                .sql("SELECT " + CHECKPOINT
                        + ", entries FROM activity_checkpoint WHERE environment_id = ? AND number > ?"
                        + " AND last_sequence > ? ORDER BY number LIMIT ?")
                .params(environment, afterNumber, settled, most)
                .query((row, _) -> SealedCheckpoint.of(checkpoint(row), row.getBytes("entries")))
                .list();
    }

    List<SealedCheckpoint> checkpoints(String environment, long afterNumber, int most) {
        return database.sql()
                .sql("SELECT " + CHECKPOINT
                        + ", entries FROM activity_checkpoint WHERE environment_id = ? AND number > ?"
                        + " ORDER BY number LIMIT ?")
                .params(environment, afterNumber, most)
                .query((row, _) -> SealedCheckpoint.of(checkpoint(row), row.getBytes("entries")))
                .list();
    }

    /** The newest checkpoints before this number, newest first, without their lists. */
    List<Checkpoint> checkpointsBefore(String environment, long number, int most) {
        return database.sql()
                .sql("SELECT " + CHECKPOINT + " FROM activity_checkpoint WHERE environment_id = ? AND number < ?"
                        + " ORDER BY number DESC LIMIT ?")
                .params(environment, number, most)
                .query((row, _) -> checkpoint(row))
                .list();
    }

    /** The newest checkpoint that was made at this moment or before. */
    Optional<Checkpoint> newestUntil(String environment, long sealedAt) {
        return database.sql()
                .sql("SELECT " + CHECKPOINT + " FROM activity_checkpoint WHERE environment_id = ? AND made_at <= ?"
                        + " ORDER BY number DESC LIMIT 1")
                .params(environment, sealedAt)
                .query((row, _) -> checkpoint(row))
                .optional();
    }

    /**
     * The last checkpoint of those at the beginning of the chain whose entries are all older than this. Entries that come from
     * the future had a wrong clock: they hold nothing up.
     */
    Optional<Long> lastOlderThan(String environment, long limit, long now) {
        return database.sql()
                .sql("""
                        SELECT max(number) FROM activity_checkpoint
                        WHERE environment_id = :environment AND entry_count > 0 AND last_at < :limit
                          AND number < (SELECT coalesce(min(number), :all) FROM activity_checkpoint
                                        WHERE environment_id = :environment AND last_at >= :limit AND last_at <= :now)""")
                .param("environment", environment)
                .param("limit", limit)
                .param("now", now)
                .param("all", Long.MAX_VALUE)
                .query((row, _) -> Optional.of(row.getLong(1)).filter(number -> number > 0))
                .single();
    }

    int deleteCheckpointsThrough(String environment, long number) {
        return database.sql()
                .sql("DELETE FROM activity_checkpoint WHERE environment_id = ? AND number <= ?")
                .params(environment, number)
                .update();
    }

    // Heads

    Optional<ChainHead> head(String environment) {
        return database.sql()
                .sql("SELECT " + HEAD + " FROM activity_head WHERE environment_id = ?")
                .param(environment)
                .query((row, _) -> head(row))
                .optional();
    }

    List<ChainHead> heads() {
        return database.sql()
                .sql("SELECT " + HEAD + " FROM activity_head ORDER BY environment_id")
                .query((row, _) -> head(row))
                .list();
    }

    /** Moves the end of the chain from one checkpoint to the next; false when another node was faster. */
    boolean advance(ChainHead from, ChainHead to) {
        List<Object> values = new ArrayList<>(List.of(
                to.number(),
                to.hash(),
                to.sealedAt(),
                to.high(),
                to.settled(),
                to.prunedThrough(),
                to.prunedEntries(),
                to.prunedHash(),
                to.environment()));
        values.add(from.number());
        values.add(from.hash());
        return database.sql().sql("""
                        UPDATE activity_head SET number = ?, hash = ?, made_at = ?, high = ?, settled = ?,
                                                 pruned_through = ?, pruned_entries = ?, pruned_last = ?
                        WHERE environment_id = ? AND number = ? AND hash = ?""").params(values).update() == 1;
    }

    void insertHead(ChainHead head) {
        database.sql()
                .sql("INSERT INTO activity_head (" + HEAD + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                        + " ON CONFLICT (environment_id) DO NOTHING")
                .params(
                        head.environment(),
                        head.number(),
                        head.hash(),
                        head.sealedAt(),
                        head.high(),
                        head.settled(),
                        head.prunedThrough(),
                        head.prunedEntries(),
                        head.prunedHash())
                .update();
    }

    // Rows

    private static LoggedEntry entry(ResultSet row) throws SQLException {
        long last = row.getLong("last_at");
        Optional<Long> lastAt = row.wasNull() ? Optional.empty() : Optional.of(last);
        return new LoggedEntry(
                row.getString("environment_id"),
                row.getLong("sequence"),
                row.getLong("at"),
                row.getString("kind"),
                Optional.ofNullable(row.getString("account_id")),
                Optional.ofNullable(row.getString("actor_id")),
                row.getString("actor_name"),
                row.getString("door"),
                row.getString("address"),
                row.getString("browser"),
                row.getString("request_id"),
                row.getString("details"),
                Optional.ofNullable(row.getString("repeat_key")),
                row.getLong("repeats"),
                lastAt);
    }

    private static Checkpoint checkpoint(ResultSet row) throws SQLException {
        return new Checkpoint(
                row.getString("environment_id"),
                row.getLong("number"),
                row.getLong("made_at"),
                row.getString("key_id"),
                row.getString("previous"),
                row.getLong("entry_count"),
                row.getLong("first_sequence"),
                row.getLong("last_sequence"),
                row.getLong("first_at"),
                row.getLong("last_at"),
                row.getLong("high"),
                row.getLong("settled"),
                row.getLong("pruned_through"),
                row.getLong("pruned_entries"),
                row.getString("pruned_last"),
                row.getString("list_digest"),
                row.getString("signature"));
    }

    private static ChainHead head(ResultSet row) throws SQLException {
        return new ChainHead(
                row.getString("environment_id"),
                row.getLong("number"),
                row.getString("hash"),
                row.getLong("made_at"),
                row.getLong("high"),
                row.getLong("settled"),
                row.getLong("pruned_through"),
                row.getLong("pruned_entries"),
                row.getString("pruned_last"));
    }
}
