package dev.countersign.signin;

import dev.countersign.factor.Challenge;
import dev.countersign.factor.Subject;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Proofs;
import dev.countersign.kernel.SessionId;
import dev.countersign.kernel.SignInId;
import dev.countersign.kernel.Target;
import dev.countersign.policy.Why;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * A sign-in that is not finished, in one of six states, each with exactly what it needs. {@link SignInFlow} makes all
 * transitions. {@link Complete} and {@link Refused} are never stored: reaching them removes the row, so nothing can be
 * loaded and used twice.
 */
public sealed interface SignIn {
    Heading heading();

    /**
     * What all states carry.
     *
     * @param shownName the name as typed, to be shown again on the next screen; empty at first
     * @param replaces the session this sign-in confirms or renews, which ends when it completes
     * @param expiresAt after this instant nothing is accepted any more
     */
    record Heading(
            SignInId id,
            EnvironmentId environment,
            Target target,
            String shownName,
            Optional<SessionId> replaces,
            Instant expiresAt) {
        Heading named(String name) {
            return new Heading(id, environment, target, name, replaces, expiresAt);
        }

        Heading until(Instant end) {
            return new Heading(id, environment, target, shownName, replaces, end);
        }
    }

    /** Nobody is named yet. */
    record Started(Heading heading) implements SignIn {}

    /** Someone is named, and one of these factors is to be answered. */
    record Asked(Heading heading, Subject subject, Proofs proofs, Set<FactorKind> offer, Why why) implements SignIn {
        public Asked {
            offer = Set.copyOf(offer);
        }
    }

    /** One factor was chosen and its question put. */
    record Challenged(
            Heading heading, Subject subject, Proofs proofs, Set<FactorKind> offer, Why why, Challenge challenge)
            implements SignIn {
        public Challenged {
            offer = Set.copyOf(offer);
        }
    }

    /** Enough is shown for now, and this factor has to be registered, or its new secret recorded, before going on. */
    record MustEnrol(Heading heading, AccountId account, Proofs proofs, FactorKind kind, Why why) implements SignIn {}

    /** Everything asked for is shown. Consumed once, in the transaction that issues the session. */
    record Complete(Heading heading, AccountId account, Proofs proofs, Why why) implements SignIn {}

    /** It ended without a session. */
    record Refused(Heading heading, Refusal why) implements SignIn {}

    /** Why a sign-in ended. */
    enum Refusal {
        EXPIRED,
        DENIED,
        /** A proof of another account. */
        MISMATCH
    }
}
