package dev.countersign.factor;

import dev.countersign.kernel.FactorKind;

/** A question put to a subject. */
public record Challenge(FactorKind kind, Subject subject) {}
