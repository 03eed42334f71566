package dev.countersign.policy;

import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Groups;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Proofs;
import dev.countersign.kernel.Target;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/** Gathers the facts for {@link Policy}; the one way in for every door. Thread-safe. */
@Component
public final class PolicyGate {
    private final Policies policies;
    private final Accounts accounts;
    private final Groups groups;
    private final ApprovalRules approvals;
    private final RulesInForce inForce;

    PolicyGate(Policies policies, Accounts accounts, Groups groups, ApprovalRules approvals, RulesInForce inForce) {
        this.policies = policies;
        this.accounts = accounts;
        this.groups = groups;
        this.approvals = approvals;
        this.inForce = inForce;
    }

    /**
     * What the factors know of an account.
     *
     * @param enrolled the second factors it has set up
     */
    public record Enrolments(
            Set<FactorKind> enrolled, boolean recoveryConfirmed, Optional<Facts.PasswordChange> mustChangePassword) {}

    /** Whether what a session has shown suffices as things stand now. */
    public Decision decide(AccountId id, Enrolments enrolments, Proofs proofs, Target target, Instant now) {
        Account account = accounts.get(id);
        Facts facts = facts(account, enrolments, proofs, target, now);
        return Policy.decide(inForce.rules(account.environment(), now), facts);
    }

    /** What a sign-in in these circumstances has to show next. */
    public Decision decide(
            AccountId id,
            Enrolments enrolments,
            Proofs proofs,
            Target target,
            Supplier<Circumstances> around,
            Instant now) {
        Account account = accounts.get(id);
        Set<GroupId> memberships = groups.groupIdsOf(id);
        Optional<Why> approval = approvals.at(account.environment(), id, memberships, around, now);
        Facts facts = facts(account, memberships, enrolments, approval, proofs, target, now);
        return Policy.decide(inForce.rules(account.environment(), now), facts);
    }

    /** What the lot of the day says of an account of which the rules demand nothing. */
    public Optional<ApprovalRules.Draw> draw(Account account, Supplier<Circumstances> around, Instant now) {
        Set<GroupId> memberships = groups.groupIdsOf(account.id());
        return approvals.draw(account.environment(), account.id(), memberships, around, now);
    }

    /** Whether a second factor is demanded of this account at its own pages. */
    public boolean demandsSecondFactor(Account account, Enrolments enrolments, Instant now) {
        Facts facts = facts(account, enrolments, Proofs.NONE, Target.ACCOUNT, now);
        return Policy.demandsSecondFactor(inForce.rules(account.environment(), now), facts);
    }

    /** The rule that decides whether a second factor is demanded of this account, with the name of the group if one does. */
    public Why explain(Account account, Enrolments enrolments, Instant now) {
        Facts facts = facts(account, enrolments, Proofs.NONE, Target.ACCOUNT, now);
        return named(account, Policy.whyDemanded(inForce.rules(account.environment(), now), facts));
    }

    /** The reason with the name of the group it is about, if it is about one. */
    public Why named(Account account, Why why) {
        return why.rule() == Why.Rule.REQUIRED_GROUP
                ? new Why(why.rule(), why.argument().map(group -> nameOf(account, group)))
                : why;
    }

    private String nameOf(Account account, String group) {
        return policies.groupNames(account.environment(), Set.of(new GroupId(group))).stream()
                .findFirst()
                .orElse(group);
    }

    private Facts facts(Account account, Enrolments enrolments, Proofs proofs, Target target, Instant now) {
        Set<GroupId> memberships = groups.groupIdsOf(account.id());
        Optional<Why> approval = approvals.inSession(account.environment(), memberships);
        return facts(account, memberships, enrolments, approval, proofs, target, now);
    }

    private Facts facts(
            Account account,
            Set<GroupId> memberships,
            Enrolments enrolments,
            Optional<Why> approval,
            Proofs proofs,
            Target target,
            Instant now) {
        return new Facts(
                account.id(),
                memberships,
                account.isDisabled(),
                enrolments.enrolled(),
                enrolments.recoveryConfirmed(),
                enrolments.mustChangePassword(),
                policies.exemptUntil(account.id()),
                approval,
                proofs,
                target,
                now);
    }
}
