package dev.countersign.administration;

import java.util.Locale;

/** Why something was not done. Nothing has changed then. */
public enum Refusal {
    /** The permission is missing. */
    NOT_ALLOWED,
    /** The other person may do more than whoever asks. */
    ABOVE_YOUR_RIGHTS,
    /** Nobody could administer the environment any more. */
    LAST_ADMINISTRATOR,
    /** What is to be changed is not there, or no longer. */
    NOT_FOUND,
    /** Someone else has changed it since it was read. */
    VERSION_CHANGED,
    /** The name, or one that looks like it, is taken. */
    NAME_TAKEN,
    /** The name cannot be one. */
    NAME_INVALID,
    /** A group would stand in itself. */
    GROUP_CYCLE,
    /** The rules name nobody else; they have to be changed first. */
    LAST_IN_RULES,
    /** Nobody exempts themselves. */
    OWN_EXEMPTION,
    /** The end is not between a minute and a year from now. */
    EXEMPTION_END,
    /** A reason is missing. */
    REASON_MISSING,
    /** This is one's own account; it is done on My account. */
    OWN_ACCOUNT,
    /** The event's name, the delay or the date of an automatic start cannot be one. */
    START_INVALID,
    /** A session would be shorter or longer than it may be. */
    SESSION_LENGTH,
    /** The licence does not include this. */
    NOT_INCLUDED,
    /** The licence has ended: what is on stays on, nothing more can be switched on. */
    LICENCE_ENDED,
    /** The licence is for fewer people. */
    TOO_FEW_SEATS,
    /** The machine is too busy to hash a password. */
    BUSY,
    /** No mail is sent in this environment. */
    NO_MAIL,
    /** A second factor is set up already. */
    ALREADY_SET_UP,
    /** There is a phone that approves already. */
    ALREADY_PAIRED,
    /** The account is disabled. */
    DISABLED_ACCOUNT,
    /** There is no exemption to end. */
    NOT_EXEMPT,
    /** More people than can be named in the rules one by one. */
    TOO_MANY;

    /** The sentence in {@code messages/}. */
    public String messageKey() {
        return "problem.admin-" + wireName();
    }

    /** The name in REST: {@code last-administrator}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
