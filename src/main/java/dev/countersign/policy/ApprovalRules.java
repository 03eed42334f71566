package dev.countersign.policy;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Groups;
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
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/** When phones are asked beyond what the rules demand: per environment, and per group. Thread-safe. */
@Component
public final class ApprovalRules {
    /** Weakest first. */
    private static final List<String> CONFIRMATIONS = List.of("TAP", "NUMBER", "CODE");

    private final Database database;
    private final ApprovalRuleStore store;
    private final Vault vault;
    private final ActivityLog activity;
    private final Groups groups;
    private final RulesInForce inForce;

    ApprovalRules(
            Database database,
            ApprovalRuleStore store,
            Vault vault,
            ActivityLog activity,
            Groups groups,
            RulesInForce inForce) {
        this.database = database;
        this.store = store;
        this.vault = vault;
        this.activity = activity;
        this.groups = groups;
        this.inForce = inForce;
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

        /** As it is logged: with the ids of groups, whose names are looked up for the reader. */
        public String describe() {
            Map<String, String> parts = new TreeMap<>();
            groups.forEach((group, rule) -> parts.put(group.value(), rule.describe()));
            return describeEveryone() + (parts.isEmpty() ? "" : " " + parts);
        }

        private String describeEveryone() {
            return everyone.describe() + " --confirm " + confirmation.toLowerCase(Locale.ROOT);
        }

        /** Whether somebody is asked less, or with less, than these others ask. */
        public boolean protectLessThan(All others) {
            Set<GroupId> named = new HashSet<>(groups.keySet());
            named.addAll(others.groups.keySet());
            return CONFIRMATIONS.indexOf(confirmation) < CONFIRMATIONS.indexOf(others.confirmation)
                    || everyone.isLessThan(others.everyone)
                    || named.stream().anyMatch(group -> of(Set.of(group)).isLessThan(others.of(Set.of(group))));
        }
    }

    public All of(EnvironmentId environment) {
        ApprovalRuleStore.Saved saved = store.find(environment);
        ApprovalRuleStore.Head head = store.head(environment);
        return new All(saved.everyone(), saved.groups(), head.confirmation(), head.version());
    }

    /** What holds for a member of these groups. */
    private ApprovalRule of(EnvironmentId environment, Set<GroupId> memberships) {
        ApprovalRuleStore.Saved saved = inForce.approvals(environment);
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

    /** In the words of the command line, the groups by name. */
    public String describe(EnvironmentId environment, All rules) {
        StringBuilder words = new StringBuilder(rules.describeEveryone());
        groups.names(environment).stream()
                .filter(group -> rules.groups().containsKey(group.id()))
                .sorted(Comparator.comparing(Groups.Name::name))
                .forEach(group -> words.append("; ")
                        .append(group.name())
                        .append(": ")
                        .append(Objects.requireNonNull(rules.groups().get(group.id()))
                                .describe()));
        return words.toString();
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
                    new ActivityEvent.ApprovalRulesChanged(
                            before.describe(), rules.describe(), rules.protectLessThan(before)),
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

    /**
     * What is left to the lot.
     *
     * @param asked whether it says that a phone is asked
     * @param share of a hundred days on which it does
     */
    public record Draw(boolean asked, int share) {}

    /** The outcome of the lot, where nothing else decides whether a phone is asked. */
    Optional<Draw> draw(
            EnvironmentId environment,
            AccountId account,
            Set<GroupId> memberships,
            Supplier<Circumstances> around,
            Instant now) {
        ApprovalRule rule = of(environment, memberships);
        if (rule.mode() != ApprovalRule.Mode.RANDOM) {
            return Optional.empty();
        }
        Optional<Why> why = ApprovalDraw.of(rule, around, lot(account, now), now);
        boolean byLot =
                why.filter(reason -> reason.rule() != Why.Rule.APPROVAL_DRAWN).isEmpty();
        return byLot ? Optional.of(new Draw(why.isPresent(), rule.share())) : Optional.empty();
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
        byte[] hash = vault.lastingHash("approval-draw", message.getBytes(StandardCharsets.UTF_8));
        return Integer.remainderUnsigned(ByteBuffer.wrap(hash).getInt(), ApprovalDraw.LOTS);
    }
}
