package dev.countersign.people;

import java.util.Locale;
import java.util.Optional;

/** How someone stands towards two-factor authentication. Each account has exactly one status: the first that applies. */
public enum PersonStatus {
    /** The account is disabled. */
    DISABLED,
    /** Too many wrong answers: for a while, or until someone lifts it, no answer is looked at. */
    LOCKED,
    /** Exempt until a date. */
    EXEMPT,
    /** A second factor is set up. */
    ENROLLED,
    /** Covered by the requirement, and led through registration at the next sign-in. */
    MUST_ENROL,
    /** Covered by a requirement that starts on a date. */
    GRACE,
    /** Nothing is asked of this account. */
    NOT_COVERED;

    /** The name used in REST, addresses, on the command line and in message keys: {@code must-enrol}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The status with this {@link #wireName()}, if there is one. */
    public static Optional<PersonStatus> ofWireName(String name) {
        for (PersonStatus status : values()) {
            if (status.wireName().equals(name)) {
                return Optional.of(status);
            }
        }
        return Optional.empty();
    }
}
