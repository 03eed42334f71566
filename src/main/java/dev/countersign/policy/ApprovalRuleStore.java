package dev.countersign.policy;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.store.Database;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** All SQL of the rules of approval. */
@Component
final class ApprovalRuleStore {
    private static final String EVERYONE = "";

    private final Database database;

    ApprovalRuleStore(Database database) {
        this.database = database;
    }

    /** What holds for everyone, and for members of groups. In the table the first has the empty name. */
    record Saved(ApprovalRule everyone, Map<GroupId, ApprovalRule> groups) {}

    Saved find(EnvironmentId environment) {
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
        ApprovalRule everyone = Optional.ofNullable(rules.remove(EVERYONE)).orElse(ApprovalRule.INITIAL);
        return new Saved(
                everyone,
                rules.entrySet().stream()
                        .collect(Collectors.toMap(row -> new GroupId(row.getKey()), Map.Entry::getValue)));
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

    void replace(EnvironmentId environment, Saved rules) {
        database.sql()
                .sql("DELETE FROM approval_rule WHERE environment_id = ?")
                .param(environment.value())
                .update();
        insert(environment, EVERYONE, rules.everyone());
        rules.groups().forEach((group, rule) -> insert(environment, group.value(), rule));
    }

    private void insert(EnvironmentId environment, String group, ApprovalRule rule) {
        database.sql()
                .sql("""
                        INSERT INTO approval_rule (environment_id, group_id, mode, share, longest_seconds)
                        VALUES (?, ?, ?, ?, ?)""")
                .params(
                        environment.value(),
                        group,
                        rule.mode().name(),
                        rule.share(),
                        rule.longest().toSeconds())
                .update();
    }
}
