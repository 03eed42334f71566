package dev.countersign.policy;

import dev.countersign.directory.SignInStyle;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.store.Database;
import dev.countersign.store.ForgetsAccounts;
import dev.countersign.store.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** All SQL of policies and exemptions. */
@Component
final class PolicyStore implements ForgetsAccounts {
    private static final String EVERYONE = "EVERYONE";
    private static final String SELECTED = "SELECTED";
    private static final String GROUP = "GROUP";
    private static final String ACCOUNT = "ACCOUNT";

    private final Database database;

    PolicyStore(Database database) {
        this.database = database;
    }

    @Override
    public void forget(AccountId account) {
        database.sql()
                .sql("DELETE FROM policy_exemption WHERE account_id = ?")
                .param(account.value())
                .update();
    }

    private record Head(Rules.Mode mode, String scope, long version) {}

    private record Subject(String kind, String id) {}

    Rules find(EnvironmentId environment) {
        Optional<Head> head = database.sql()
                .sql("SELECT mode, scope, version FROM policy WHERE environment_id = ?")
                .param(environment.value())
                .query((row, _) -> new Head(
                        Rules.Mode.valueOf(row.getString("mode")), row.getString("scope"), row.getLong("version")))
                .optional();
        return head.map(h -> new Rules(h.mode(), scope(environment, h.scope()), h.version()))
                .orElse(Rules.INITIAL);
    }

    private Rules.Scope scope(EnvironmentId environment, String scope) {
        return scope.equals(SELECTED) ? selected(subjects(environment)) : new Rules.Scope.Everyone();
    }

    private static Rules.Scope selected(List<Subject> subjects) {
        Set<GroupId> groups = new HashSet<>();
        Set<AccountId> people = new HashSet<>();
        for (Subject subject : subjects) {
            if (subject.kind().equals(GROUP)) {
                groups.add(new GroupId(subject.id()));
            } else {
                people.add(new AccountId(subject.id()));
            }
        }
        return new Rules.Scope.Selected(groups, people);
    }

    private List<Subject> subjects(EnvironmentId environment) {
        return database.sql()
                .sql("SELECT kind, subject_id FROM policy_subject WHERE environment_id = ?")
                .param(environment.value())
                .query((row, _) -> new Subject(row.getString("kind"), row.getString("subject_id")))
                .list();
    }

    /** A scope in the two columns that keep it where it is not asked for row by row: its kind, and a subject a line. */
    private record Written(String scope, String subjects) {
        static Written of(Rules.Scope scope) {
            return switch (scope) {
                case Rules.Scope.Everyone() -> new Written(EVERYONE, "");
                case Rules.Scope.Selected(Set<GroupId> groups, Set<AccountId> people) ->
                    new Written(
                            SELECTED,
                            Stream.concat(
                                            groups.stream().map(group -> GROUP + ' ' + group.value()),
                                            people.stream().map(person -> ACCOUNT + ' ' + person.value()))
                                    .sorted()
                                    .collect(Collectors.joining("\n")));
            };
        }

        Rules.Scope read() {
            return scope.equals(SELECTED)
                    ? selected(subjects.lines()
                            .map(line -> new Subject(
                                    line.substring(0, line.indexOf(' ')), line.substring(line.indexOf(' ') + 1)))
                            .toList())
                    : new Rules.Scope.Everyone();
        }
    }

    /** Keeps a version, unless it is kept already. */
    void insertVersion(EnvironmentId environment, PolicyVersion version) {
        Written scope = Written.of(version.rules().scope());
        database.sql()
                .sql("""
                        INSERT INTO policy_version (environment_id, version, mode, scope, subjects, style, reason,
                                                    changed_at, changed_by)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""")
                .params(
                        environment.value(),
                        version.rules().version(),
                        version.rules().mode().name(),
                        scope.scope(),
                        scope.subjects(),
                        version.style().name(),
                        version.reason(),
                        Times.toMillis(version.changedAt()),
                        version.changedBy())
                .update();
    }

    List<PolicyVersion> versions(EnvironmentId environment, int limit) {
        return database.sql()
                .sql("SELECT * FROM policy_version WHERE environment_id = ? ORDER BY version DESC LIMIT ?")
                .params(environment.value(), limit)
                .query((row, _) -> version(row))
                .list();
    }

    Optional<PolicyVersion> findVersion(EnvironmentId environment, long number) {
        return database.sql()
                .sql("SELECT * FROM policy_version WHERE environment_id = ? AND version = ?")
                .params(environment.value(), number)
                .query((row, _) -> version(row))
                .optional();
    }

    private static PolicyVersion version(ResultSet row) throws SQLException {
        return new PolicyVersion(
                new Rules(
                        Rules.Mode.valueOf(row.getString("mode")),
                        new Written(row.getString("scope"), row.getString("subjects")).read(),
                        row.getLong("version")),
                SignInStyle.valueOf(row.getString("style")),
                row.getString("reason"),
                Times.get(row, "changed_at"),
                row.getString("changed_by"));
    }

    Optional<AutomaticStart> findStart(EnvironmentId environment) {
        return database.sql()
                .sql("SELECT * FROM automatic_start WHERE environment_id = ?")
                .param(environment.value())
                .query((row, _) -> new AutomaticStart(
                        row.getString("event"),
                        Duration.ofSeconds(row.getLong("delay_seconds")),
                        new Written(row.getString("scope"), row.getString("subjects")).read(),
                        Times.find(row, "event_at"),
                        Times.find(row, "starts_at")))
                .optional();
    }

