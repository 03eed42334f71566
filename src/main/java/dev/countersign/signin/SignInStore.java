package dev.countersign.signin;

import dev.countersign.factor.Subject;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.SessionId;
import dev.countersign.kernel.SignInId;
import dev.countersign.store.Database;
import dev.countersign.store.ForgetsAccounts;
import dev.countersign.store.Times;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** All SQL of unfinished sign-ins. */
@Component
final class SignInStore implements ForgetsAccounts {
    private final Database database;

    SignInStore(Database database) {
        this.database = database;
    }

    @Override
    public void forget(AccountId account) {
        database.sql()
                .sql("DELETE FROM pending_sign_in WHERE account_id = ?")
                .param(account.value())
                .update();
    }

    /** A stored sign-in; {@code version} grows with each step, so that of two steps taken at once only one counts. */
    record Row(SignIn state, long version, Optional<byte[]> sealedData) {}

    void insert(SignIn state, String tokenHash, Optional<byte[]> sealedData) {
        SignIn.Heading heading = state.heading();
        database.sql()
                .sql("""
                        INSERT INTO pending_sign_in (id, environment_id, token_hash, account_id, replaces_id, version, state,
                                                     sealed_data, expires_at)
                        VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?)""")
                .param(1, heading.id().value())
                .param(2, heading.environment().value())
                .param(3, tokenHash)
                .param(4, accountOf(state).map(AccountId::value).orElse(null), java.sql.Types.VARCHAR)
                .param(5, heading.replaces().map(SessionId::value).orElse(null), java.sql.Types.VARCHAR)
                .param(6, SignInCodec.write(state))
                .param(7, sealedData.orElse(null), java.sql.Types.BINARY)
                .param(8, Times.toMillis(heading.expiresAt()))
                .update();
    }

    Optional<Row> find(EnvironmentId environment, String tokenHash, Instant now) {
        return database.sql()
                .sql("""
                        SELECT state, version, sealed_data FROM pending_sign_in
                        WHERE token_hash = ? AND environment_id = ? AND expires_at BETWEEN ? AND ?""")
                .params(tokenHash, environment.value(), Times.toMillis(now) + 1, Times.latestEnd(now, SignInFlow.LIFE))
                .query((row, _) -> row(row.getString("state"), row.getLong("version"), row.getBytes("sealed_data")))
                .optional();
    }

    private static Row row(String state, long version, byte @Nullable [] sealedData) {
        return new Row(SignInCodec.read(state), version, Optional.ofNullable(sealedData));
    }

    /** Takes the next step if the sign-in is still at {@code version}; false when someone else was faster. */
    boolean advance(SignIn state, long version, Optional<byte[]> sealedData) {
        SignIn.Heading heading = state.heading();
        return database.sql()
                        .sql("""
                        UPDATE pending_sign_in SET state = ?, sealed_data = ?, expires_at = ?, version = version + 1
                        WHERE id = ? AND version = ?""")
                        .param(1, SignInCodec.write(state))
                        .param(2, sealedData.orElse(null), java.sql.Types.BINARY)
                        .param(3, Times.toMillis(heading.expiresAt()))
                        .param(4, heading.id().value())
                        .param(5, version)
                        .update()
                == 1;
    }

    /** Removes the sign-in if it is still at {@code version} and alive: whoever gets true may finish it, nobody else. */
    boolean consume(SignInId id, long version, Instant now) {
        return database.sql()
                .sql("DELETE FROM pending_sign_in WHERE id = ? AND version = ? AND expires_at > ? RETURNING id")
                .params(id.value(), version, Times.toMillis(now))
                .query((row, _) -> row.getString("id"))
                .optional()
                .isPresent();
    }

    void delete(SignInId id) {
        database.sql()
                .sql("DELETE FROM pending_sign_in WHERE id = ?")
                .param(id.value())
                .update();
    }

    /** Removes the sign-ins of this account but {@code kept}: what they have shown may no longer be true. */
    void deleteOthers(AccountId account, Optional<SignInId> kept) {
        database.sql()
                .sql("DELETE FROM pending_sign_in WHERE account_id = ? AND id <> ?")
                .params(account.value(), kept.map(SignInId::value).orElse(""))
                .update();
    }

    /** Removes the sign-ins of this account that were not started from the session {@code kept}. */
    void deleteNotReplacing(AccountId account, SessionId kept) {
        database.sql()
                .sql("DELETE FROM pending_sign_in WHERE account_id = ? AND (replaces_id IS NULL OR replaces_id <> ?)")
                .params(account.value(), kept.value())
                .update();
    }

    /** Removes what the owner of a session has started from it and not finished. */
    void deleteReplacing(AccountId account, SessionId session) {
        database.sql()
                .sql("DELETE FROM pending_sign_in WHERE account_id = ? AND replaces_id = ?")
                .params(account.value(), session.value())
                .update();
    }

    private static Optional<AccountId> accountOf(SignIn state) {
        return switch (state) {
            case SignIn.Asked asked -> accountOf(asked.subject());
            case SignIn.Challenged challenged -> accountOf(challenged.subject());
            case SignIn.MustEnrol must -> Optional.of(must.account());
            case SignIn.Complete complete -> Optional.of(complete.account());
            case SignIn.Started _, SignIn.Refused _ -> Optional.empty();
        };
    }

    private static Optional<AccountId> accountOf(Subject subject) {
        return subject instanceof Subject.Known(AccountId account) ? Optional.of(account) : Optional.empty();
    }

    int deleteExpired(Instant now) {
        return database.sql()
                .sql("DELETE FROM pending_sign_in WHERE expires_at <= ?")
                .param(Times.toMillis(now))
                .update();
    }
}
