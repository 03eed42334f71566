package dev.countersign.factor;

import dev.countersign.kernel.FactorKind;
import java.util.Optional;
import java.util.Set;

/**
 * How things stand with what an account signs in with.
 *
 * @param second the second factors it can be asked for
 * @param recoveryConfirmed whether the person has confirmed keeping the current recovery code
 * @param mustChangePassword why the password may not stay, if it may not: a constant of {@code Passwords.MustChange}
 */
public record Standing(Set<FactorKind> second, boolean recoveryConfirmed, Optional<String> mustChangePassword) {
    static final Standing NOTHING = new Standing(Set.of(), false, Optional.empty());

    public Standing {
        second = Set.copyOf(second);
    }
}
