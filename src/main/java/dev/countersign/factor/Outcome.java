package dev.countersign.factor;

import dev.countersign.kernel.Proof;

/** What became of an answer. */
public sealed interface Outcome {
    /** Right. It counts only once {@code claim} has been consumed in the transaction that uses the proof. */
    record Accepted(Proof proof, Claim claim) implements Outcome {}

    /** Not right. */
    record Rejected(Rejection why) implements Outcome {}

    /** Too much is being checked at once; nothing was looked at. */
    record Busy() implements Outcome {}

    /** Why an answer is not right. Strangers are never told which. */
    enum Rejection {
        WRONG,
        REPLAYED
    }

    /** The right to use an answer, which exists once. */
    @FunctionalInterface
    interface Claim {
        /**
         * Uses up what is single-use, in the running transaction.
         *
         * @return false when someone else has used it; then the answer is {@link Rejection#REPLAYED}
         */
        boolean consume();
    }
}
