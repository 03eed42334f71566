package dev.countersign.signin;

import dev.countersign.factor.Subject;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Proof;
import dev.countersign.kernel.Proofs;

/** What can happen to a sign-in. */
public sealed interface SignInEvent {
    /** A name was typed. */
    record Named(Subject subject, String shownName) implements SignInEvent {}

    /** A signed-in person starts anew for one purpose, with what they have shown recently. */
    record Resumed(Subject.Known subject, String shownName, Proofs recent) implements SignInEvent {}

    /** One of the offered factors was chosen. */
    record Chose(FactorKind kind) implements SignInEvent {}

    /** Another app is to be registered in place of the one proposed: a code app, or a phone that approves. */
    record Preferred(FactorKind kind) implements SignInEvent {}

    /** The answer was right. */
    record Accepted(Proof proof) implements SignInEvent {}

    /** The answer was wrong. */
    record Rejected() implements SignInEvent {}

    /** The factor was registered, or its secret recorded. */
    record Enrolled(Proof proof) implements SignInEvent {}
}
