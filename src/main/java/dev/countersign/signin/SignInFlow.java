package dev.countersign.signin;

import dev.countersign.factor.Challenge;
import dev.countersign.factor.Subject;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Proof;
import dev.countersign.kernel.Proofs;
import dev.countersign.policy.Decision;
import dev.countersign.policy.Why;
import dev.countersign.signin.SignIn.Asked;
import dev.countersign.signin.SignIn.Challenged;
import dev.countersign.signin.SignIn.Complete;
import dev.countersign.signin.SignIn.Heading;
import dev.countersign.signin.SignIn.MustEnrol;
import dev.countersign.signin.SignIn.Refused;
import dev.countersign.signin.SignIn.Started;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/**
 * All transitions of a sign-in. Pure: the same state, event, policy and time give the same next state.
 *
 * <pre>
 * Started    --Named(subject)-----> Asked(PASSWORD)            a decoy is asked the same
 * Started    --Resumed(recent)----> by policy                  as after Accepted
 * Asked      --Chose(in offer)----> Challenged
 * Asked      --Chose(other)-------> Asked                      unchanged: it was not offered
 * Challenged --Accepted(proof)----> by policy: Asked | MustEnrol | Complete | Refused(DENIED)
 *                                   a proof of another account: Refused(MISMATCH)
 * Challenged --Rejected-----------> Asked                      the same offer
 * MustEnrol  --Preferred(kind)----> MustEnrol(kind)            an app for a phone, or the other way round; else unchanged
 * MustEnrol  --Enrolled(proof)----> by policy, of the same account, else Refused(MISMATCH)
 * any        --now >= expiresAt---> Refused(EXPIRED)
 * Complete, Refused                 are ends
 * anything else                     IllegalStateException naming state and event
 * </pre>
 */
public final class SignInFlow {
    /** How long each sign-in may take from its start, and each enrolment from where it begins. */
    public static final Duration LIFE = Duration.ofMinutes(10);

    /** What can be registered in place of each other. */
    private static final Set<FactorKind> APPS = Set.of(FactorKind.TOTP, FactorKind.PUSH);

    private SignInFlow() {}

    /** What the policy says of an account that has shown these proofs. */
    @FunctionalInterface
    public interface Decide {
        Decision decide(AccountId account, Proofs proofs);
    }

    /** The state after {@code event}. */
    public static SignIn next(SignIn state, SignInEvent event, Decide policy, Instant now) {
        if (state instanceof Complete || state instanceof Refused) {
            throw illegal(state, event);
        }
        if (!now.isBefore(state.heading().expiresAt())) {
            return new Refused(state.heading(), SignIn.Refusal.EXPIRED);
        }
        return switch (state) {
            case Started started -> fromStarted(started, event, policy, now);
            case Asked asked -> fromAsked(asked, event);
            case Challenged challenged -> fromChallenged(challenged, event, policy, now);
            case MustEnrol mustEnrol -> fromMustEnrol(mustEnrol, event, policy, now);
            case Complete _, Refused _ -> throw illegal(state, event);
        };
    }

    private static SignIn fromStarted(Started started, SignInEvent event, Decide policy, Instant now) {
        return switch (event) {
            case SignInEvent.Named(Subject subject, String shownName) ->
                new Asked(
                        started.heading().named(shownName),
                        subject,
                        Proofs.NONE,
                        Set.of(FactorKind.PASSWORD),
                        Why.of(Why.Rule.PASSWORD_FIRST));
            case SignInEvent.Resumed(Subject.Known known, String shownName, Proofs recent) ->
                byPolicy(started.heading().named(shownName), known.account(), recent, policy, now);
            case SignInEvent.Chose _,
                    SignInEvent.Preferred _,
                    SignInEvent.Accepted _,
                    SignInEvent.Rejected _,
                    SignInEvent.Enrolled _ -> throw illegal(started, event);
        };
    }

