package dev.countersign.directory;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** All SQL of environments. */
@Component
final class EnvironmentStore {
    private static final String SELECT = "SELECT id, name, host, display_name, sign_in_style FROM environment ";

    private final Database database;

    EnvironmentStore(Database database) {
        this.database = database;
    }

    boolean insert(Environment environment, Instant now) {
        return database.sql()
                        .sql("""
                        INSERT INTO environment (id, name, host, display_name, sign_in_style, created_at)
                        VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""")
                        .param(1, environment.id().value())
                        .param(2, environment.name())
                        .param(3, environment.host().orElse(null), Types.VARCHAR)
                        .param(4, environment.displayName())
                        .param(5, environment.style().name())
                        .param(6, Times.toMillis(now))
                        .update()
                == 1;
    }

    Optional<Environment> findByName(String name) {
        return database.sql()
                .sql(SELECT + "WHERE name = ?")
                .param(name)
                .query((row, _) -> environment(row))
                .optional();
    }

    Optional<Environment> find(EnvironmentId id) {
        return database.sql()
                .sql(SELECT + "WHERE id = ?")
                .param(id.value())
                .query((row, _) -> environment(row))
                .optional();
    }

    /** The environment that claims this host, else the default one. */
    Optional<Environment> findByHost(String host) {
        return database.sql()
                .sql(SELECT + "WHERE host = ? OR (name = ? AND NOT EXISTS (SELECT 1 FROM environment WHERE host = ?))")
                .params(host, Environment.DEFAULT_NAME, host)
                .query((row, _) -> environment(row))
                .optional();
    }

    List<Environment> all() {
        return database.sql()
                .sql(SELECT + "ORDER BY name")
                .query((row, _) -> environment(row))
                .list();
    }

    void updateStyle(EnvironmentId id, SignInStyle style) {
        database.sql()
                .sql("UPDATE environment SET sign_in_style = ? WHERE id = ?")
                .params(style.name(), id.value())
                .update();
    }

    /** Makes other transactions that lock the environment wait for this one. */
    void lock(EnvironmentId id) {
        database.sql()
                .sql("UPDATE environment SET created_at = created_at WHERE id = ?")
                .param(id.value())
                .update();
    }

    Optional<Environments.SessionLimits> findSessionLimits(EnvironmentId id) {
        return database.sql()
                .sql("SELECT session_idle_seconds, session_longest_seconds FROM environment"
                        + " WHERE id = ? AND session_idle_seconds IS NOT NULL")
                .param(id.value())
                .query((row, _) -> new Environments.SessionLimits(
                        Duration.ofSeconds(row.getLong("session_idle_seconds")),
                        Duration.ofSeconds(row.getLong("session_longest_seconds"))))
                .optional();
    }

    void updateSessionLimits(EnvironmentId id, Environments.SessionLimits limits) {
        database.sql()
                .sql("UPDATE environment SET session_idle_seconds = ?, session_longest_seconds = ? WHERE id = ?")
                .params(limits.idle().toSeconds(), limits.longest().toSeconds(), id.value())
                .update();
    }

    private static Environment environment(ResultSet row) throws SQLException {
        return new Environment(
                new EnvironmentId(row.getString("id")),
                row.getString("name"),
                Optional.ofNullable(row.getString("host")),
                row.getString("display_name"),
                SignInStyle.valueOf(row.getString("sign_in_style")));
    }
}
