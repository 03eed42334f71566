package dev.countersign.factor.companion;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.ApprovalId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.PhoneId;
import dev.countersign.kernel.SignInId;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** All SQL of requests to phones. */
@Component
final class ApprovalStore {
    private static final String COLUMNS = """
            id, environment_id, account_id, sign_in_id, state, confirmation, digits, wrong, application, browser, system_name,
            address, network, place, created_at, expires_at, changed_at, phone_id""";

    private final Database database;

    ApprovalStore(Database database) {
        this.database = database;
    }

    /** What is known of how a person answers. */
    record Restraint(int unanswered, boolean declined, Instant lastAskedAt, int heldBack) {
        static final Restraint NONE = new Restraint(0, false, Instant.EPOCH, 0);
    }

    void insert(Approval request) {
        Approval.Circumstances about = request.circumstances();
        database.sql()
                .sql("""
                        INSERT INTO approval (id, environment_id, account_id, sign_in_id, state, confirmation, digits, wrong,
                                              application, browser, system_name, address, network, place, created_at,
                                              expires_at, changed_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?)""")
                .param(1, request.id().value())
                .param(2, request.environment().value())
                .param(3, request.account().value())
                .param(4, request.signIn().value())
                .param(5, request.state().name())
                .param(6, request.confirmation().name())
                .param(7, request.digits())
                .param(8, about.application())
                .param(9, about.browser())
                .param(10, about.system())
                .param(11, about.address())
                .param(12, about.network().orElse(null), Types.VARCHAR)
                .param(13, about.place().orElse(null), Types.VARCHAR)
                .param(14, Times.toMillis(request.createdAt()))
                .param(15, Times.toMillis(request.expiresAt()))
                .param(16, Times.toMillis(request.changedAt()))
                .update();
    }

    Optional<Approval> find(ApprovalId id) {
        return database.sql()
                .sql("SELECT " + COLUMNS + " FROM approval WHERE id = ?")
                .param(id.value())
                .query((row, _) -> approval(row))
                .optional();
    }

    /** The newest request of a sign-in. */
    Optional<Approval> ofSignIn(SignInId signIn) {
        return database.sql()
                .sql("SELECT " + COLUMNS + " FROM approval WHERE sign_in_id = ? ORDER BY created_at DESC, id LIMIT 1")
                .param(signIn.value())
                .query((row, _) -> approval(row))
                .optional();
    }

    List<Approval> open(AccountId account, Instant now) {
        return database.sql()
                .sql("SELECT " + COLUMNS + " FROM approval WHERE account_id = ? AND state = 'OPEN' AND expires_at > ?"
                        + " AND created_at <= ? ORDER BY created_at DESC, id")
                .params(account.value(), Times.toMillis(now), Times.latest(now))
                .query((row, _) -> approval(row))
                .list();
    }

    List<Approval> newest(AccountId account, int limit) {
        return database.sql()
                .sql("SELECT " + COLUMNS + " FROM approval WHERE account_id = ? ORDER BY created_at DESC, id LIMIT ?")
                .params(account.value(), limit)
                .query((row, _) -> approval(row))
                .list();
    }

    private static Approval approval(ResultSet row) throws SQLException {
        return new Approval(
                new ApprovalId(row.getString("id")),
                new EnvironmentId(row.getString("environment_id")),
                new AccountId(row.getString("account_id")),
                new SignInId(row.getString("sign_in_id")),
                Approval.State.valueOf(row.getString("state")),
                Confirmation.valueOf(row.getString("confirmation")),
                row.getString("digits"),
                row.getInt("wrong"),
                new Approval.Circumstances(
                        row.getString("application"),
                        row.getString("browser"),
                        row.getString("system_name"),
                        row.getString("address"),
                        Optional.ofNullable(row.getString("network")),
                        Optional.ofNullable(row.getString("place"))),
                Times.get(row, "created_at"),
                Times.get(row, "expires_at"),
                Times.get(row, "changed_at"),
                Optional.ofNullable(row.getString("phone_id")).map(PhoneId::new));
    }

    /** Decides an open request, once; false when it is decided or its time is over. */
    boolean consumeOpen(ApprovalId id, Approval.State decided, PhoneId phone, Instant now) {
        return database.sql()
                        .sql("""
                        UPDATE approval SET state = ?, phone_id = ?, changed_at = ?
                        WHERE id = ? AND state = 'OPEN' AND expires_at > ? AND created_at <= ?""")
                        .params(
                                decided.name(),
                                phone.value(),
                                Times.toMillis(now),
                                id.value(),
                                Times.toMillis(now),
                                Times.latest(now))
                        .update()
                == 1;
    }

    /** Ends a request that no browser has gone on with, once. */
    boolean consumeUnused(ApprovalId id, Approval.State refused, PhoneId phone, Instant now) {
        return database.sql()
                        .sql("""
                        UPDATE approval SET state = ?, phone_id = ?, changed_at = ?
                        WHERE id = ? AND state IN ('OPEN', 'APPROVED') AND expires_at > ?""")
                        .params(refused.name(), phone.value(), Times.toMillis(now), id.value(), Times.toMillis(now))
                        .update()
                == 1;
    }

