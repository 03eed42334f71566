package dev.countersign.factor.companion;

import dev.countersign.factor.Answer;
import dev.countersign.factor.Attempt;
import dev.countersign.factor.Challenge;
import dev.countersign.factor.Enrolment;
import dev.countersign.factor.Factor;
import dev.countersign.factor.Outcome;
import dev.countersign.factor.Subject;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Proof;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Approval on the phone, as a factor: what the phone approved lets one sign-in go on, once, and no other. */
@Component
final class CompanionFactor implements Factor {
    private static final Outcome WRONG = new Outcome.Rejected(Outcome.Rejection.WRONG);

    private final PhoneStore phones;
    private final ApprovalStore approvals;

    CompanionFactor(PhoneStore phones, ApprovalStore approvals) {
        this.phones = phones;
        this.approvals = approvals;
    }

    @Override
    public FactorKind kind() {
        return FactorKind.PUSH;
    }

    @Override
    public List<Enrolment> enrolments(AccountId account) {
        return phones.of(account).stream()
                .map(phone -> new Enrolment(kind(), phone.pairedAt(), Optional.of(phone.lastSeenAt())))
                .toList();
    }

    @Override
    public Challenge challenge(Subject subject, Attempt attempt) {
        return new Challenge(kind(), subject);
    }

    @Override
    public Outcome verify(Challenge challenge, Answer answer, Attempt attempt) {
        if (!(answer instanceof Answer.Approved approved)
                || !(challenge.subject() instanceof Subject.Known(AccountId account))) {
            return WRONG;
        }
        Optional<Approval> request = approvals
                .find(approved.request())
                .filter(each -> each.account().equals(account))
                .filter(each -> each.environment().equals(attempt.environment()))
                .filter(each -> each.signIn().equals(approved.signIn()));
        if (request.filter(each -> each.state() == Approval.State.USED).isPresent()) {
            return new Outcome.Rejected(Outcome.Rejection.REPLAYED);
        }
        boolean usable = request.filter(each -> each.state() == Approval.State.APPROVED)
                .filter(each -> attempt.now().isBefore(each.changedAt().plus(Approval.GOES_ON)))
                .isPresent();
        if (!usable) {
            return WRONG;
        }
        Proof proof = new Proof(kind(), account, Proof.Means.ANSWERED, attempt.now());
        return new Outcome.Accepted(proof, () -> approvals.consumeApproved(approved.request(), approved.signIn()));
    }
}
