package dev.countersign.people;

import dev.countersign.directory.AccountSource;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Role;
import dev.countersign.kernel.Texts;
import java.util.Optional;

/**
 * Who is looked for; all conditions have to hold.
 *
 * @param text beginnings of words of username, name or mail address; empty finds everyone
 * @param role people who have it, by themselves or by a group
 * @param group people in it, directly or through groups that stand in it
 * @param companion people with a phone that approves, or without
 */
public record PeopleFilter(
        String text,
        Optional<Role> role,
        Optional<GroupId> group,
        Optional<AccountSource> source,
        Optional<PersonStatus> status,
        Optional<Companion> companion) {
    /** The longest text that is looked for, in characters. */
    public static final int LONGEST_TEXT = 200;

    public static final PeopleFilter EVERYONE = ofText("");

    public PeopleFilter {
        text = text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) : text;
    }

    /** Whether they have a companion makes no difference. */
    public PeopleFilter(
            String text,
            Optional<Role> role,
            Optional<GroupId> group,
            Optional<AccountSource> source,
            Optional<PersonStatus> status) {
        this(text, role, group, source, status, Optional.empty());
    }

    public static PeopleFilter ofText(String text) {
        return new PeopleFilter(text, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    public PeopleFilter withStatus(PersonStatus wanted) {
        return new PeopleFilter(text, role, group, source, Optional.of(wanted), companion);
    }

    public PeopleFilter with(Companion wanted) {
        return new PeopleFilter(text, role, group, source, status, Optional.of(wanted));
    }

    /** Whether an account could contain the text: none contains control characters or halves of characters. */
    boolean canMatch() {
        return Texts.isPlain(text);
    }
}
