package dev.countersign.signal;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.SessionId;

/** What a cache has to forget. */
public sealed interface Signal {
    /** One session, which has ended. */
    record OfSession(EnvironmentId environment, AccountId account, SessionId session) implements Signal {}

    /** Whatever is kept of one account. */
    record OfAccount(EnvironmentId environment, AccountId account) implements Signal {}

    /** Whatever is kept of one environment: its rules, groups, hosts, and all its accounts. */
    record OfEnvironment(EnvironmentId environment) implements Signal {}

    /** Everything. */
    record OfEverything() implements Signal {}
}
