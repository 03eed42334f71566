package dev.countersign.session;

import dev.countersign.kernel.Target;
import java.time.Instant;

/** Says of a live session whether what it has shown is still enough: rules change while people are signed in. */
public interface Admission {
    /** Whether the session satisfies the policy at a place, as things stand now. */
    boolean admits(Session session, Target target, Instant now);

    /** Whether everything that is asked at a place for changing how people sign in has been shown in the last minutes. */
    boolean isFresh(Session session, Target target, Instant now);
}
