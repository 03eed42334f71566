package dev.countersign.kernel;

import java.time.Instant;

/**
 * What a person has shown: the factor, whose it was, and when.
 *
 * @param means whether an existing factor was answered or a new one was registered
 */
public record Proof(FactorKind kind, AccountId account, Means means, Instant at) {
    /** How the proof came about. */
    public enum Means {
        /** An enrolled factor was asked for and answered. */
        ANSWERED,
        /** The factor was registered, or its new secret recorded, in this sign-in. */
        ENROLLED
    }
}
