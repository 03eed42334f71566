package dev.countersign.session;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Proof;
import dev.countersign.kernel.Proofs;
import dev.countersign.kernel.SessionId;
import dev.countersign.store.Database;
import dev.countersign.store.ForgetsAccounts;
import dev.countersign.store.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** All SQL of sessions and known browsers. Tokens are stored as hashes. */
@Component
final class SessionStore implements ForgetsAccounts {
    private static final String COLUMNS =
            "SELECT id, environment_id, account_id, proofs, door, address, browser, created_at, last_seen_at, expires_at";

    private static final String SELECT = COLUMNS + " FROM session ";

    /** Holds for sessions that are alive, but not because the clock was set back: limits the environment does not set are the program's. */
    private static final String ALIVE = """
            expires_at > :now AND created_at <= :latest AND last_seen_at <= :latest
            AND last_seen_at > :now - 1000 * coalesce((SELECT e.session_idle_seconds FROM environment e
                                                       WHERE e.id = session.environment_id), :idle)
            AND created_at > :now - 1000 * coalesce((SELECT e.session_longest_seconds FROM environment e
                                                     WHERE e.id = session.environment_id), :longest)""";

    private final Database database;

    SessionStore(Database database) {
        this.database = database;
    }

    @Override
    public void forget(AccountId account) {
        database.sql()
                .sql("DELETE FROM session WHERE account_id = ?")
                .param(account.value())
                .update();
        database.sql()
                .sql("DELETE FROM known_browser WHERE account_id = ?")
                .param(account.value())
                .update();
    }

    void insert(Session session, String tokenHash) {
        database.sql()
                .sql("""
                        INSERT INTO session (id, environment_id, token_hash, account_id, proofs, door, address, browser,
                                             created_at, last_seen_at, expires_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""")
                .params(
                        session.id().value(),
                        session.environment().value(),
                        tokenHash,
                        session.account().value(),
                        write(session.proofs()),
                        session.origin().door(),
                        session.origin().address(),
                        session.origin().browser(),
                        Times.toMillis(session.createdAt()),
                        Times.toMillis(session.lastSeenAt()),
                        Times.toMillis(session.expiresAt()))
                .update();
    }

    /** A session that has neither reached its end nor lain idle for too long, by the limits of its environment. */
    Optional<Session> findLive(EnvironmentId environment, String tokenHash, SessionSettings limits, Instant now) {
        return bind(SELECT + "WHERE token_hash = :token AND environment_id = :environment AND " + ALIVE, limits, now)
                .param("token", tokenHash)
                .param("environment", environment.value())
                .query((row, _) -> session(row))
                .optional();
    }

    long count(Instant now) {
        return database.sql()
                .sql("SELECT count(*) FROM session WHERE expires_at > ?")
                .param(Times.toMillis(now))
                .query(Long.class)
                .single();
    }

    /** As {@link #findLive}, with the moments at which it ends by itself. */
    Optional<Sessions.Kept> findKept(EnvironmentId environment, String tokenHash, SessionSettings limits, Instant now) {
        String sql = COLUMNS + """
                , coalesce((SELECT e.session_idle_seconds FROM environment e WHERE e.id = session.environment_id), :idle)
                  AS idle_seconds,
                coalesce((SELECT e.session_longest_seconds FROM environment e WHERE e.id = session.environment_id),
                         :longest) AS longest_seconds
                FROM session WHERE token_hash = :token AND environment_id = :environment AND
                """ + ALIVE;
        return bind(sql, limits, now)
                .param("token", tokenHash)
                .param("environment", environment.value())
                .query((row, _) -> kept(row))
                .optional();
    }

    private static Sessions.Kept kept(ResultSet row) throws SQLException {
        Session session = session(row);
        Instant longest = session.createdAt().plusSeconds(row.getLong("longest_seconds"));
        Instant end = session.expiresAt().isBefore(longest) ? session.expiresAt() : longest;
        return new Sessions.Kept(session, Duration.ofSeconds(row.getLong("idle_seconds")), end);
    }

    List<Session> liveOf(AccountId account, SessionSettings limits, Instant now) {
        return bind(
                        SELECT + "WHERE account_id = :account AND " + ALIVE + " ORDER BY last_seen_at DESC, id",
                        limits,
                        now)
                .param("account", account.value())
                .query((row, _) -> session(row))
                .list();
    }

    private JdbcClient.StatementSpec bind(String sql, SessionSettings limits, Instant now) {
        return database.sql()
                .sql(sql)
                .param("now", Times.toMillis(now))
                .param("latest", Times.latest(now))
                .param("idle", limits.idle().toSeconds())
                .param("longest", limits.absolute().toSeconds());
    }

    /** The longest a session of this environment may last, in seconds, where an administrator has said so. */
    Optional<Long> longestSeconds(EnvironmentId environment) {
        return database.sql()
                .sql(
                        "SELECT session_longest_seconds FROM environment WHERE id = ? AND session_longest_seconds IS NOT NULL")
                .param(environment.value())
                .query(Long.class)
                .optional();
    }

    void updateSeen(SessionId id, Instant now) {
        database.sql()
                .sql("UPDATE session SET last_seen_at = ? WHERE id = ? AND last_seen_at < ?")
                .params(Times.toMillis(now), id.value(), Times.toMillis(now))
                .update();
    }

