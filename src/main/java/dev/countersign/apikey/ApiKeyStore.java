package dev.countersign.apikey;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.ApiKeyId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.store.ForgetsAccounts;
import dev.countersign.store.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** All SQL of API keys. Keys are stored as hashes. */
@Component
final class ApiKeyStore implements ForgetsAccounts {
    private static final String SELECT = """
            SELECT id, environment_id, name, prefix, owner_id, scopes, created_at, expires_at, last_used_at,
                   last_used_address, revoked_at
            FROM api_key
            """;

    private final Database database;

    ApiKeyStore(Database database) {
        this.database = database;
    }

    void insert(ApiKey key, String tokenHash) {
        database.sql()
                .sql("""
                        INSERT INTO api_key (id, environment_id, name, prefix, token_hash, owner_id, scopes, created_at,
                                             expires_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""")
                .params(
                        key.id().value(),
                        key.environment().value(),
                        key.name(),
                        key.prefix(),
                        tokenHash,
                        key.owner().value(),
                        String.join(",", key.scopes().names()),
                        Times.toMillis(key.createdAt()),
                        Times.toMillis(key.expiresAt()))
                .update();
    }

    Optional<ApiKey> findByHash(EnvironmentId environment, String tokenHash) {
        return database.sql()
                .sql(SELECT + "WHERE token_hash = ? AND environment_id = ?")
                .params(tokenHash, environment.value())
                .query((row, _) -> key(row))
                .optional();
    }

    Optional<ApiKey> find(EnvironmentId environment, ApiKeyId id) {
        return database.sql()
                .sql(SELECT + "WHERE id = ? AND environment_id = ?")
                .params(id.value(), environment.value())
                .query((row, _) -> key(row))
                .optional();
    }

    /** In order of their identifiers, those after {@code after}. */
    List<ApiKey> list(EnvironmentId environment, String after, int limit) {
        return database.sql()
                .sql(SELECT + "WHERE environment_id = ? AND id > ? ORDER BY id LIMIT ?")
                .params(environment.value(), after, limit)
                .query((row, _) -> key(row))
                .list();
    }

    List<ApiKey> liveOf(AccountId owner, Instant now) {
        return database.sql()
                .sql(SELECT + "WHERE owner_id = ? AND revoked_at IS NULL AND expires_at > ? ORDER BY name, id")
                .params(owner.value(), Times.toMillis(now))
                .query((row, _) -> key(row))
                .list();
    }

    long countLive(EnvironmentId environment, Instant now) {
        return database.sql()
                .sql("SELECT count(*) FROM api_key WHERE environment_id = ? AND revoked_at IS NULL AND expires_at > ?")
                .params(environment.value(), Times.toMillis(now))
                .query(Long.class)
                .single();
    }

    void updateUsed(ApiKeyId id, Instant now, String address) {
        database.sql()
                .sql("""
                        UPDATE api_key SET last_used_at = :now, last_used_address = :address
                        WHERE id = :id AND (last_used_at IS NULL OR last_used_at < :now)""")
                .param("now", Times.toMillis(now))
                .param("address", address)
                .param("id", id.value())
                .update();
    }

    boolean revoke(EnvironmentId environment, ApiKeyId id, Instant now) {
        return database.sql()
                        .sql(
                                "UPDATE api_key SET revoked_at = ? WHERE id = ? AND environment_id = ? AND revoked_at IS NULL")
                        .params(Times.toMillis(now), id.value(), environment.value())
                        .update()
                == 1;
    }

    @Override
    public void forget(AccountId account) {
        database.sql()
                .sql("DELETE FROM api_key WHERE owner_id = ?")
                .param(account.value())
                .update();
    }

    private static ApiKey key(ResultSet row) throws SQLException {
        Optional<Instant> used = Times.find(row, "last_used_at");
        String address = row.getString("last_used_address");
        return new ApiKey(
                new ApiKeyId(row.getString("id")),
                new EnvironmentId(row.getString("environment_id")),
                row.getString("name"),
                row.getString("prefix"),
                new AccountId(row.getString("owner_id")),
                Scopes.parse(List.of(row.getString("scopes").split(",", -1))).orElseThrow(),
                Times.get(row, "created_at"),
                Times.get(row, "expires_at"),
                used.map(at -> new ApiKey.LastUse(at, address == null ? "" : address)),
                Times.find(row, "revoked_at"));
    }
}
