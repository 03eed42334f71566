package dev.countersign.moving;

import dev.countersign.directory.Accounts;
import dev.countersign.directory.EmailAddress;
import dev.countersign.directory.Username;
import dev.countersign.factor.password.Passwords;
import dev.countersign.factor.totp.OtpauthUri;
import dev.countersign.kernel.Role;
import dev.countersign.vault.SecretText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An arrival whose every part is well-formed. Whether it fits what is there already is not known yet.
 *
 * @param groups each from the outermost group to the one the person is in
 */
record Candidate(
        long line,
        Username name,
        Optional<String> email,
        Optional<String> displayName,
        List<List<Username>> groups,
        Optional<String> locale,
        Optional<Passwords.Arriving> password,
        Optional<OtpauthUri.App> app,
        Optional<Boolean> disabled,
        Optional<Role> role) {
    private static final Pattern LANGUAGE = Pattern.compile("([A-Za-z]{2,3})([-_][A-Za-z0-9_-]{1,20})?");
    private static final Pattern SLASH = Pattern.compile("/");
    private static final int DEEPEST = 8;

    /** A candidate, or why there is none. */
    sealed interface Checked {
        record Fine(Candidate candidate) implements Checked {}

        record Refused(Reason reason) implements Checked {}
    }

    /** Carries a refusal out of the parts. */
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient Reason reason;

        Refused(Reason reason) {
            super(reason.wireName());
            this.reason = reason;
        }
    }

    static Checked check(long line, Arrival arrival) {
        try {
            return new Checked.Fine(candidate(line, arrival));
        } catch (Refused e) {
            return new Checked.Refused(e.reason);
        }
    }

    /** A group by its path, as a realm lists it; absent when it cannot be one. */
    static Optional<List<Username>> groupPath(String path) {
        try {
            return Optional.of(path(path, true));
        } catch (Refused e) {
            return Optional.empty();
        }
    }

    private static Candidate candidate(long line, Arrival arrival) throws Refused {
        Username name = switch (Username.parse(arrival.username())) {
            case Username.Parsed.Accepted(Username accepted) -> accepted;
            case Username.Parsed.Refused(Username.Refusal why) -> throw new Refused(username(why));
        };
        List<List<Username>> groups = new ArrayList<>();
        for (String group : arrival.groups()) {
            groups.add(path(group, arrival.nested()));
        }
        return new Candidate(
                line,
                name,
                email(arrival.email()),
                displayName(arrival.name()),
                groups,
                locale(arrival.locale()),
                password(arrival),
                app(arrival.totp()),
                arrival.disabled(),
                role(arrival.role()));
    }

    private static Reason username(Username.Refusal why) {
        return switch (why) {
            case EMPTY -> Reason.of(Reason.Code.USERNAME_MISSING);
            case TOO_LONG -> Reason.of(Reason.Code.USERNAME_TOO_LONG);
            case INVISIBLE -> Reason.of(Reason.Code.USERNAME_INVISIBLE);
            case CHARACTERS -> Reason.of(Reason.Code.USERNAME_CHARACTERS);
            case LOOK_ALIKE -> Reason.of(Reason.Code.USERNAME_MIXED);
        };
    }

    private static Optional<String> email(Optional<String> typed) throws Refused {
        if (typed.isPresent() && !EmailAddress.isValid(typed.get().strip())) {
            throw new Refused(Reason.of(Reason.Code.EMAIL_WRONG, Refusals.shown(typed.get())));
        }
        return typed.map(String::strip);
    }

    private static Optional<String> displayName(Optional<String> typed) throws Refused {
        Optional<String> name = typed.flatMap(Accounts::displayName);
        if (typed.isPresent() && name.isEmpty()) {
            throw new Refused(Reason.of(Reason.Code.NAME_WRONG));
        }
        return name;
    }

    private static List<Username> path(String group, boolean nested) throws Refused {
        List<String> names = new ArrayList<>();
        if (nested) {
            SLASH.splitAsStream(group)
                    .filter(part -> !part.isEmpty())
                    .forEach(part -> names.add(names.isEmpty() ? part : names.getLast() + "/" + part));
        } else {
            names.add(group);
        }
        if (names.isEmpty() || names.size() > DEEPEST) {
            throw new Refused(Reason.of(Reason.Code.GROUP_DEPTH, DEEPEST - 1));
        }
        List<Username> path = new ArrayList<>();
        for (String name : names) {
            switch (Username.parseGroupName(name)) {
                case Username.Parsed.Accepted(Username accepted) -> path.add(accepted);
                case Username.Parsed.Refused _ ->
                    throw new Refused(Reason.of(Reason.Code.GROUP_NAME, Refusals.shown(name)));
            }
        }
        return path;
    }

    /** The language without the country; people choose among languages. */
    private static Optional<String> locale(Optional<String> typed) throws Refused {
        if (typed.isEmpty()) {
            return Optional.empty();
        }
        var parts = LANGUAGE.matcher(typed.get().strip());
        if (!parts.matches()) {
            throw new Refused(Reason.of(Reason.Code.LANGUAGE_WRONG, Refusals.shown(typed.get())));
        }
        return Optional.of(parts.group(1).toLowerCase(Locale.ROOT));
    }

    private static Optional<Passwords.Arriving> password(Arrival arrival) throws Refused {
        if (arrival.passwordHash().isEmpty()) {
            return Optional.empty();
        }
        Optional<Passwords.MustChange> change =
                arrival.mustChange() ? Optional.of(Passwords.MustChange.REQUIRED) : Optional.empty();
        return switch (Passwords.adopt(arrival.passwordHash().get().reveal().strip())) {
            case Passwords.Adopted.Accepted(Passwords.Prepared password) ->
                Optional.of(new Passwords.Arriving(password, change));
            case Passwords.Adopted.TooMuchWork() -> throw new Refused(Reason.of(Reason.Code.PASSWORD_TOO_MUCH_WORK));
            case Passwords.Adopted.Unknown() -> throw new Refused(Reason.of(Reason.Code.PASSWORD_UNKNOWN));
        };
    }

    private static Optional<OtpauthUri.App> app(Optional<SecretText> typed) throws Refused {
        if (typed.isEmpty()) {
            return Optional.empty();
        }
        Optional<OtpauthUri.App> app = OtpauthUri.parse(typed.get());
        if (app.isEmpty()) {
            throw new Refused(Reason.of(Reason.Code.APP_WRONG));
        }
        return app;
    }

    private static Optional<Role> role(Optional<String> typed) throws Refused {
        if (typed.isEmpty()) {
            return Optional.empty();
        }
        Optional<Role> role = Role.ofWireName(typed.get().strip().toLowerCase(Locale.ROOT));
        if (role.isEmpty()) {
            throw new Refused(Reason.of(Reason.Code.ROLE_UNKNOWN, Refusals.shown(typed.get())));
        }
        return role;
    }
}
