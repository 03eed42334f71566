package dev.countersign.signin;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import java.time.Instant;
import java.util.Optional;

/** Knows from when on a second factor will be demanded of someone of whom it is not demanded yet. */
public interface PlannedStarts {
    Optional<Instant> requiredFrom(EnvironmentId environment, AccountId account, Instant now);
}
