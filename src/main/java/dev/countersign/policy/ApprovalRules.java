package dev.countersign.policy;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import dev.countersign.vault.Vault;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/** When phones are asked beyond what the rules demand: per environment, and per group. Thread-safe. */
@Component
public final class ApprovalRules {
    private final Database database;
    private final ApprovalRuleStore store;
    private final Vault vault;
    private final ActivityLog activity;

    ApprovalRules(Database database, ApprovalRuleStore store, Vault vault, ActivityLog activity) {
        this.database = database;
        this.store = store;
        this.vault = vault;
        this.activity = activity;
    }

    /**
     * All of an environment.
     *
     * @param everyone what holds for people in none of the groups
     * @param groups what holds for members of these; of several the strictest
     * @param confirmation what is done on the phone: the constant {@code NUMBER}, {@code CODE} or {@code TAP}
     * @param version grows with each change, so that two people editing at once notice
     */
    public record All(ApprovalRule everyone, Map<GroupId, ApprovalRule> groups, String confirmation, long version) {
        public All {
            groups = Map.copyOf(groups);
        }

        /** What holds for a member of these groups. */
        public ApprovalRule of(Set<GroupId> memberships) {
            return strictest(everyone, groups, memberships);
        }

        /** Whether anybody is asked beyond the rules. */
        public boolean asks() {
            return everyone.mode() != ApprovalRule.Mode.OFF
                    || groups.values().stream().anyMatch(rule -> rule.mode() != ApprovalRule.Mode.OFF);
        }

        /** In the words of the log. */
        public String describe() {
            Map<String, String> parts = new TreeMap<>();
            groups.forEach((group, rule) -> parts.put(group.value(), rule.describe()));
            return everyone.describe() + " --confirm " + confirmation.toLowerCase(java.util.Locale.ROOT)
                    + (parts.isEmpty() ? "" : " " + parts);
        }
    }

    public All of(EnvironmentId environment) {
        ApprovalRuleStore.Saved saved = store.find(environment);
        ApprovalRuleStore.Head head = store.head(environment);
        return new All(saved.everyone(), saved.groups(), head.confirmation(), head.version());
    }

    /** What holds for a member of these groups: one statement, since every request of a session asks. */
    private ApprovalRule of(EnvironmentId environment, Set<GroupId> memberships) {
        ApprovalRuleStore.Saved saved = store.find(environment);
        return strictest(saved.everyone(), saved.groups(), memberships);
    }

    private static ApprovalRule strictest(
            ApprovalRule everyone, Map<GroupId, ApprovalRule> groups, Set<GroupId> memberships) {
        return memberships.stream()
                .filter(groups::containsKey)
                .map(groups::get)
                .reduce(ApprovalRule::stricter)
                .orElse(everyone);
    }

    /** Changes them; false when somebody else has changed them since {@code rules} were read. */
    public boolean change(EnvironmentId environment, All rules, Actor actor, Origin origin, Instant now) {
        return database.write(() -> {
            All before = of(environment);
            if (!store.consumeVersion(environment, rules.confirmation(), rules.version())) {
                return false;
            }
            store.replace(environment, new ApprovalRuleStore.Saved(rules.everyone(), rules.groups()));
            activity.record(
                    environment,
                    Optional.empty(),
                    actor,
                    origin,
                    new ActivityEvent.ApprovalRulesChanged(before.describe(), rules.describe()),
                    now);
            return true;
        });
    }

    /**
     * Why a phone is asked at a sign-in, if it is beyond the rules.
     *
     * @param memberships the groups of the account, those it is in through others included
     */
    Optional<Why> at(
            EnvironmentId environment,
            AccountId account,
            Set<GroupId> memberships,
            Supplier<Circumstances> around,
            Instant now) {
        return ApprovalDraw.of(of(environment, memberships), around, lot(account, now), now);
    }

    /** Why a session without an approval does not suffice any more: only if every sign-in needs one. */
    Optional<Why> inSession(EnvironmentId environment, Set<GroupId> memberships) {
        return of(environment, memberships).mode() == ApprovalRule.Mode.ALWAYS
                ? Optional.of(Why.of(Why.Rule.APPROVAL_ALWAYS))
                : Optional.empty();
    }

    /** The lot of a person on a day, in UTC: it follows from both and the key file, so that nobody can foresee or change it. */
    int lot(AccountId account, Instant now) {
        String message = account + "\n" + LocalDate.ofInstant(now, ZoneOffset.UTC);
        byte[] hash = vault.keyedHash("approval-draw", message.getBytes(StandardCharsets.UTF_8));
        return Integer.remainderUnsigned(ByteBuffer.wrap(hash).getInt(), ApprovalDraw.LOTS);
    }
}
