package dev.countersign.mail;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.store.ForgetsAccounts;
import dev.countersign.store.SecretVersions;
import dev.countersign.store.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** All SQL of mail: settings and queue. */
@Component
final class MailStore implements ForgetsAccounts {
    private static final String COLUMNS = "id, environment_id, account_id, kind, locale, recipient, state, attempts,"
            + " created_at, next_at, give_up_at, last_answer";

    private final Database database;

    MailStore(Database database) {
        this.database = database;
    }

    @Override
    public void forget(AccountId account) {
        database.sql()
                .sql("DELETE FROM mail_queue WHERE account_id = ?")
                .param(account.value())
                .update();
    }

    Optional<MailSettings> settings(EnvironmentId environment) {
        return database.sql()
                .sql("SELECT host, port, security, username, from_address, from_name, locale"
                        + " FROM mail_settings WHERE environment_id = ?")
                .param(environment.value())
                .query((row, _) -> new MailSettings(
                        row.getString("host"),
                        row.getInt("port"),
                        MailSettings.Security.valueOf(row.getString("security")),
                        row.getString("username"),
                        row.getString("from_address"),
                        row.getString("from_name"),
                        row.getString("locale")))
                .optional();
    }

    record SealedPassword(byte[] sealed, long version) {}

    Optional<SealedPassword> sealedPassword(EnvironmentId environment) {
        return database.sql()
                .sql("SELECT sealed_password, "
                        + SecretVersions.column("mail_settings.environment_id", "'" + MailServer.PLACE + "'")
                        + " AS version FROM mail_settings WHERE environment_id = ? AND sealed_password IS NOT NULL")
                .param(environment.value())
                .query((row, _) -> new SealedPassword(row.getBytes("sealed_password"), row.getLong("version")))
                .optional();
    }

    void saveSettings(EnvironmentId environment, MailSettings settings, Optional<byte[]> sealedPassword, Instant now) {
        deleteSettings(environment);
        database.sql()
                .sql("""
                        INSERT INTO mail_settings (environment_id, host, port, security, username, sealed_password,
                                                   from_address, from_name, locale, changed_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""")
                .param(1, environment.value())
                .param(2, settings.host())
                .param(3, settings.port())
                .param(4, settings.security().name())
                .param(5, settings.username())
                .param(6, sealedPassword.orElse(null), Types.BINARY)
                .param(7, settings.fromAddress())
                .param(8, settings.fromName())
                .param(9, settings.locale())
                .param(10, Times.toMillis(now))
                .update();
    }

    void deleteSettings(EnvironmentId environment) {
        database.sql()
                .sql("DELETE FROM mail_settings WHERE environment_id = ?")
                .param(environment.value())
                .update();
    }

    void insert(QueuedMail mail, Optional<byte[]> sealedContents) {
        database.sql()
                .sql("""
                        INSERT INTO mail_queue (id, environment_id, account_id, kind, locale, recipient, sealed_contents,
                                                state, attempts, created_at, next_at, give_up_at, last_answer)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""")
                .param(1, mail.id())
                .param(2, mail.environment().value())
                .param(3, mail.account().map(AccountId::value).orElse(null), Types.VARCHAR)
                .param(4, mail.kind())
                .param(5, mail.locale())
                .param(6, mail.recipient())
                .param(7, sealedContents.orElse(null), Types.BINARY)
                .param(8, mail.state().name())
                .param(9, mail.attempts())
                .param(10, Times.toMillis(mail.createdAt()))
                .param(11, Times.toMillis(mail.nextAt()))
                .param(12, Times.toMillis(mail.giveUpAt()))
                .param(13, mail.lastAnswer())
                .update();
    }

    /** Those in which a mail is due. */
    List<EnvironmentId> environmentsDue(Instant now) {
        return database.sql()
                .sql("SELECT DISTINCT environment_id FROM mail_queue WHERE state = 'QUEUED' AND next_at <= ?")
                .params(Times.toMillis(now))
                .query((row, _) -> new EnvironmentId(row.getString(1)))
                .list();
    }

    List<QueuedMail> due(EnvironmentId environment, Instant now, int limit) {
        return database.sql()
                .sql(
                        "SELECT " + COLUMNS + " FROM mail_queue"
                                + " WHERE state = 'QUEUED' AND next_at <= ? AND environment_id = ? ORDER BY next_at, id LIMIT ?")
                .params(Times.toMillis(now), environment.value(), limit)
                .query((row, _) -> mail(row))
                .list();
    }

