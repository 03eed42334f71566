package dev.countersign.administration;

import dev.countersign.activity.Actor;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Rights;
import java.util.Optional;

/**
 * Who asks for something to be done, and what they may do.
 *
 * @param account the person; absent for the owner of the server
 * @param rights as they are now; those of a key never exceed its owner's
 */
public record Administrator(
        EnvironmentId environment, Optional<AccountId> account, Rights rights, Actor actor, Origin origin) {

    /** The owner of the server, at its command line: may do everything. */
    public static Administrator operator(EnvironmentId environment, Actor actor, Origin origin) {
        return new Administrator(environment, Optional.empty(), Rights.ALL, actor, origin);
    }

    boolean is(AccountId other) {
        return account.filter(other::equals).isPresent();
    }
}
