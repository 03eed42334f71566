package dev.countersign.signin;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.Account;
import dev.countersign.directory.Environment;
import dev.countersign.factor.Answer;
import dev.countersign.factor.Factors;
import dev.countersign.factor.recovery.RecoveryCodes;
import dev.countersign.factor.replacement.ReplacementCodes;
import dev.countersign.factor.totp.Apps;
import dev.countersign.factor.totp.Totp;
import dev.countersign.kernel.Channel;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Proof;
import dev.countersign.kernel.Role;
import dev.countersign.kernel.Target;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.session.Sessions;
import dev.countersign.support.Crowd;
import dev.countersign.support.TestInstallation;
import dev.countersign.throttle.Throttle;
import dev.countersign.throttle.Verdict;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.SecretText;
import dev.countersign.vault.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What a reset and a replaced phone leave of what someone signed in with: nothing, at once, on both databases. */
class AccountActionsTest {
    @Nested
    class OnSqlite extends Contract {
        OnSqlite() {
            super(TestInstallation.sqlite());
        }
    }

    @Nested
    class OnPostgresql extends Contract {
        OnPostgresql() {
            super(TestInstallation.postgresql());
        }
    }

    abstract static class Contract {
        private static final Instant LATER = NOW.plus(Duration.ofMinutes(2));

        private final TestInstallation on;
        private final SignInService signIns;
        private final AccountActions actions;
        private final Environment environment;
        private final Account bea;
        private final Token browser;
        private SecretBytes secret;

        Contract(TestInstallation on) {
            this.on = on;
            this.signIns = on.get(SignInService.class);
            this.actions = on.get(AccountActions.class);
            this.environment = on.environment();
            this.bea = on.person(environment, "bea", Role.USER);
            this.browser = on.get(Randomness.class).token();
            this.secret = on.get(Apps.class).newSecret();
            Rules rules = new Rules(Rules.Mode.REQUIRED, new Rules.Scope.Everyone(), 0);
            assertThat(on.get(Policies.class).change(environment.id(), rules, ACTOR, Origin.SYSTEM, NOW))
                    .isTrue();
        }

        private Caller caller(Channel channel) {
            return new Caller(Origin.SYSTEM, channel, Optional.of(browser));
        }

        /** Past the password. */
        private Held begun(Channel channel, Instant now) {
            Proof proof = new Proof(FactorKind.PASSWORD, bea.id(), Proof.Means.ANSWERED, now);
            return ((Step.At) signIns.continueAs(bea, proof, Target.ACCOUNT, caller(channel), now)).held();
        }

        private String setUp() {
            return on.database().write(() -> {
                on.get(Apps.class).register(bea, secret, Totp.DEFAULT.step(NOW), ACTOR, Origin.SYSTEM, NOW);
                SecretText code = on.get(RecoveryCodes.class).issue(bea, ACTOR, Origin.SYSTEM, NOW);
                on.get(RecoveryCodes.class).confirm(bea, code, ACTOR, Origin.SYSTEM, NOW);
                return code.reveal();
            });
        }

        private String code(SecretBytes of, Instant at) {
            return Totp.DEFAULT.code(of, Totp.DEFAULT.step(at));
        }

        private Step answer(Held held, FactorKind kind, String typed, Channel channel, Instant now) {
            return signIns.answer(held, kind, Answer.Typed.of(typed), caller(channel), now);
        }

        private Sessions.Issued signedIn(Channel channel, Instant now) {
            Step step = answer(begun(channel, now), FactorKind.TOTP, code(secret, now), channel, now);
            return ((Step.Done) step).session();
        }

        private boolean opens(Sessions.Issued issued, Channel channel) {
            return on.get(Sessions.class)
                    .find(environment.id(), channel, issued.token(), LATER)
                    .isPresent();
        }

        private boolean isAlive(Held held, Channel channel) {
            return signIns.find(environment.id(), channel, held.token(), LATER).isPresent();
        }

        private long apps() {
            return on.count(
                    "SELECT count(*) FROM totp WHERE account_id = ?", bea.id().value());
        }

        private void reset() {
            actions.resetSecondFactor(bea, ACTOR, Origin.SYSTEM, LATER);
        }

        private String replacePhone() {
            return actions.replacePhone(bea, ACTOR, Origin.SYSTEM, LATER).code().reveal();
        }

        @Test
        void after_a_reset_nothing_of_before_is_alive() {
            everythingIsDeadAfter(this::reset);
            assertThat(on.get(Factors.class).standing(bea.id()).second()).isEmpty();
            assertThat(begun(Channel.COOKIE, LATER).state())
                    .isInstanceOfSatisfying(
                            SignIn.MustEnrol.class,
                            must -> assertThat(must.kind()).isEqualTo(FactorKind.TOTP));
        }