    /** The same for many, in one statement. */
    void updateSeen(Collection<SessionId> ids, Instant at) {
        database.sql()
                .sql("UPDATE session SET last_seen_at = :at WHERE id IN (:ids) AND last_seen_at < :at")
                .param("at", Times.toMillis(at))
                .param("ids", Database.in(ids, SessionId::value))
                .update();
    }

    /** Holds the row until the transaction ends; false when it is not there. */
    boolean lock(SessionId id) {
        return database.sql()
                        .sql("UPDATE session SET last_seen_at = last_seen_at WHERE id = ?")
                        .param(id.value())
                        .update()
                == 1;
    }

    /** Removes one session of this account; false when it is not there. */
    boolean delete(AccountId account, SessionId id) {
        return database.sql()
                        .sql("DELETE FROM session WHERE id = ? AND account_id = ?")
                        .params(id.value(), account.value())
                        .update()
                == 1;
    }

    /** Removes all sessions of the account but {@code kept}; answers those removed. */
    List<SessionId> deleteOthers(AccountId account, Optional<SessionId> kept) {
        return database.sql()
                .sql("DELETE FROM session WHERE account_id = ? AND id <> ? RETURNING id")
                .params(account.value(), kept.map(SessionId::value).orElse(""))
                .query((row, _) -> new SessionId(row.getString("id")))
                .list();
    }

    boolean isStored(EnvironmentId environment, String tokenHash) {
        return database.sql()
                .sql("SELECT 1 FROM session WHERE token_hash = ? AND environment_id = ?")
                .params(tokenHash, environment.value())
                .query(Integer.class)
                .optional()
                .isPresent();
    }

    int deleteDead(EnvironmentId environment, String tokenHash, SessionSettings limits, Instant now) {
        String sql = "DELETE FROM session WHERE token_hash = :token AND environment_id = :environment AND NOT (" + ALIVE
                + ")";
        return bind(sql, limits, now)
                .param("token", tokenHash)
                .param("environment", environment.value())
                .update();
    }

    int deleteDead(SessionSettings limits, Instant now) {
        return bind("DELETE FROM session WHERE NOT (" + ALIVE + ")", limits, now)
                .update();
    }

    void upsertBrowser(
            EnvironmentId environment, AccountId account, String tokenHash, String address, Instant now, Instant end) {
        database.sql()
                .sql("""
                        INSERT INTO known_browser (token_hash, environment_id, account_id, address, last_used_at, expires_at)
                        VALUES (:token, :environment, :account, :address, :now, :end)
                        ON CONFLICT (token_hash) DO UPDATE
                        SET address = :address, last_used_at = :now, expires_at = :end""")
                .param("token", tokenHash)
                .param("environment", environment.value())
                .param("account", account.value())
                .param("address", address)
                .param("now", Times.toMillis(now))
                .param("end", Times.toMillis(end))
                .update();
    }

    boolean isKnownBrowser(AccountId account, String tokenHash, Instant now) {
        return database.sql()
                .sql("SELECT 1 FROM known_browser WHERE token_hash = ? AND account_id = ? AND expires_at > ?")
                .params(tokenHash, account.value(), Times.toMillis(now))
                .query(Integer.class)
                .optional()
                .isPresent();
    }

    boolean isKnownAddress(AccountId account, String address, Instant now) {
        return database.sql()
                .sql("SELECT 1 FROM known_browser WHERE account_id = ? AND address = ? AND expires_at > ? LIMIT 1")
                .params(account.value(), address, Times.toMillis(now))
                .query(Integer.class)
                .optional()
                .isPresent();
    }

    void deleteBrowsers(AccountId account) {
        database.sql()
                .sql("DELETE FROM known_browser WHERE account_id = ?")
                .param(account.value())
                .update();
    }

    int deleteDeadBrowsers(Instant now) {
        return database.sql()
                .sql("DELETE FROM known_browser WHERE expires_at <= ?")
                .param(Times.toMillis(now))
                .update();
    }

    private static Session session(ResultSet row) throws SQLException {
        AccountId account = new AccountId(row.getString("account_id"));
        return new Session(
                new SessionId(row.getString("id")),
                new EnvironmentId(row.getString("environment_id")),
                account,
                read(account, row.getString("proofs")),
                new Origin(row.getString("door"), row.getString("address"), row.getString("browser"), "session"),
                Times.get(row, "created_at"),
                Times.get(row, "last_seen_at"),
                Times.get(row, "expires_at"));
    }

    /** {@code totp:ANSWERED:1700000000000} and so on, separated by commas. */
    private static String write(Proofs proofs) {
        return proofs.all().stream()
                .map(proof -> proof.kind().wireName()
                        + ':'
                        + proof.means()
                        + ':'
                        + proof.at().toEpochMilli())
                .collect(Collectors.joining(","));
    }

    private static Proofs read(AccountId account, String text) {
        if (text.isEmpty()) {
            return Proofs.NONE;
        }
        return new Proofs(Arrays.stream(text.split(",", -1))
                .map(part -> part.split(":", -1))
                .map(part -> new Proof(
                        FactorKind.ofWireName(part[0]),
                        account,
                        Proof.Means.valueOf(part[1]),
                        Instant.ofEpochMilli(Long.parseLong(part[2]))))
                .toList());
    }
}
