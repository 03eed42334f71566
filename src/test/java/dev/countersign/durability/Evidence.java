package dev.countersign.durability;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a database holds, read without the product.
 *
 * @param demanded whether everybody needs a second factor
 */
record Evidence(
        boolean demanded,
        List<Account> accounts,
        List<Session> sessions,
        List<Entry> log,
        List<Approval> approvals,
        List<Budget> budgets) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    record Account(
            String id, String username, String role, boolean disabled, boolean withPassword, boolean withFactor) {}

    /** @param proofs as they are stored: {@code totp:ANSWERED:1700000000000} and so on */
    record Session(String id, String account, String proofs) {}

    /** @param session the session it is about, if it is about one */
    record Entry(long sequence, String kind, String account, Optional<String> session) {}

    record Approval(String id, String account, String state) {}

    record Budget(String bucket, long inARow, long inDay) {}

    /** Everything, at one moment. */
    static Evidence of(Connection database) throws SQLException {
        return new Evidence(
                rows(database, "SELECT mode FROM policy WHERE scope = 'EVERYONE'", row -> row.getString(1))
                        .contains("REQUIRED"),
                rows(
                        database,
                        """
                        SELECT a.id, a.username, a.role, a.disabled_at,
                               (SELECT count(*) FROM password p WHERE p.account_id = a.id),
                               (SELECT count(*) FROM totp t WHERE t.account_id = a.id)
                                   + (SELECT count(*) FROM phone p WHERE p.account_id = a.id)
                        FROM account a""",
                        row -> new Account(
                                row.getString(1),
                                row.getString(2),
                                row.getString(3),
                                row.getString(4) != null,
                                row.getLong(5) > 0,
                                row.getLong(6) > 0)),
                rows(
                        database,
                        "SELECT id, account_id, proofs FROM session",
                        row -> new Session(row.getString(1), row.getString(2), row.getString(3))),
                rows(
                        database,
                        "SELECT sequence, kind, coalesce(account_id, ''), details FROM activity ORDER BY sequence",
                        row -> new Entry(row.getLong(1), row.getString(2), row.getString(3), session(row))),
                rows(
                        database,
                        "SELECT id, account_id, state FROM approval",
                        row -> new Approval(row.getString(1), row.getString(2), row.getString(3))),
                rows(
                        database,
                        "SELECT bucket, in_a_row, in_day FROM guess_budget",
                        row -> new Budget(row.getString(1), row.getLong(2), row.getLong(3))));
    }

    private static Optional<String> session(ResultSet row) throws SQLException {
        return Optional.of(JSON.readTree(row.getString(4)).path("session").asString(""))
                .filter(id -> !id.isEmpty());
    }

    private interface Reader<T> {
        T read(ResultSet row) throws SQLException;
    }

    private static <T> List<T> rows(Connection database, String query, Reader<T> reader) throws SQLException {
        List<T> all = new ArrayList<>();
        try (Statement statement = database.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                all.add(reader.read(rows));
            }
        }
        return all;
    }
}