        @Test
        void after_a_phone_was_replaced_nothing_of_before_is_alive() {
            everythingIsDeadAfter(this::replacePhone);
            assertThat(on.get(Factors.class).standing(bea.id()).second()).containsExactly(FactorKind.REPLACEMENT);
        }

        private void everythingIsDeadAfter(Runnable action) {
            String recovery = setUp();
            Sessions.Issued cookie = signedIn(Channel.COOKIE, NOW.plusSeconds(60));
            Sessions.Issued bearer = signedIn(Channel.BEARER, NOW.plusSeconds(90));
            Held asked = begun(Channel.COOKIE, NOW.plusSeconds(90));
            Held overRest = begun(Channel.BEARER, NOW.plusSeconds(90));
            Held stepUp = ((Step.At) signIns.resume(
                            cookie.session(),
                            Target.ACCOUNT.wishing(Target.Wish.SET_UP_APP),
                            caller(Channel.COOKIE),
                            NOW.plusSeconds(90)))
                    .held();
            assertThat(stepUp.state()).isInstanceOf(SignIn.MustEnrol.class);
            Throttle throttle = on.get(Throttle.class);
            for (int i = 0; i < 5; i++) {
                throttle.reserve(environment.id(), List.of(budget()), LATER);
            }

            action.run();

            assertThat(opens(cookie, Channel.COOKIE)).isFalse();
            assertThat(opens(bearer, Channel.BEARER)).isFalse();
            assertThat(isAlive(asked, Channel.COOKIE)).isFalse();
            assertThat(isAlive(overRest, Channel.BEARER)).isFalse();
            assertThat(isAlive(stepUp, Channel.COOKIE)).isFalse();
            assertThat(answer(asked, FactorKind.TOTP, code(secret, LATER), Channel.COOKIE, LATER))
                    .as("the code page in another browser")
                    .isInstanceOfAny(Step.Wrong.class, Step.Gone.class);
            assertThat(answer(overRest, FactorKind.RECOVERY, recovery, Channel.BEARER, LATER))
                    .isInstanceOfAny(Step.Wrong.class, Step.Gone.class);
            enrol(stepUp, LATER);
            assertThat(apps()).as("the half-done enrolment").isZero();
            assertThat(signIns.resume(
                            cookie.session(),
                            Target.ACCOUNT.wishing(Target.Wish.SET_UP_APP),
                            caller(Channel.COOKIE),
                            LATER))
                    .as("a dead session starts nothing")
                    .isInstanceOf(Step.Gone.class);
            assertThat(on.get(Sessions.class).isKnownBrowser(bea.id(), browser, LATER))
                    .isFalse();
            assertThat(throttle.reserve(environment.id(), List.of(budget()), LATER))
                    .isInstanceOf(Verdict.Go.class);
        }

        private dev.countersign.throttle.Bucket budget() {
            return GuessBuckets.secondFactor(new dev.countersign.factor.Subject.Known(bea.id()));
        }

        private Step enrol(Held held, Instant now) {
            return held.material().orElse(null) instanceof Material.App(SecretBytes fresh)
                    ? signIns.enrol(held, Answer.Typed.of(code(fresh, now)), caller(Channel.COOKIE), now)
                    : new Step.Gone();
        }

        @Test
        void a_registration_that_runs_at_the_same_moment_survives_neither_a_reset_nor_a_replaced_phone()
                throws Exception {
            for (int round = 0; round < 10; round++) {
                boolean replace = round % 2 == 0;
                Held held = begun(Channel.COOKIE, LATER);
                AtomicInteger turn = new AtomicInteger();
                Crowd.together(2, () -> {
                    if (turn.getAndIncrement() == 0) {
                        enrol(held, LATER);
                    } else if (replace) {
                        replacePhone();
                    } else {
                        reset();
                    }
                    return true;
                });
                assertThat(isAlive(held, Channel.COOKIE)).isFalse();
                assertThat(apps()).as("round %d", round).isZero();
                reset();
            }
        }

        @Test
        void a_step_up_that_begins_at_the_same_moment_as_a_reset_is_dead_too() throws Exception {
            setUp();
            for (int round = 0; round < 10; round++) {
                Instant at = NOW.plusSeconds(60 + 30L * round);
                setUp();
                Sessions.Issued issued = signedIn(Channel.COOKIE, at);
                AtomicInteger turn = new AtomicInteger();
                Crowd.together(2, () -> {
                    if (turn.getAndIncrement() == 0) {
                        signIns.resume(
                                issued.session(),
                                Target.ACCOUNT.wishing(Target.Wish.SET_UP_APP),
                                caller(Channel.COOKIE),
                                at);
                    } else {
                        actions.resetSecondFactor(bea, ACTOR, Origin.SYSTEM, at);
                    }
                    return true;
                });
                assertThat(on.count(
                                "SELECT count(*) FROM pending_sign_in WHERE account_id = ?",
                                bea.id().value()))
                        .as("round %d", round)
                        .isZero();
                secret = on.get(Apps.class).newSecret();
            }
        }