    /** Takes the mail for one attempt; of several nodes, one gets it. It is free again at {@code leaseEnds}. */
    boolean claim(QueuedMail mail, Instant leaseEnds) {
        return database.sql()
                        .sql("UPDATE mail_queue SET next_at = ?, attempts = attempts + 1"
                                + " WHERE id = ? AND state = 'QUEUED' AND next_at = ? AND attempts = ?")
                        .params(Times.toMillis(leaseEnds), mail.id(), Times.toMillis(mail.nextAt()), mail.attempts())
                        .update()
                == 1;
    }

    Optional<byte[]> sealedContents(String id) {
        return database
                .sql()
                .sql("SELECT sealed_contents FROM mail_queue WHERE id = ?")
                .param(id)
                .query((row, _) -> Optional.ofNullable(row.getBytes("sealed_contents")))
                .list()
                .stream()
                .findFirst()
                .flatMap(found -> found);
    }

    /** Ends a mail; what it said is forgotten, since it may hold a link. */
    void finish(String id, QueuedMail.State state, String answer) {
        database.sql()
                .sql("UPDATE mail_queue SET state = ?, last_answer = ?, sealed_contents = NULL WHERE id = ?")
                .params(state.name(), answer, id)
                .update();
    }

    void postpone(String id, Instant nextAt, String answer) {
        database.sql()
                .sql("UPDATE mail_queue SET next_at = ?, last_answer = ? WHERE id = ? AND state = 'QUEUED'")
                .params(Times.toMillis(nextAt), answer, id)
                .update();
    }

    /** Keeps what a mail says after giving it up, so that an administrator can try again. */
    void giveUp(String id, String answer) {
        database.sql()
                .sql("UPDATE mail_queue SET state = 'FAILED', last_answer = ? WHERE id = ?")
                .params(answer, id)
                .update();
    }

    boolean retry(EnvironmentId environment, String id, Instant now, Instant giveUpAt) {
        return database.sql()
                        .sql("UPDATE mail_queue SET state = 'QUEUED', next_at = ?, give_up_at = ? WHERE id = ?"
                                + " AND environment_id = ? AND state <> 'SENT' AND sealed_contents IS NOT NULL")
                        .params(Times.toMillis(now), Times.toMillis(giveUpAt), id, environment.value())
                        .update()
                == 1;
    }

    boolean delete(EnvironmentId environment, String id) {
        return database.sql()
                        .sql("DELETE FROM mail_queue WHERE id = ? AND environment_id = ?")
                        .params(id, environment.value())
                        .update()
                == 1;
    }

    List<QueuedMail> newest(EnvironmentId environment, int limit) {
        return database.sql()
                .sql("SELECT " + COLUMNS
                        + " FROM mail_queue WHERE environment_id = ? ORDER BY created_at DESC, id LIMIT ?")
                .params(environment.value(), limit)
                .query((row, _) -> mail(row))
                .list();
    }

    long count(EnvironmentId environment, QueuedMail.State state) {
        return database.sql()
                .sql("SELECT count(*) FROM mail_queue WHERE environment_id = ? AND state = ?")
                .params(environment.value(), state.name())
                .query(Long.class)
                .single();
    }

    long waiting() {
        return database.sql()
                .sql("SELECT count(*) FROM mail_queue WHERE state = 'QUEUED'")
                .query(Long.class)
                .single();
    }

    long countSince(AccountId account, String kind, Instant since) {
        return database.sql()
                .sql("SELECT count(*) FROM mail_queue WHERE account_id = ? AND kind = ? AND created_at >= ?")
                .params(account.value(), kind, Times.toMillis(since))
                .query(Long.class)
                .single();
    }

    int deleteDoneBefore(Instant limit) {
        return database.sql()
                .sql("DELETE FROM mail_queue WHERE state <> 'QUEUED' AND created_at < ?")
                .param(Times.toMillis(limit))
                .update();
    }

    private static QueuedMail mail(ResultSet row) throws SQLException {
        @Nullable String account = row.getString("account_id");
        return new QueuedMail(
                row.getString("id"),
                new EnvironmentId(row.getString("environment_id")),
                Optional.ofNullable(account).map(AccountId::new),
                row.getString("kind"),
                row.getString("locale"),
                row.getString("recipient"),
                QueuedMail.State.valueOf(row.getString("state")),
                row.getInt("attempts"),
                Times.get(row, "created_at"),
                Times.get(row, "next_at"),
                Times.get(row, "give_up_at"),
                row.getString("last_answer"));
    }
}
