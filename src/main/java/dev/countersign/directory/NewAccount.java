package dev.countersign.directory;

import dev.countersign.kernel.Role;

/** What someone typed to create an account; {@link Accounts#create} checks it. */
public record NewAccount(String username, String displayName, String email, Role role, AccountSource source) {
    /** An account created here. */
    public NewAccount(String username, String displayName, String email, Role role) {
        this(username, displayName, email, role, AccountSource.LOCAL);
    }
}
