package dev.countersign.policy;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.springframework.stereotype.Component;

/** All SQL of the rules of approval. */
@Component
final class ApprovalRuleStore {
    private final Database database;

    ApprovalRuleStore(Database database) {
        this.database = database;
    }

    /** By group; the environment's own has the empty name. */
    Map<String, ApprovalRule> find(EnvironmentId environment) {
        Map<String, ApprovalRule> rules = new HashMap<>();
        database.sql()
                .sql("SELECT group_id, mode, share, longest_seconds FROM approval_rule WHERE environment_id = ?")
                .param(environment.value())
                .query(row -> {
                    rules.put(
                            row.getString("group_id"),
                            new ApprovalRule(
                                    ApprovalRule.Mode.valueOf(row.getString("mode")),
                                    row.getInt("share"),
                                    Duration.ofSeconds(row.getLong("longest_seconds"))));
                });
        return rules;
    }

    record Head(String confirmation, long version) {}

    Head head(EnvironmentId environment) {
        return database.sql()
                .sql("SELECT approval_confirmation, approval_version FROM environment WHERE id = ?")
                .param(environment.value())
                .query((row, _) -> new Head(row.getString(1), row.getLong(2)))
                .single();
    }

    boolean consumeVersion(EnvironmentId environment, String confirmation, long version) {
        return database.sql()
                        .sql("""
                        UPDATE environment SET approval_confirmation = ?, approval_version = approval_version + 1
                        WHERE id = ? AND approval_version = ?""")
                        .params(confirmation, environment.value(), version)
                        .update()
                == 1;
    }

    void replace(EnvironmentId environment, Map<String, ApprovalRule> rules) {
        database.sql()
                .sql("DELETE FROM approval_rule WHERE environment_id = ?")
                .param(environment.value())
                .update();
        rules.forEach((group, rule) -> database.sql()
                .sql("""
                        INSERT INTO approval_rule (environment_id, group_id, mode, share, longest_seconds)
                        VALUES (?, ?, ?, ?, ?)""")
                .params(
                        environment.value(),
                        group,
                        rule.mode().name(),
                        rule.share(),
                        rule.longest().toSeconds())
                .update());
    }
}
