package dev.countersign.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.factor.Challenge;
import dev.countersign.factor.Subject;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Proof;
import dev.countersign.kernel.Proof.Means;
import dev.countersign.kernel.Proofs;
import dev.countersign.kernel.SessionId;
import dev.countersign.kernel.SignInId;
import dev.countersign.kernel.Target;
import dev.countersign.policy.Decision;
import dev.countersign.policy.Why;
import dev.countersign.signin.SignIn.Asked;
import dev.countersign.signin.SignIn.Challenged;
import dev.countersign.signin.SignIn.Complete;
import dev.countersign.signin.SignIn.Heading;
import dev.countersign.signin.SignIn.MustEnrol;
import dev.countersign.signin.SignIn.Refusal;
import dev.countersign.signin.SignIn.Refused;
import dev.countersign.signin.SignIn.Started;
import dev.countersign.signin.SignInEvent.Accepted;
import dev.countersign.signin.SignInEvent.Chose;
import dev.countersign.signin.SignInEvent.Enrolled;
import dev.countersign.signin.SignInEvent.Named;
import dev.countersign.signin.SignInEvent.Rejected;
import dev.countersign.signin.SignInEvent.Resumed;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Each row of the table in {@link SignInFlow}. */
class SignInFlowTest {
    private static final Instant NOW = Instant.parse("2026-03-02T08:00:00Z");
    private static final Instant END = NOW.plus(Duration.ofMinutes(7));
    private static final AccountId BEA = new AccountId("bea");
    private static final AccountId CARL = new AccountId("carl");
    private static final Subject BEAS = new Subject.Known(BEA);
    private static final Subject DECOY = new Subject.Decoy("decoy-1a2b");
    private static final Why WHY = Why.of(Why.Rule.REQUIRED_EVERYONE);
    private static final Why FIRST = Why.of(Why.Rule.PASSWORD_FIRST);
    private static final Heading UNNAMED = new Heading(
            new SignInId("sign-in"),
            new EnvironmentId("northwind"),
            Target.CONSOLE,
            "",
            Optional.of(new SessionId("old-session")),
            END);
    private static final Heading HEADING = UNNAMED.named("Bea");
    private static final Proofs PASSWORD_SHOWN = Proofs.NONE.with(answered(FactorKind.PASSWORD, BEA));
    private static final Set<FactorKind> CODES = Set.of(FactorKind.TOTP, FactorKind.RECOVERY);

    private static final Started STARTED = new Started(UNNAMED);
    private static final Asked ASKED = new Asked(HEADING, BEAS, PASSWORD_SHOWN, CODES, WHY);
    private static final Challenged CHALLENGED = challenged(BEAS, PASSWORD_SHOWN, FactorKind.TOTP);
    private static final MustEnrol MUST_ENROL = new MustEnrol(HEADING, BEA, PASSWORD_SHOWN, FactorKind.TOTP, WHY);
    private static final Complete COMPLETE = new Complete(HEADING, BEA, PASSWORD_SHOWN, WHY);
    private static final Refused REFUSED = new Refused(HEADING, Refusal.DENIED);

    @Test
    void started_and_named_asks_for_the_password() {
        SignIn next = SignInFlow.next(STARTED, new Named(BEAS, "Bea"), SignInFlowTest::unasked, NOW);
        assertThat(next).isEqualTo(new Asked(HEADING, BEAS, Proofs.NONE, Set.of(FactorKind.PASSWORD), FIRST));
    }

    @Test
    void a_name_nobody_has_is_asked_the_same() {
        SignIn next = SignInFlow.next(STARTED, new Named(DECOY, "Bea"), SignInFlowTest::unasked, NOW);
        assertThat(next).isEqualTo(new Asked(HEADING, DECOY, Proofs.NONE, Set.of(FactorKind.PASSWORD), FIRST));
    }

