package dev.countersign.directory;

import dev.countersign.kernel.Role;

/** What someone typed to create an account; {@link Accounts#create} checks it. */
public record NewAccount(String username, String displayName, String email, Role role) {}
