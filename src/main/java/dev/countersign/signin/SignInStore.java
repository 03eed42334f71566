package dev.countersign.signin;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.SignInId;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** All SQL of unfinished sign-ins. */
@Component
final class SignInStore {
    private final Database database;

    SignInStore(Database database) {
        this.database = database;
    }

    /** A stored sign-in; {@code version} grows with each step, so that of two steps taken at once only one counts. */
    record Row(SignIn state, long version, Optional<byte[]> sealedData) {}

    void insert(SignIn state, String tokenHash, Optional<byte[]> sealedData) {
        SignIn.Heading heading = state.heading();
        database.sql()
                .sql("""
                        INSERT INTO pending_sign_in (id, environment_id, token_hash, version, state, sealed_data, expires_at)
                        VALUES (?, ?, ?, 0, ?, ?, ?)""")
                .param(1, heading.id().value())
                .param(2, heading.environment().value())
                .param(3, tokenHash)
                .param(4, SignInCodec.write(state))
                .param(5, sealedData.orElse(null), java.sql.Types.BINARY)
                .param(6, Times.toMillis(heading.expiresAt()))
                .update();
    }

    Optional<Row> find(EnvironmentId environment, String tokenHash, Instant now) {
        return database.sql()
                .sql("""
                        SELECT state, version, sealed_data FROM pending_sign_in
                        WHERE token_hash = ? AND environment_id = ? AND expires_at > ?""")
                .params(tokenHash, environment.value(), Times.toMillis(now))
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

    int deleteExpired(Instant now) {
        return database.sql()
                .sql("DELETE FROM pending_sign_in WHERE expires_at <= ?")
                .param(Times.toMillis(now))
                .update();
    }
}
