package dev.countersign.signin;

import dev.countersign.factor.Subject;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.ApiKeyId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.store.ForgetsAccounts;
import dev.countersign.store.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** All SQL of challenges. */
@Component
final class ChallengeStore implements ForgetsAccounts {
    private final Database database;

    ChallengeStore(Database database) {
        this.database = database;
    }

    void insert(EnvironmentId environment, String id, ApiKeyId askedBy, Subject subject, Instant end) {
        String account = subject instanceof Subject.Known(AccountId known) ? known.value() : null;
        String decoy = subject instanceof Subject.Decoy(String bucket) ? bucket : null;
        database.sql()
                .sql("""
                        INSERT INTO challenge (id, environment_id, asked_by, account_id, decoy, expires_at)
                        VALUES (?, ?, ?, ?, ?, ?)""")
                .param(1, id)
                .param(2, environment.value())
                .param(3, askedBy.value())
                .param(4, account, Types.VARCHAR)
                .param(5, decoy, Types.VARCHAR)
                .param(6, Times.toMillis(end))
                .update();
    }

    /** Who a live challenge of this key is about. */
    Optional<Subject> find(EnvironmentId environment, String id, ApiKeyId askedBy, Instant now) {
        return database.sql()
                .sql("""
                        SELECT account_id, decoy FROM challenge
                        WHERE id = ? AND environment_id = ? AND asked_by = ? AND expires_at > ?""")
                .params(id, environment.value(), askedBy.value(), Times.toMillis(now))
                .query((row, _) -> subject(row))
                .optional();
    }

    /** Uses a challenge up; false when it was used or has expired. */
    boolean consume(String id, Instant now) {
        return database.sql()
                        .sql("DELETE FROM challenge WHERE id = ? AND expires_at > ?")
                        .params(id, Times.toMillis(now))
                        .update()
                == 1;
    }

    @Override
    public void forget(AccountId account) {
        database.sql()
                .sql("DELETE FROM challenge WHERE account_id = ?")
                .param(account.value())
                .update();
    }

    int deleteExpired(Instant now) {
        return database.sql()
                .sql("DELETE FROM challenge WHERE expires_at <= ?")
                .param(Times.toMillis(now))
                .update();
    }

    private static Subject subject(ResultSet row) throws SQLException {
        String account = row.getString("account_id");
        return account == null ? new Subject.Decoy(row.getString("decoy")) : new Subject.Known(new AccountId(account));
    }
}
