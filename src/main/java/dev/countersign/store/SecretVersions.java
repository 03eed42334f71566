package dev.countersign.store;

import dev.countersign.kernel.AccountId;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * How often each secret of an owner was replaced or removed: authenticated with what is sealed, so that an older value that is
 * put back does not open. A count outlives the value, so that nothing can be put back where something was removed. Thread-safe.
 */
@Component
public final class SecretVersions implements ForgetsAccounts {
    private final Database database;

    SecretVersions(Database database) {
        this.database = database;
    }

    /**
     * The count as a column of a statement that reads the value, so that it costs no statement of its own.
     *
     * @param owner an SQL expression
     * @param place an SQL expression
     */
    public static String column(String owner, String place) {
        return "coalesce((SELECT v.version FROM secret_version v WHERE v.owner_id = " + owner + " AND v.place = "
                + place + "), 0)";
    }

    /** Counts a replacement or removal, in the running transaction; the version to seal the new value with. */
    public long raise(String owner, String place) {
        database.requireTransaction();
        return database.sql().sql("""
                        INSERT INTO secret_version (owner_id, place, version) VALUES (?, ?, 1)
                        ON CONFLICT (owner_id, place) DO UPDATE SET version = secret_version.version + 1
                        RETURNING version""").params(owner, place).query(Long.class).single();
    }

    /** Takes {@link #raise} of the same transaction back: nothing was replaced after all. */
    public void takeBack(String owner, String place) {
        database.requireTransaction();
        database.sql()
                .sql("UPDATE secret_version SET version = version - 1 WHERE owner_id = ? AND place = ?")
                .params(owner, place)
                .update();
    }

    /** Counts a replacement if nothing was replaced since {@code version} was read; nothing when something was. */
    public Optional<Long> raiseFrom(String owner, String place, long version) {
        database.requireTransaction();
        int changed = version == 0
                ? database.sql()
                        .sql(
                                "INSERT INTO secret_version (owner_id, place, version) VALUES (?, ?, 1) ON CONFLICT DO NOTHING")
                        .params(owner, place)
                        .update()
                : database.sql()
                        .sql(
                                "UPDATE secret_version SET version = version + 1 WHERE owner_id = ? AND place = ? AND version = ?")
                        .params(owner, place, version)
                        .update();
        return changed == 1 ? Optional.of(version + 1) : Optional.empty();
    }

    /** How often a secret was replaced so far. */
    public long of(String owner, String place) {
        return of(List.of(owner), place).getOrDefault(owner, 0L);
    }

    /** The same for many owners; those without a count are missing and at 0. */
    public Map<String, Long> of(Collection<String> owners, String place) {
        Map<String, Long> versions = new HashMap<>();
        database.sql()
                .sql("SELECT owner_id, version FROM secret_version WHERE owner_id IN (:owners) AND place = :place")
                .param("owners", Database.in(owners, owner -> owner))
                .param("place", place)
                .query(row -> {
                    versions.put(row.getString("owner_id"), row.getLong("version"));
                });
        return versions;
    }

    @Override
    public void forget(AccountId account) {
        database.sql()
                .sql("DELETE FROM secret_version WHERE owner_id = ?")
                .param(account.value())
                .update();
    }
}
