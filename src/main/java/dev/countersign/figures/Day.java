package dev.countersign.figures;

import java.time.LocalDate;

/**
 * The figures of one day, UTC.
 *
 * @param signedIn completed sign-ins
 * @param refused refused answers and attempts that were not looked at
 * @param people accounts that existed at its end
 * @param enrolled of them, those with a second factor
 */
public record Day(LocalDate date, long signedIn, long refused, long people, long enrolled) {}
