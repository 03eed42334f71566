package dev.countersign.alert;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** All SQL of alerts. */
@Component
final class AlertStore {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String UNACKNOWLEDGED = """
            FROM alert
            WHERE environment_id = :environment
              AND NOT EXISTS (SELECT 1 FROM alert_acknowledgement
                              WHERE alert_id = alert.id AND account_id = :account)
            """;

    private final Database database;

    AlertStore(Database database) {
        this.database = database;
    }

    void insert(EnvironmentId environment, Alert alert) {
        database.sql()
                .sql("INSERT INTO alert (id, environment_id, kind, arguments, raised_at) VALUES (?, ?, ?, ?, ?)")
                .params(
                        alert.id(),
                        environment.value(),
                        alert.kind().name(),
                        JSON.writeValueAsString(alert.arguments()),
                        Times.toMillis(alert.at()))
                .update();
    }

    List<Alert> unacknowledged(EnvironmentId environment, AccountId account, int limit) {
        return database.sql()
                .sql("SELECT id, kind, arguments, raised_at " + UNACKNOWLEDGED
                        + "ORDER BY raised_at DESC, id LIMIT :limit")
                .param("environment", environment.value())
                .param("account", account.value())
                .param("limit", limit)
                .query((row, _) -> alert(row))
                .list();
    }

    long countUnacknowledged(EnvironmentId environment, AccountId account) {
        return database.sql()
                .sql("SELECT count(*) " + UNACKNOWLEDGED)
                .param("environment", environment.value())
                .param("account", account.value())
                .query(Long.class)
                .single();
    }

    void acknowledge(EnvironmentId environment, AccountId account, String alertId, Instant now) {
        database.sql()
                .sql("""
                        INSERT INTO alert_acknowledgement (alert_id, account_id, environment_id, acknowledged_at)
                        SELECT id, :account, environment_id, :now FROM alert
                        WHERE id = :alert AND environment_id = :environment
                        ON CONFLICT (alert_id, account_id) DO NOTHING""")
                .param("account", account.value())
                .param("now", Times.toMillis(now))
                .param("alert", alertId)
                .param("environment", environment.value())
                .update();
    }

    void acknowledgeAll(EnvironmentId environment, AccountId account, Instant now) {
        database.sql()
                .sql("""
                        INSERT INTO alert_acknowledgement (alert_id, account_id, environment_id, acknowledged_at)
                        SELECT id, :account, environment_id, :now FROM alert WHERE environment_id = :environment
                        ON CONFLICT (alert_id, account_id) DO NOTHING""")
                .param("account", account.value())
                .param("now", Times.toMillis(now))
                .param("environment", environment.value())
                .update();
    }

    private static Alert alert(ResultSet row) throws SQLException {
        return new Alert(
                row.getString("id"),
                Alert.Kind.valueOf(row.getString("kind")),
                List.of(JSON.readValue(row.getString("arguments"), String[].class)),
                Times.get(row, "raised_at"));
    }
}
