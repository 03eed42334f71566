package dev.countersign.entitlement;

import java.time.Instant;
import java.util.Optional;

/**
 * What is agreed, beside what is used.
 *
 * @param limited whether the operator has set anything
 * @param seatsUsed of how many people a second factor is required
 * @param expiredSince when it ended, if it has: nothing is switched off, nothing more can be switched on
 */
public record Status(boolean limited, Entitlement entitlement, long seatsUsed, Optional<Instant> expiredSince) {}