    void replaceStart(EnvironmentId environment, Optional<AutomaticStart> start) {
        database.sql()
                .sql("DELETE FROM automatic_start WHERE environment_id = ?")
                .param(environment.value())
                .update();
        start.ifPresent(one -> insertStart(environment, one));
    }

    private void insertStart(EnvironmentId environment, AutomaticStart start) {
        Written scope = Written.of(start.scope());
        database.sql()
                .sql("""
                        INSERT INTO automatic_start (environment_id, event, delay_seconds, scope, subjects, event_at, starts_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?)""")
                .param(1, environment.value())
                .param(2, start.event())
                .param(3, start.delay().toSeconds())
                .param(4, scope.scope())
                .param(5, scope.subjects())
                .param(6, Times.toMillis(start.eventAt()), Types.BIGINT)
                .param(7, Times.toMillis(start.startsAt()), Types.BIGINT)
                .update();
    }

    List<EnvironmentId> plannedStarts(Instant now) {
        return database.sql()
                .sql("SELECT environment_id FROM automatic_start WHERE starts_at > ?")
                .param(Times.toMillis(now))
                .query((row, _) -> new EnvironmentId(row.getString("environment_id")))
                .list();
    }

    List<EnvironmentId> dueStarts(Instant now) {
        return database.sql()
                .sql("SELECT environment_id FROM automatic_start WHERE starts_at <= ?")
                .param(Times.toMillis(now))
                .query((row, _) -> new EnvironmentId(row.getString("environment_id")))
                .list();
    }

    /** Replaces the rules if they are still those of {@code expectedVersion}; false when someone else was faster. */
    boolean replace(EnvironmentId environment, Rules rules, long expectedVersion, Instant now) {
        String scope = switch (rules.scope()) {
            case Rules.Scope.Everyone() -> EVERYONE;
            case Rules.Scope.Selected _ -> SELECTED;
        };
        int changed = database.sql()
                .sql("""
                        INSERT INTO policy AS p (environment_id, mode, scope, version, changed_at)
                        VALUES (:environment, :mode, :scope, :expected + 1, :now)
                        ON CONFLICT (environment_id) DO UPDATE
                        SET mode = :mode, scope = :scope, version = p.version + 1, changed_at = :now
                        WHERE p.version = :expected""")
                .param("environment", environment.value())
                .param("mode", rules.mode().name())
                .param("scope", scope)
                .param("expected", expectedVersion)
                .param("now", Times.toMillis(now))
                .update();
        if (changed == 0) {
            return false;
        }
        replaceSubjects(environment, rules.scope());
        return true;
    }

    private void replaceSubjects(EnvironmentId environment, Rules.Scope scope) {
        database.sql()
                .sql("DELETE FROM policy_subject WHERE environment_id = ?")
                .param(environment.value())
                .update();
        if (scope instanceof Rules.Scope.Selected(Set<GroupId> groups, Set<AccountId> people)) {
            groups.forEach(group -> insertSubject(environment, GROUP, group.value()));
            people.forEach(person -> insertSubject(environment, ACCOUNT, person.value()));
        }
    }

    private void insertSubject(EnvironmentId environment, String kind, String id) {
        database.sql()
                .sql("INSERT INTO policy_subject (environment_id, kind, subject_id) VALUES (?, ?, ?)")
                .params(environment.value(), kind, id)
                .update();
    }

    Optional<Instant> findExemption(AccountId account) {
        return database.sql()
                .sql("SELECT until FROM policy_exemption WHERE account_id = ?")
                .param(account.value())
                .query((row, _) -> Times.get(row, "until"))
                .optional();
    }

    Optional<Exemption> exemption(AccountId account) {
        return database.sql()
                .sql("SELECT account_id, granted_by, reason, until FROM policy_exemption WHERE account_id = ?")
                .param(account.value())
                .query((row, _) -> exemption(row))
                .optional();
    }

    private static Exemption exemption(ResultSet row) throws SQLException {
        return new Exemption(
                new AccountId(row.getString("account_id")),
                row.getString("granted_by"),
                row.getString("reason"),
                Times.get(row, "until"));
    }

    List<Exemption> exemptions(EnvironmentId environment, Instant now) {
        return database.sql()
                .sql("""
                        SELECT account_id, granted_by, reason, until FROM policy_exemption
                        WHERE environment_id = ? AND until > ? ORDER BY until""")
                .params(environment.value(), Times.toMillis(now))
                .query((row, _) -> exemption(row))
                .list();
    }

    void upsertExemption(EnvironmentId environment, Exemption exemption) {
        database.sql()
                .sql("""
                        INSERT INTO policy_exemption (environment_id, account_id, granted_by, reason, until)
                        VALUES (:environment, :account, :grantedBy, :reason, :until)
                        ON CONFLICT (environment_id, account_id) DO UPDATE
                        SET granted_by = :grantedBy, reason = :reason, until = :until""")
                .param("environment", environment.value())
                .param("account", exemption.account().value())
                .param("grantedBy", exemption.grantedBy())
                .param("reason", exemption.reason())
                .param("until", Times.toMillis(exemption.until()))
                .update();
    }

    boolean deleteExemption(AccountId account) {
        return database.sql()
                        .sql("DELETE FROM policy_exemption WHERE account_id = ?")
                        .param(account.value())
                        .update()
                == 1;
    }
}