    private static SignIn fromAsked(Asked asked, SignInEvent event) {
        return switch (event) {
            case SignInEvent.Chose(FactorKind kind)
            when asked.offer().contains(kind) ->
                new Challenged(
                        asked.heading(),
                        asked.subject(),
                        asked.proofs(),
                        asked.offer(),
                        asked.why(),
                        new Challenge(kind, asked.subject()));
            case SignInEvent.Chose _ -> asked;
            case SignInEvent.Named _,
                    SignInEvent.Resumed _,
                    SignInEvent.Preferred _,
                    SignInEvent.Accepted _,
                    SignInEvent.Rejected _,
                    SignInEvent.Enrolled _ -> throw illegal(asked, event);
        };
    }

    private static SignIn fromChallenged(Challenged challenged, SignInEvent event, Decide policy, Instant now) {
        return switch (event) {
            case SignInEvent.Accepted(Proof proof) -> accepted(challenged, proof, policy, now);
            case SignInEvent.Rejected() ->
                new Asked(
                        challenged.heading(),
                        challenged.subject(),
                        challenged.proofs(),
                        challenged.offer(),
                        challenged.why());
            case SignInEvent.Named _,
                    SignInEvent.Resumed _,
                    SignInEvent.Preferred _,
                    SignInEvent.Chose _,
                    SignInEvent.Enrolled _ -> throw illegal(challenged, event);
        };
    }

    /** The owner is compared here once more, whatever the factor promised, and the kind with what was asked. */
    private static SignIn accepted(Challenged challenged, Proof proof, Decide policy, Instant now) {
        boolean asked = proof.kind() == challenged.challenge().kind() && proof.means() == Proof.Means.ANSWERED;
        return switch (challenged.subject()) {
            case Subject.Known(AccountId account)
            when asked && account.equals(proof.account()) ->
                byPolicy(challenged.heading(), account, challenged.proofs().with(proof), policy, now);
            case Subject.Known _, Subject.Decoy _ -> new Refused(challenged.heading(), SignIn.Refusal.MISMATCH);
        };
    }

    private static SignIn fromMustEnrol(MustEnrol mustEnrol, SignInEvent event, Decide policy, Instant now) {
        return switch (event) {
            case SignInEvent.Preferred(FactorKind kind) ->
                APPS.contains(mustEnrol.kind()) && APPS.contains(kind)
                        ? new MustEnrol(
                                mustEnrol.heading(), mustEnrol.account(), mustEnrol.proofs(), kind, mustEnrol.why())
                        : mustEnrol;
            case SignInEvent.Enrolled(Proof proof) -> {
                boolean asked = proof.kind() == mustEnrol.kind() && proof.means() == Proof.Means.ENROLLED;
                yield asked && proof.account().equals(mustEnrol.account())
                        ? byPolicy(
                                mustEnrol.heading(),
                                mustEnrol.account(),
                                mustEnrol.proofs().with(proof),
                                policy,
                                now)
                        : new Refused(mustEnrol.heading(), SignIn.Refusal.MISMATCH);
            }
            case SignInEvent.Named _,
                    SignInEvent.Resumed _,
                    SignInEvent.Chose _,
                    SignInEvent.Accepted _,
                    SignInEvent.Rejected _ -> throw illegal(mustEnrol, event);
        };
    }

    private static SignIn byPolicy(Heading heading, AccountId account, Proofs proofs, Decide policy, Instant now) {
        return switch (policy.decide(account, proofs)) {
            case Decision.Allow(Why why) -> new Complete(heading, account, proofs, why);
            case Decision.Ask(Set<FactorKind> anyOf, Why why) ->
                new Asked(heading, new Subject.Known(account), proofs, anyOf, why);
            case Decision.Enrol(FactorKind kind, Why why) ->
                new MustEnrol(heading.until(now.plus(LIFE)), account, proofs, kind, why);
            case Decision.Deny _ -> new Refused(heading, SignIn.Refusal.DENIED);
        };
    }

    private static IllegalStateException illegal(SignIn state, SignInEvent event) {
        return new IllegalStateException(event.getClass().getSimpleName() + " cannot happen to a sign-in that is "
                + state.getClass().getSimpleName());
    }
}
