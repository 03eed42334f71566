package dev.countersign.threats;

import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.factor.password.Passwords;
import dev.countersign.kernel.Origin;
import dev.countersign.signin.AccountActions;
import dev.countersign.support.TestServer;
import dev.countersign.vault.SecretText;
import java.util.Optional;

/** What administrators do to accounts while others attack them. */
final class Threats {
    static final Actor ACTOR = new Actor(Optional.empty(), "test");

    private Threats() {}

    static void disable(TestServer server, Account account) {
        server.get(AccountActions.class)
                .disable(account, ACTOR, Origin.SYSTEM, server.clock().instant());
    }

    static void setPassword(TestServer server, Account account, String password) {
        Passwords.Prepared prepared =
                server.get(Passwords.class).prepare(SecretText.of(password)).orElseThrow();
        server.get(AccountActions.class)
                .setPassword(
                        account,
                        prepared,
                        Optional.empty(),
                        ACTOR,
                        Origin.SYSTEM,
                        server.clock().instant());
    }
}