    /** What a phone approved and no browser has gone on with ends with the phone. */
    void endApprovedBy(PhoneId phone, AccountId account, Instant now) {
        database.sql()
                .sql("""
                        UPDATE approval SET state = 'WITHDRAWN', changed_at = ?
                        WHERE account_id = ? AND phone_id = ? AND state = 'APPROVED'""")
                .params(Times.toMillis(now), account.value(), phone.value())
                .update();
    }

    /** Lets the browser go on with an approval, once. */
    boolean consumeApproved(ApprovalId id, SignInId signIn) {
        return database.sql()
                        .sql(
                                "UPDATE approval SET state = 'USED' WHERE id = ? AND sign_in_id = ? AND state = 'APPROVED'")
                        .params(id.value(), signIn.value())
                        .update()
                == 1;
    }

    /** Counts wrong digits; the last allowed ones end the request. Answers how often it was wrong by now. */
    int noteWrong(ApprovalId id, Instant now) {
        return database.sql()
                .sql("""
                        UPDATE approval SET wrong = wrong + 1,
                               state = CASE WHEN wrong + 1 >= :most THEN 'EXPIRED' ELSE state END,
                               changed_at = CASE WHEN wrong + 1 >= :most THEN :now ELSE changed_at END
                        WHERE id = :id AND state = 'OPEN' RETURNING wrong""")
                .param("most", Approval.MOST_WRONG)
                .param("now", Times.toMillis(now))
                .param("id", id.value())
                .query(Integer.class)
                .optional()
                .orElse(Approval.MOST_WRONG);
    }

    void withdraw(SignInId signIn, Instant now) {
        database.sql()
                .sql("""
                        UPDATE approval SET state = 'WITHDRAWN', changed_at = :now
                        WHERE sign_in_id = :signIn AND state = 'OPEN' AND expires_at > :now""")
                .param("now", Times.toMillis(now))
                .param("signIn", signIn.value())
                .update();
    }

    void endAll(AccountId account, Instant now) {
        database.sql().sql("""
                        UPDATE approval SET state = 'WITHDRAWN', changed_at = ?
                        WHERE account_id = ? AND state IN ('OPEN', 'APPROVED')""").params(Times.toMillis(now), account.value()).update();
    }

    void deletePairings(AccountId account) {
        database.sql()
                .sql("DELETE FROM phone_pairing WHERE account_id = ?")
                .param(account.value())
                .update();
    }

    /** Requests that were decided since, at whatever node. */
    List<String> decidedSince(Instant since) {
        return database.sql()
                .sql("""
                        SELECT id FROM approval WHERE changed_at >= :since AND state <> 'OPEN'
                        UNION ALL
                        SELECT id FROM phone_pairing WHERE changed_at >= :since AND state <> 'OFFERED'""")
                .param("since", Times.toMillis(since))
                .query((row, _) -> row.getString("id"))
                .list();
    }

    Restraint restraint(AccountId account) {
        return database.sql()
                .sql(
                        "SELECT unanswered, declined, last_asked_at, held_back FROM approval_restraint WHERE account_id = ?")
                .param(account.value())
                .query((row, _) -> new Restraint(
                        row.getInt("unanswered"),
                        row.getInt("declined") == 1,
                        Times.get(row, "last_asked_at"),
                        row.getInt("held_back")))
                .optional()
                .orElse(Restraint.NONE);
    }

    void save(EnvironmentId environment, AccountId account, Restraint restraint) {
        database.sql()
                .sql("""
                        INSERT INTO approval_restraint (account_id, environment_id, unanswered, declined, last_asked_at, held_back)
                        VALUES (?, ?, ?, ?, ?, ?)
                        ON CONFLICT (account_id) DO UPDATE
                        SET unanswered = excluded.unanswered, declined = excluded.declined,
                            last_asked_at = excluded.last_asked_at, held_back = excluded.held_back""")
                .params(
                        account.value(),
                        environment.value(),
                        restraint.unanswered(),
                        restraint.declined() ? 1 : 0,
                        Times.toMillis(restraint.lastAskedAt()),
                        restraint.heldBack())
                .update();
    }

    Optional<Instant> lastApprovedAt(AccountId account) {
        return database.sql()
                .sql("SELECT max(changed_at) AS at FROM approval WHERE account_id = ? AND state = 'USED'")
                .param(account.value())
                .query((row, _) -> Times.find(row, "at"))
                .single();
    }

    int deleteOld(Instant before) {
        return database.sql()
                .sql("DELETE FROM approval WHERE created_at < ?")
                .param(Times.toMillis(before))
                .update();
    }

    String confirmation(EnvironmentId environment) {
        return database.sql()
                .sql("SELECT approval_confirmation FROM environment WHERE id = ?")
                .param(environment.value())
                .query(String.class)
                .single();
    }
}
