package dev.countersign.factor;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import java.time.Instant;

/** The circumstances of an answer. */
public record Attempt(EnvironmentId environment, Origin origin, Instant now) {}