    @Test
    void started_and_resumed_goes_where_the_policy_says() {
        Resumed resumed = new Resumed(new Subject.Known(BEA), "Bea", PASSWORD_SHOWN);
        assertThat(SignInFlow.next(STARTED, resumed, always(new Decision.Ask(CODES, WHY)), NOW))
                .isEqualTo(ASKED);
        assertThat(SignInFlow.next(STARTED, resumed, always(new Decision.Allow(WHY)), NOW))
                .isEqualTo(COMPLETE);
        assertThat(SignInFlow.next(STARTED, resumed, always(new Decision.Deny(WHY)), NOW))
                .isEqualTo(REFUSED);
        assertThat(SignInFlow.next(STARTED, resumed, always(new Decision.Enrol(FactorKind.TOTP, WHY)), NOW))
                .isEqualTo(mustEnrolUntil(NOW.plus(SignInFlow.LIFE)));
    }

    @Test
    void choosing_an_offered_factor_puts_its_question() {
        assertThat(SignInFlow.next(ASKED, new Chose(FactorKind.TOTP), SignInFlowTest::unasked, NOW))
                .isEqualTo(CHALLENGED);
    }

    @Test
    void choosing_a_factor_that_was_not_offered_changes_nothing() {
        assertThat(SignInFlow.next(ASKED, new Chose(FactorKind.PASSWORD), SignInFlowTest::unasked, NOW))
                .isEqualTo(ASKED);
    }

    @Test
    void an_accepted_answer_adds_its_proof_and_goes_where_the_policy_says() {
        Proof proof = answered(FactorKind.TOTP, BEA);
        Proofs both = PASSWORD_SHOWN.with(proof);
        Accepted accepted = new Accepted(proof);
        assertThat(SignInFlow.next(CHALLENGED, accepted, expecting(both, new Decision.Allow(WHY)), NOW))
                .isEqualTo(new Complete(HEADING, BEA, both, WHY));
        assertThat(SignInFlow.next(CHALLENGED, accepted, expecting(both, new Decision.Deny(WHY)), NOW))
                .isEqualTo(REFUSED);
        assertThat(SignInFlow.next(CHALLENGED, accepted, expecting(both, new Decision.Ask(CODES, WHY)), NOW))
                .isEqualTo(new Asked(HEADING, BEAS, both, CODES, WHY));
        Decision enrol = new Decision.Enrol(FactorKind.RECOVERY, WHY);
        assertThat(SignInFlow.next(CHALLENGED, accepted, expecting(both, enrol), NOW))
                .isEqualTo(
                        new MustEnrol(HEADING.until(NOW.plus(SignInFlow.LIFE)), BEA, both, FactorKind.RECOVERY, WHY));
    }

    @Test
    void a_proof_of_another_account_is_refused_whatever_the_factor_promised() {
        Accepted carls = new Accepted(answered(FactorKind.TOTP, CARL));
        assertThat(SignInFlow.next(CHALLENGED, carls, SignInFlowTest::unasked, NOW))
                .isEqualTo(new Refused(HEADING, Refusal.MISMATCH));
    }

    @Test
    void a_proof_of_another_kind_than_asked_is_refused() {
        Accepted other = new Accepted(answered(FactorKind.RECOVERY, BEA));
        assertThat(SignInFlow.next(CHALLENGED, other, SignInFlowTest::unasked, NOW))
                .isEqualTo(new Refused(HEADING, Refusal.MISMATCH));
    }

    @Test
    void registering_is_no_answer() {
        Accepted registered = new Accepted(enrolled(FactorKind.TOTP, BEA));
        assertThat(SignInFlow.next(CHALLENGED, registered, SignInFlowTest::unasked, NOW))
                .isEqualTo(new Refused(HEADING, Refusal.MISMATCH));
    }

    @Test
    void a_decoy_is_refused_even_with_a_right_answer() {
        Challenged decoy = challenged(DECOY, Proofs.NONE, FactorKind.PASSWORD);
        Accepted right = new Accepted(answered(FactorKind.PASSWORD, BEA));
        assertThat(SignInFlow.next(decoy, right, SignInFlowTest::unasked, NOW))
                .isEqualTo(new Refused(HEADING, Refusal.MISMATCH));
    }

