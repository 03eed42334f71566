package dev.countersign.mail;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.store.ForgetsAccounts;
import dev.countersign.store.Times;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** All SQL of links in mails. */
@Component
final class MailLinkStore implements ForgetsAccounts {
    private final Database database;

    MailLinkStore(Database database) {
        this.database = database;
    }

    @Override
    public void forget(AccountId account) {
        database.sql()
                .sql("DELETE FROM mail_link WHERE account_id = ?")
                .param(account.value())
                .update();
    }

    void insert(EnvironmentId environment, String tokenHash, MailLinks.Found link) {
        database.sql()
                .sql("""
                        INSERT INTO mail_link (token_hash, environment_id, account_id, purpose, recipient, address, browser,
                                               created_at, expires_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""")
                .params(
                        tokenHash,
                        environment.value(),
                        link.account().value(),
                        link.purpose().name(),
                        link.recipient(),
                        link.address(),
                        link.browser(),
                        Times.toMillis(link.createdAt()),
                        Times.toMillis(link.expiresAt()))
                .update();
    }

    Optional<MailLinks.Found> find(EnvironmentId environment, String tokenHash, Instant now) {
        return database.sql()
                .sql("SELECT account_id, purpose, recipient, address, browser, created_at, expires_at FROM mail_link"
                        + " WHERE token_hash = ? AND environment_id = ? AND expires_at > ? AND created_at <= ?")
                .params(tokenHash, environment.value(), Times.toMillis(now), Times.latest(now))
                .query((row, _) -> new MailLinks.Found(
                        MailLinks.Purpose.valueOf(row.getString("purpose")),
                        new AccountId(row.getString("account_id")),
                        row.getString("recipient"),
                        row.getString("address"),
                        row.getString("browser"),
                        Times.get(row, "created_at"),
                        Times.get(row, "expires_at")))
                .optional();
    }

    /** Uses the link up, once. */
    boolean consume(EnvironmentId environment, String tokenHash, Instant now) {
        return database.sql()
                .sql("""
                        DELETE FROM mail_link
                        WHERE token_hash = ? AND environment_id = ? AND expires_at > ? AND created_at <= ?
                        RETURNING token_hash""")
                .params(tokenHash, environment.value(), Times.toMillis(now), Times.latest(now))
                .query((row, _) -> row.getString("token_hash"))
                .optional()
                .isPresent();
    }

    void deleteOf(AccountId account, MailLinks.Purpose purpose) {
        database.sql()
                .sql("DELETE FROM mail_link WHERE account_id = ? AND purpose = ?")
                .params(account.value(), purpose.name())
                .update();
    }

    int deleteExpired(Instant now) {
        return database.sql()
                .sql("DELETE FROM mail_link WHERE expires_at <= ?")
                .param(Times.toMillis(now))
                .update();
    }
}
