package dev.countersign.signin;

import dev.countersign.factor.totp.WrongCode;
import dev.countersign.kernel.Target;
import dev.countersign.session.Sessions;
import java.time.Duration;
import java.util.Optional;

/** What became of one step of a sign-in; doors translate it. */
public sealed interface Step {
    /** Go on: what comes next is in the state. */
    record At(Held held) implements Step {}

    /**
     * The answer was not right; the same is asked again.
     *
     * @param why what is known of a wrong code: only for someone who is signed in, or registering. Strangers are not told more.
     */
    record Wrong(Held held, Optional<WrongCode> why) implements Step {
        Wrong(Held held) {
            this(held, Optional.empty());
        }
    }

    /** A new password does not meet the rules. */
    record Unfit(Held held, dev.countersign.factor.password.PasswordRules.Problem problem) implements Step {}

    /** Too many wrong answers; nothing was looked at. */
    record Wait(Duration duration) implements Step {}

    /** Too many people at once; nothing was looked at. */
    record Busy() implements Step {}

    /** The sign-in has expired, was finished elsewhere, or never was. */
    record Gone() implements Step {}

    /** Signed in. */
    record Done(Sessions.Issued session, Target target) implements Step {}
}
