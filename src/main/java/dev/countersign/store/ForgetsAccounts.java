package dev.countersign.store;

import dev.countersign.kernel.AccountId;

/** A store that keeps rows of accounts. When an account is deleted, each removes its own, in the same transaction. */
public interface ForgetsAccounts {
    void forget(AccountId account);
}
