package dev.countersign.signin;

import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.policy.AutomaticStart;
import dev.countersign.policy.Policies;
import dev.countersign.policy.PolicyGate;
import dev.countersign.policy.Rules;
import dev.countersign.session.Notice;
import dev.countersign.session.Notices;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * The reminders of an account, from the policy and the factors: as long as two-factor authentication is not off, whoever has
 * not set it up is told so on every page. Thread-safe.
 */
@Component
public final class AccountNotices implements Notices {
    private final Accounts accounts;
    private final Policies policies;
    private final PolicyGate gate;
    private final FactorFacts facts;

    AccountNotices(Accounts accounts, Policies policies, PolicyGate gate, FactorFacts facts) {
        this.accounts = accounts;
        this.policies = policies;
        this.gate = gate;
        this.facts = facts;
    }

    @Override
    public List<Notice> of(AccountId id, Instant now) {
        Account account = accounts.get(id);
        PolicyGate.Enrolments enrolments = facts.of(id);
        if (enrolments.enrolled().contains(FactorKind.TOTP)) {
            boolean missing = !enrolments.recoveryConfirmed() && gate.demandsSecondFactor(account, enrolments, now);
            return missing ? List.of(Notice.of(Notice.Kind.RECOVERY_CODE_MISSING)) : List.of();
        }
        return notSetUp(account, enrolments, now).map(List::of).orElse(List.of());
    }

    private Optional<Notice> notSetUp(Account account, PolicyGate.Enrolments enrolments, Instant now) {
        Optional<Instant> exempt = policies.exemptUntil(account.id())
                .filter(until -> until.isAfter(now))
                .filter(until -> gate.demandsSecondFactor(account, enrolments, until));
        if (exempt.isPresent()) {
            return exempt.map(until -> Notice.of(Notice.Kind.EXEMPTION_ENDS, until));
        }
        Optional<Instant> planned = policies.planned(account.environment(), now)
                .flatMap(AutomaticStart::startsAt)
                .filter(from -> gate.demandsSecondFactor(account, enrolments, from));
        if (planned.isPresent()) {
            return planned.map(from -> Notice.of(Notice.Kind.REQUIRED_FROM, from));
        }
        boolean off = policies.rules(account.environment(), now).mode() == Rules.Mode.OFF;
        return off ? Optional.empty() : Optional.of(Notice.of(Notice.Kind.NOT_SET_UP));
    }
}
