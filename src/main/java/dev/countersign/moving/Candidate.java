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

        record Refused(String reason) implements Checked {}
    }

    /** Carries a refusal out of the parts. */
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String reason) {
            super(reason);
        }
    }

    static Checked check(long line, Arrival arrival) {
        try {
            return new Checked.Fine(candidate(line, arrival));
        } catch (Refused e) {
            return new Checked.Refused(String.valueOf(e.getMessage()));
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

    private static String username(Username.Refusal why) {
        return switch (why) {
            case EMPTY -> "The username is missing.";
            case TOO_LONG -> "A username has at most 64 characters.";
            case INVISIBLE -> "The username holds invisible characters.";
            case CHARACTERS -> "A username is made of letters, digits and . _ - + @ without spaces.";
            case LOOK_ALIKE ->
                "The username mixes letters of several scripts, so that it could be mistaken for another.";
        };
    }

    private static Optional<String> email(Optional<String> typed) throws Refused {
        if (typed.isPresent() && !EmailAddress.isValid(typed.get().strip())) {
            throw new Refused("\"" + Refusals.shown(typed.get()) + "\" is not a mail address.");
        }
        return typed.map(String::strip);
    }

    private static Optional<String> displayName(Optional<String> typed) throws Refused {
        Optional<String> name = typed.flatMap(Accounts::displayName);
        if (typed.isPresent() && name.isEmpty()) {
            throw new Refused("A name has 1 to 200 visible characters.");
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
            throw new Refused("A group has a name, and stands in at most " + (DEEPEST - 1) + " others.");
        }
        List<Username> path = new ArrayList<>();
        for (String name : names) {
            switch (Username.parseGroupName(name)) {
                case Username.Parsed.Accepted(Username accepted) -> path.add(accepted);
                case Username.Parsed.Refused _ ->
                    throw new Refused("No group can be called \"" + Refusals.shown(name)
                            + "\": at most 64 letters, digits, single spaces and . _ - + @ & ( ) / '.");
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
            throw new Refused("\"" + Refusals.shown(typed.get()) + "\" is not a language such as de or en-GB.");
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
            case Passwords.Adopted.TooMuchWork() ->
                throw new Refused("Checking this password hash would take more memory or time than one sign-in may.");
            case Passwords.Adopted.Unknown() ->
                throw new Refused(
                        "This is no password hash that can be checked here: argon2id, argon2i, bcrypt, scrypt or"
                                + " PBKDF2.");
        };
    }

    private static Optional<OtpauthUri.App> app(Optional<SecretText> typed) throws Refused {
        if (typed.isEmpty()) {
            return Optional.empty();
        }
        Optional<OtpauthUri.App> app = OtpauthUri.parse(typed.get());
        if (app.isEmpty()) {
            throw new Refused(
                    "totp must be an address such as otpauth://totp/NAME?secret=...: a secret of 10 to 128 bytes in"
                            + " base 32, 6 to 8 digits, 15 to 300 seconds, SHA1, SHA256 or SHA512.");
        }
        return app;
    }

    private static Optional<Role> role(Optional<String> typed) throws Refused {
        if (typed.isEmpty()) {
            return Optional.empty();
        }
        Optional<Role> role = Role.ofWireName(typed.get().strip().toLowerCase(Locale.ROOT));
        if (role.isEmpty()) {
            throw new Refused("There is no role \"" + Refusals.shown(typed.get())
                    + "\". Roles: administrator, security-administrator, help-desk, auditor, user.");
        }
        return role;
    }
}
