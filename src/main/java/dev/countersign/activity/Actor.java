package dev.countersign.activity;

import dev.countersign.kernel.AccountId;
import java.util.Optional;

/**
 * Who did something.
 *
 * @param account the account, if a signed-in person did it
 * @param name how the log shows the actor
 */
public record Actor(Optional<AccountId> account, String name) {
    /** The server by itself. */
    public static final Actor SYSTEM = new Actor(Optional.empty(), "system");

    /** Somebody who has not shown who they are. */
    public static final Actor ANONYMOUS = new Actor(Optional.empty(), "");

    public static Actor person(AccountId account, String username) {
        return new Actor(Optional.of(account), username);
    }

    /** The owner of the server, at its command line. */
    public static Actor commandLine(String operatingSystemUser) {
        return new Actor(Optional.empty(), "command line (" + operatingSystemUser + ")");
    }
}
