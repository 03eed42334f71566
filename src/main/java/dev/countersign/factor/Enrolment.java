package dev.countersign.factor;

import dev.countersign.kernel.FactorKind;
import java.time.Instant;
import java.util.Optional;

/** A factor someone has set up, as it may be shown to them and to administrators. */
public record Enrolment(FactorKind kind, Instant since, Optional<Instant> lastUsed) {}