    @Test
    void a_rejected_answer_asks_the_same_again() {
        assertThat(SignInFlow.next(CHALLENGED, new Rejected(), SignInFlowTest::unasked, NOW))
                .isEqualTo(ASKED);
    }

    @Test
    void a_registered_factor_adds_its_proof_and_goes_where_the_policy_says() {
        Proof proof = enrolled(FactorKind.TOTP, BEA);
        Proofs both = PASSWORD_SHOWN.with(proof);
        assertThat(SignInFlow.next(MUST_ENROL, new Enrolled(proof), expecting(both, new Decision.Allow(WHY)), NOW))
                .isEqualTo(new Complete(HEADING, BEA, both, WHY));
        Decision next = new Decision.Enrol(FactorKind.RECOVERY, WHY);
        assertThat(SignInFlow.next(MUST_ENROL, new Enrolled(proof), expecting(both, next), NOW))
                .isEqualTo(
                        new MustEnrol(HEADING.until(NOW.plus(SignInFlow.LIFE)), BEA, both, FactorKind.RECOVERY, WHY));
    }

    @Test
    void an_app_and_a_phone_can_be_registered_in_place_of_each_other_and_of_nothing_else() {
        MustEnrol phone = new MustEnrol(HEADING, BEA, PASSWORD_SHOWN, FactorKind.PUSH, WHY);
        MustEnrol recovery = new MustEnrol(HEADING, BEA, PASSWORD_SHOWN, FactorKind.RECOVERY, WHY);
        assertThat(prefer(MUST_ENROL, FactorKind.PUSH)).isEqualTo(phone);
        assertThat(prefer(phone, FactorKind.TOTP)).isEqualTo(MUST_ENROL);
        assertThat(prefer(MUST_ENROL, FactorKind.RECOVERY)).isEqualTo(MUST_ENROL);
        assertThat(prefer(recovery, FactorKind.PUSH)).isEqualTo(recovery);
    }

    private static SignIn prefer(MustEnrol state, FactorKind kind) {
        return SignInFlow.next(state, new SignInEvent.Preferred(kind), SignInFlowTest::unasked, NOW);
    }

    @Test
    void registering_for_another_account_or_another_kind_or_answering_instead_is_refused() {
        for (Proof proof : List.of(
                enrolled(FactorKind.TOTP, CARL), enrolled(FactorKind.RECOVERY, BEA), answered(FactorKind.TOTP, BEA))) {
            assertThat(SignInFlow.next(MUST_ENROL, new Enrolled(proof), SignInFlowTest::unasked, NOW))
                    .as("%s", proof)
                    .isEqualTo(new Refused(HEADING, Refusal.MISMATCH));
        }
    }

    @Test
    void at_its_end_every_sign_in_is_refused_whatever_happens() {
        for (SignIn state : List.of(STARTED, ASKED, CHALLENGED, MUST_ENROL)) {
            for (SignInEvent event : events()) {
                assertThat(SignInFlow.next(state, event, SignInFlowTest::unasked, END))
                        .as("%s, %s", state, event)
                        .isEqualTo(new Refused(state.heading(), Refusal.EXPIRED));
            }
        }
    }

    @Test
    void until_the_last_moment_a_sign_in_goes_on() {
        assertThat(SignInFlow.next(ASKED, new Chose(FactorKind.TOTP), SignInFlowTest::unasked, END.minusNanos(1)))
                .isEqualTo(CHALLENGED);
    }

    @Test
    void nothing_happens_to_a_sign_in_that_has_ended() {
        for (SignIn end : List.of(COMPLETE, REFUSED)) {
            for (SignInEvent event : events()) {
                for (Instant at : List.of(NOW, END)) {
                    assertThatThrownBy(() -> SignInFlow.next(end, event, SignInFlowTest::unasked, at))
                            .as("%s, %s", end, event)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining(end.getClass().getSimpleName())
                            .hasMessageContaining(event.getClass().getSimpleName());
                }
            }
        }
    }

