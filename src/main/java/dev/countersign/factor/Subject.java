package dev.countersign.factor;

import dev.countersign.kernel.AccountId;

/** Who a sign-in is about. */
public sealed interface Subject {
    /** An account that exists. */
    record Known(AccountId account) implements Subject {}

    /**
     * A name no account has. It is asked the same questions at the same cost and always refused.
     *
     * @param bucket what its guesses are counted under; not the name
     */
    record Decoy(String bucket) implements Subject {}
}
