package dev.countersign.factor;

import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.Account;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Proof;
import dev.countersign.support.Crowd;
import dev.countersign.support.TestInstallation;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every factor does. */
public abstract class FactorContract {
    protected final TestInstallation on;
    private final Factor factor;

    protected FactorContract(TestInstallation on, FactorKind kind) {
        this.on = on;
        this.factor = on.get(Factors.class).of(kind);
    }

    /** Someone who has set the factor up. */
    public record Owner(Account account, String answer) {}

    /** A new person with the factor, and the answer that is right at {@link TestInstallation#NOW}. */
    protected abstract Owner enrolled();

    /** An answer of the right shape that is nobody's. */
    protected abstract String wrong();

    /** Whether an answer works only once. */
    protected abstract boolean isSingleUse();

    /** The answer that {@link Owner#answer} writes as text. */
    protected Answer answer(String text) {
        return Answer.Typed.of(text);
    }

    protected final Outcome verify(Subject subject, String typed, Instant at) {
        return verify(new EnvironmentId("northwind"), subject, typed, at);
    }

    private Outcome verify(EnvironmentId environment, Subject subject, String typed, Instant at) {
        Attempt attempt = new Attempt(environment, Origin.SYSTEM, at);
        return factor.verify(factor.challenge(subject, attempt), answer(typed), attempt);
    }

    protected final Outcome verify(Account account, String typed, Instant at) {
        return verify(account.environment(), new Subject.Known(account.id()), typed, at);
    }

    /** Answers and uses the answer up, as a sign-in does. */
    protected final boolean use(Account account, String typed, Instant at) {
        return verify(account, typed, at) instanceof Outcome.Accepted accepted
                && on.database().write(() -> accepted.claim().consume());
    }

    @Test
    void the_right_answer_of_its_owner_is_a_proof_of_its_owner() {
        Owner bea = enrolled();
        assertThat(verify(bea.account(), bea.answer(), NOW))
                .isInstanceOfSatisfying(
                        Outcome.Accepted.class,
                        accepted -> assertThat(accepted.proof())
                                .isEqualTo(
                                        new Proof(factor.kind(), bea.account().id(), Proof.Means.ANSWERED, NOW)));
    }

    @Test
    void looking_at_an_answer_changes_nothing() {
        Owner bea = enrolled();
        for (int i = 0; i < 3; i++) {
            assertThat(verify(bea.account(), bea.answer(), NOW)).isInstanceOf(Outcome.Accepted.class);
        }
        assertThat(use(bea.account(), bea.answer(), NOW)).isTrue();
    }

    @Test
    void a_wrong_answer_is_rejected() {
        Owner bea = enrolled();
        for (String typed : List.of(wrong(), "", " ", bea.answer() + "x", "\u0000", "x".repeat(1_000_000), "💥")) {
            assertThat(verify(bea.account(), typed, NOW))
                    .as("%.40s", typed)
                    .isEqualTo(new Outcome.Rejected(Outcome.Rejection.WRONG));
        }
    }

    @Test
    void an_answer_of_someone_else_is_rejected() {
        Owner bea = enrolled();
        Owner carl = enrolled();
        if (!bea.answer().equals(carl.answer())) {
            assertThat(verify(bea.account(), carl.answer(), NOW)).isInstanceOf(Outcome.Rejected.class);
        }
        assertThat(verify(on.person(), bea.answer(), NOW))
                .as("of someone who has not set it up")
                .isEqualTo(new Outcome.Rejected(Outcome.Rejection.WRONG));
    }

    @Test
    void a_decoy_is_always_rejected() {
        Owner bea = enrolled();
        for (String typed : List.of(bea.answer(), wrong(), "")) {
            assertThat(verify(new Subject.Decoy("decoy-1"), typed, NOW))
                    .isEqualTo(new Outcome.Rejected(Outcome.Rejection.WRONG));
        }
    }

    @Test
    void a_used_answer_is_rejected_where_it_works_once() {
        Owner bea = enrolled();
        assertThat(use(bea.account(), bea.answer(), NOW)).isTrue();
        assertThat(use(bea.account(), bea.answer(), NOW)).isEqualTo(!isSingleUse());
        assertThat(use(bea.account(), bea.answer(), NOW.plusSeconds(1))).isEqualTo(!isSingleUse());
    }

    @Test
    void of_many_who_use_an_answer_at_once_one_succeeds_where_it_works_once() throws Exception {
        Owner bea = enrolled();
        List<Boolean> all = Crowd.together(8, () -> use(bea.account(), bea.answer(), NOW));
        assertThat(all.stream().filter(used -> used)).hasSize(isSingleUse() ? 1 : 8);
    }

    @Test
    void a_claim_that_is_undone_can_be_used_again() {
        Owner bea = enrolled();
        Outcome.Accepted accepted = (Outcome.Accepted) verify(bea.account(), bea.answer(), NOW);
        try {
            on.database().write(() -> {
                assertThat(accepted.claim().consume()).isTrue();
                throw new IllegalArgumentException("the sign-in fails");
            });
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessage("the sign-in fails");
        }
        assertThat(use(bea.account(), bea.answer(), NOW)).isTrue();
    }

    @Test
    void it_is_listed_for_those_who_have_it_alone() {
        Owner bea = enrolled();
        assertThat(factor.enrolments(bea.account().id()))
                .hasSize(1)
                .allMatch(enrolment ->
                        enrolment.kind() == factor.kind() && enrolment.since().equals(NOW));
        assertThat(factor.enrolments(on.person().id())).isEmpty();
        assertThat(on.get(Factors.class).standing(bea.account().id()).second().contains(factor.kind()))
                .isEqualTo(factor.kind() != FactorKind.PASSWORD);
    }

    @Test
    void nothing_that_is_passed_around_shows_the_answer() {
        Owner bea = enrolled();
        Attempt attempt = new Attempt(bea.account().environment(), Origin.SYSTEM, NOW);
        Challenge challenge = factor.challenge(new Subject.Known(bea.account().id()), attempt);
        Answer answer = answer(bea.answer());
        Outcome outcome = factor.verify(challenge, answer, attempt);
        assertThat(List.of(
                                challenge,
                                answer,
                                attempt,
                                outcome,
                                factor.enrolments(bea.account().id()))
                        .toString())
                .doesNotContain(bea.answer());
        assertThat(factor.toString()).doesNotContain(bea.answer());
    }
}
