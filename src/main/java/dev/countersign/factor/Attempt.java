package dev.countersign.factor;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.vault.Token;
import java.time.Instant;
import java.util.Optional;

/**
 * The circumstances of an answer.
 *
 * @param browser the lasting token of the browser it came from, if it came from one
 */
public record Attempt(EnvironmentId environment, Origin origin, Optional<Token> browser, Instant now) {
    public Attempt(EnvironmentId environment, Origin origin, Instant now) {
        this(environment, origin, Optional.empty(), now);
    }
}