        @Test
        void the_code_that_was_read_out_enrols_a_new_phone_exactly_once() {
            setUp();
            String code = replacePhone();
            Held asked = begun(Channel.COOKIE, LATER);
            assertThat(asked.state())
                    .isInstanceOfSatisfying(
                            SignIn.Asked.class,
                            state -> assertThat(state.offer()).containsExactly(FactorKind.REPLACEMENT));
            Held enrolling = ((Step.At) answer(asked, FactorKind.REPLACEMENT, code, Channel.COOKIE, LATER)).held();
            Held keeping = ((Step.At) enrol(enrolling, LATER)).held();
            assertThat(apps()).isEqualTo(1);
            SecretText fresh = ((Material.RecoveryCode) keeping.material().orElseThrow()).code();
            assertThat(signIns.enrol(keeping, Answer.Typed.of(fresh.reveal()), caller(Channel.COOKIE), LATER))
                    .isInstanceOf(Step.Done.class);
            assertThat(on.get(ReplacementCodes.class).isWaiting(bea.id())).isFalse();

            Held again = begun(Channel.COOKIE, LATER.plusSeconds(60));
            assertThat(answer(again, FactorKind.REPLACEMENT, code, Channel.COOKIE, LATER.plusSeconds(60)))
                    .as("the code once more")
                    .isInstanceOf(Step.Wrong.class);
        }

        @Test
        void with_the_password_alone_nobody_enrols_also_after_the_code_was_used_and_the_sign_in_given_up() {
            String code = replacePhone();
            Held enrolling = ((Step.At)
                            answer(begun(Channel.COOKIE, LATER), FactorKind.REPLACEMENT, code, Channel.COOKIE, LATER))
                    .held();
            signIns.abandon(enrolling, LATER);
            assertThat(enrol(enrolling, LATER)).isInstanceOf(Step.Gone.class);

            Held next = begun(Channel.COOKIE, LATER);
            assertThat(next.material()).isEmpty();
            assertThat(answer(next, FactorKind.REPLACEMENT, code, Channel.COOKIE, LATER))
                    .isInstanceOf(Step.Wrong.class);
            assertThat(apps()).isZero();

            assertThat(answer(next, FactorKind.REPLACEMENT, replacePhone(), Channel.COOKIE, LATER))
                    .as("a new code ends the sign-in that waited")
                    .isNotInstanceOf(Step.At.class);
            String third = replacePhone();
            assertThat(answer(begun(Channel.COOKIE, LATER), FactorKind.REPLACEMENT, third, Channel.COOKIE, LATER))
                    .isInstanceOf(Step.At.class);
        }

        @Test
        void an_expired_code_enrols_nobody_until_there_is_a_new_one_or_a_reset() {
            String code = replacePhone();
            Instant late = LATER.plus(ReplacementCodes.LIFE);
            assertThat(answer(begun(Channel.COOKIE, late), FactorKind.REPLACEMENT, code, Channel.COOKIE, late))
                    .isInstanceOf(Step.Wrong.class);
            reset();
            assertThat(begun(Channel.COOKIE, late).state()).isInstanceOf(SignIn.MustEnrol.class);
        }

        @Test
        void of_many_sign_ins_that_use_the_code_at_once_one_gets_to_enrol() throws Exception {
            String code = replacePhone();
            List<Held> waiting = java.util.stream.Stream.generate(() -> begun(Channel.COOKIE, LATER))
                    .limit(4)
                    .toList();
            AtomicInteger next = new AtomicInteger();
            List<Step> steps = Crowd.together(
                    4,
                    () -> answer(
                            waiting.get(next.getAndIncrement()), FactorKind.REPLACEMENT, code, Channel.COOKIE, LATER));
            assertThat(steps).filteredOn(Step.At.class::isInstance).hasSize(1);
        }

        @Test
        void guesses_at_the_code_count_in_the_budget_of_second_factors() {
            replacePhone();
            Held held = begun(Channel.COOKIE, LATER);
            for (int i = 0; i < 5; i++) {
                assertThat(answer(held, FactorKind.REPLACEMENT, "ABCD-EFGH", Channel.COOKIE, LATER))
                        .isInstanceOf(Step.Wrong.class);
            }
            assertThat(answer(held, FactorKind.REPLACEMENT, "ABCD-EFGH", Channel.COOKIE, LATER))
                    .isInstanceOf(Step.Wait.class);
        }
    }
}
