package dev.countersign.policy;

import java.time.Instant;
import java.util.Optional;

/**
 * What is unusual about a sign-in.
 *
 * @param newBrowser whether the browser has not signed in as this account before
 * @param newNetwork whether the address has not
 * @param failures whether wrong answers were given for the account in the last day
 * @param administrator whether the account has rights over others
 * @param lastApproval when a phone last approved for it
 */
public record Circumstances(
        boolean newBrowser,
        boolean newNetwork,
        boolean failures,
        boolean administrator,
        Optional<Instant> lastApproval) {}