    @Test
    void anything_the_table_does_not_name_is_a_bug_that_names_state_and_event() {
        Map<Class<? extends SignIn>, Set<Class<? extends SignInEvent>>> table = new HashMap<>();
        table.put(Started.class, Set.of(Named.class, Resumed.class));
        table.put(Asked.class, Set.of(Chose.class));
        table.put(Challenged.class, Set.of(Accepted.class, Rejected.class));
        table.put(MustEnrol.class, Set.of(Enrolled.class, SignInEvent.Preferred.class));
        for (SignIn state : List.of(STARTED, ASKED, CHALLENGED, MUST_ENROL)) {
            for (SignInEvent event : events()) {
                if (table.get(state.getClass()).contains(event.getClass())) {
                    continue;
                }
                assertThatThrownBy(() -> SignInFlow.next(state, event, SignInFlowTest::unasked, NOW))
                        .as("%s, %s", state, event)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage(event.getClass().getSimpleName() + " cannot happen to a sign-in that is "
                                + state.getClass().getSimpleName());
            }
        }
    }

    @Test
    void every_kind_of_event_is_in_these_tests() {
        assertThat(events().stream().<Object>map(SignInEvent::getClass))
                .containsExactlyInAnyOrder((Object[]) SignInEvent.class.getPermittedSubclasses());
    }

    @Test
    void registering_begins_a_new_ten_minutes_and_answering_does_not() {
        Accepted accepted = new Accepted(answered(FactorKind.TOTP, BEA));
        SignIn asked = SignInFlow.next(CHALLENGED, accepted, always(new Decision.Ask(CODES, WHY)), NOW);
        SignIn enrol = SignInFlow.next(CHALLENGED, accepted, always(new Decision.Enrol(FactorKind.TOTP, WHY)), NOW);
        assertThat(asked.heading().expiresAt()).isEqualTo(END);
        assertThat(enrol.heading().expiresAt()).isEqualTo(NOW.plus(Duration.ofMinutes(10)));
    }

    private static List<SignInEvent> events() {
        return List.of(
                new Named(BEAS, "Bea"),
                new Resumed(new Subject.Known(BEA), "Bea", PASSWORD_SHOWN),
                new Chose(FactorKind.TOTP),
                new SignInEvent.Preferred(FactorKind.PUSH),
                new Accepted(answered(FactorKind.TOTP, BEA)),
                new Rejected(),
                new Enrolled(enrolled(FactorKind.TOTP, BEA)));
    }

    private static Challenged challenged(Subject subject, Proofs proofs, FactorKind kind) {
        return new Challenged(HEADING, subject, proofs, CODES, WHY, new Challenge(kind, subject));
    }

    private static MustEnrol mustEnrolUntil(Instant end) {
        return new MustEnrol(HEADING.until(end), BEA, PASSWORD_SHOWN, FactorKind.TOTP, WHY);
    }

    private static Proof answered(FactorKind kind, AccountId account) {
        return new Proof(kind, account, Means.ANSWERED, NOW);
    }

    private static Proof enrolled(FactorKind kind, AccountId account) {
        return new Proof(kind, account, Means.ENROLLED, NOW);
    }

    private static SignInFlow.Decide always(Decision decision) {
        return (account, _) -> {
            assertThat(account).isEqualTo(BEA);
            return decision;
        };
    }

    /** A policy that must be asked about exactly these proofs of Bea. */
    private static SignInFlow.Decide expecting(Proofs expected, Decision decision) {
        return (account, proofs) -> {
            assertThat(account).isEqualTo(BEA);
            assertThat(proofs).isEqualTo(expected);
            return decision;
        };
    }

    private static Decision unasked(AccountId account, Proofs proofs) {
        throw new AssertionError("the policy is not asked here");
    }
}
