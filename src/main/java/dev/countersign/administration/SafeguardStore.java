package dev.countersign.administration;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Role;
import dev.countersign.store.Database;
import java.util.Set;
import org.springframework.stereotype.Component;

/** All SQL of the guard against lock-out. */
@Component
final class SafeguardStore {
    private final Database database;

    SafeguardStore(Database database) {
        this.database = database;
    }

    private static final String USABLE = """
            FROM account a JOIN password p ON p.account_id = a.id
            WHERE a.environment_id = :environment AND a.disabled_at IS NULL AND (a.role = :role
                  OR a.id IN (SELECT account_id FROM group_member WHERE group_id IN (:groups)))""";

    /** Enabled accounts with a password that are administrators, by themselves or by one of these groups. */
    long usableAdministrators(EnvironmentId environment, Set<GroupId> giving) {
        return database.sql()
                .sql("SELECT count(*) " + USABLE)
                .param("environment", environment.value())
                .param("role", Role.ADMINISTRATOR.name())
                .param("groups", Database.in(giving, GroupId::value))
                .query(Long.class)
                .single();
    }

    /** Who they are. */
    Set<AccountId> whoAreUsable(EnvironmentId environment, Set<GroupId> giving) {
        return database.sql()
                .sql("SELECT a.id " + USABLE)
                .param("environment", environment.value())
                .param("role", Role.ADMINISTRATOR.name())
                .param("groups", Database.in(giving, GroupId::value))
                .query((row, _) -> new AccountId(row.getString("id")))
                .set();
    }
}
