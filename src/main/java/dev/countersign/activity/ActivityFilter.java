package dev.countersign.activity;

import dev.countersign.kernel.AccountId;
import java.time.Instant;
import java.util.Optional;

/**
 * Which entries are meant; what is absent does not matter.
 *
 * @param account whom they are about
 * @param actor who did it, by the name in the log
 * @param kind {@link ActivityEvent#kind()}
 * @param from inclusive
 * @param to exclusive
 * @param address the client's address as the log has it
 */
public record ActivityFilter(
        Optional<AccountId> account,
        Optional<String> actor,
        Optional<String> kind,
        Optional<Instant> from,
        Optional<Instant> to,
        Optional<String> address) {
    /** Everything. */
    public static final ActivityFilter ALL = new ActivityFilter(
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** Everything about one account. */
    public static ActivityFilter about(AccountId account) {
        return new ActivityFilter(
                Optional.of(account),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
