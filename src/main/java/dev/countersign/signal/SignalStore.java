package dev.countersign.signal;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.SessionId;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** All SQL of signals. Read with a patience of its own: who hears nothing must know it soon. */
@Component
final class SignalStore {
    private static final String SELECT = "SELECT id, environment_id, account_id, session_id, at FROM signal ";

    private final Database database;

    SignalStore(Database database) {
        this.database = database;
    }

    /** A signal as it is stored. */
    record Stored(long id, Signal signal, Instant at) {}

    void insert(Signal signal, Instant now) {
        Optional<EnvironmentId> environment = Optional.empty();
        Optional<AccountId> account = Optional.empty();
        Optional<SessionId> session = Optional.empty();
        switch (signal) {
            case Signal.OfSession one -> {
                environment = Optional.of(one.environment());
                account = Optional.of(one.account());
                session = Optional.of(one.session());
            }
            case Signal.OfAccount one -> {
                environment = Optional.of(one.environment());
                account = Optional.of(one.account());
            }
            case Signal.OfEnvironment one -> environment = Optional.of(one.environment());
            case Signal.OfEverything _ -> {}
        }
        database.sql()
                .sql("INSERT INTO signal (environment_id, account_id, session_id, at) VALUES (?, ?, ?, ?)")
                .param(1, environment.map(EnvironmentId::value).orElse(null), Types.VARCHAR)
                .param(2, account.map(AccountId::value).orElse(null), Types.VARCHAR)
                .param(3, session.map(SessionId::value).orElse(null), Types.VARCHAR)
                .param(4, Times.toMillis(now))
                .update();
    }

    long newest() {
        return database.watch()
                .sql("SELECT coalesce(max(id), 0) FROM signal")
                .query(Long.class)
                .single();
    }

    /** The signals after this one, oldest first. */
    List<Stored> after(long id, int limit) {
        return database.watch()
                .sql(SELECT + "WHERE id > ? ORDER BY id LIMIT ?")
                .params(id, limit)
                .query((row, _) -> stored(row))
                .list();
    }

    /** Those of these that are there. */
    List<Stored> among(Collection<Long> ids) {
        return database.watch()
                .sql(SELECT + "WHERE id IN (:ids)")
                .param("ids", ids)
                .query((row, _) -> stored(row))
                .list();
    }

    int deleteUpTo(long id) {
        return database.sql().sql("DELETE FROM signal WHERE id <= ?").param(id).update();
    }

    private static Stored stored(ResultSet row) throws SQLException {
        return new Stored(row.getLong("id"), signal(row), Times.get(row, "at"));
    }

    private static Signal signal(ResultSet row) throws SQLException {
        @Nullable String environment = row.getString("environment_id");
        @Nullable String account = row.getString("account_id");
        @Nullable String session = row.getString("session_id");
        if (environment == null) {
            return new Signal.OfEverything();
        }
        EnvironmentId in = new EnvironmentId(environment);
        if (account == null) {
            return new Signal.OfEnvironment(in);
        }
        AccountId of = new AccountId(account);
        return session == null ? new Signal.OfAccount(in, of) : new Signal.OfSession(in, of, new SessionId(session));
    }
}
