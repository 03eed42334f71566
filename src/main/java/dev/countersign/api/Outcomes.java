package dev.countersign.api;

import dev.countersign.administration.Administrator;
import dev.countersign.administration.Outcome;
import dev.countersign.directory.Accounts;
import dev.countersign.web.ApiCaller;
import dev.countersign.web.ProblemType;
import dev.countersign.web.Refusal;
import java.util.Optional;

/** What the administration answers, in the words of REST. */
final class Outcomes {
    private Outcomes() {}

    /** Whoever sends a request, as the administration knows them. */
    static Administrator by(ApiCaller caller) {
        return new Administrator(
                caller.account().environment(),
                Optional.of(caller.account().id()),
                caller.rights(),
                caller.actor(),
                caller.origin());
    }

    /** The value of what was done; a refusal goes back to whoever asked. */
    static <T> T done(Outcome<T> outcome) {
        return switch (outcome) {
            case Outcome.Done<T>(T value) -> value;
            case Outcome.Refused<T>(dev.countersign.administration.Refusal why) -> throw explain(why);
        };
    }

    static Refusal explain(dev.countersign.administration.Refusal why) {
        return switch (why) {
            case NOT_ALLOWED -> Refusal.of(ProblemType.PERMISSION_MISSING, "A permission for this is missing.");
            case ABOVE_YOUR_RIGHTS ->
                Refusal.of(ProblemType.FORBIDDEN, "Nobody acts on someone, or gives rights, beyond their own.");
            case LAST_ADMINISTRATOR ->
                Refusal.of(
                        ProblemType.LAST_ADMINISTRATOR,
                        "Nobody could administer this environment any more. Make another administrator first.");
            case NOT_FOUND -> Refusal.notFound();
            case VERSION_CHANGED ->
                Refusal.of(ProblemType.VERSION_CHANGED, "Somebody has changed it meanwhile. Read it again.");
            case NAME_TAKEN -> Refusal.of(ProblemType.TAKEN, "name", "The name, or one that looks like it, is taken.");
            case NAME_INVALID -> Refusal.of(ProblemType.INVALID_VALUE, "name", "This cannot be a name.");
            case GROUP_CYCLE -> Refusal.of(ProblemType.CONFLICT, "The group would stand in itself.");
            case LAST_IN_RULES ->
                Refusal.of(ProblemType.CONFLICT, "The rules name nobody else. Change them first: PUT /api/v1/policy.");
            case OWN_EXEMPTION -> Refusal.of(ProblemType.FORBIDDEN, "Nobody exempts themselves.");
            case EXEMPTION_END ->
                Refusal.of(ProblemType.INVALID_VALUE, "until", "until must lie ahead, at most a year.");
            case REASON_MISSING ->
                Refusal.of(ProblemType.INVALID_VALUE, "reason", "reason must have 1 to 500 visible characters.");
            case OWN_ACCOUNT -> Refusal.of(ProblemType.FORBIDDEN, "This is done on one's own pages.");
            case START_INVALID ->
                Refusal.of(
                        ProblemType.INVALID_VALUE,
                        "event is 1 to 64 characters of a-z, 0-9, '.', '_' and '-'; the delay and the date lie within a"
                                + " year.");
            case SESSION_LENGTH ->
                Refusal.of(
                        ProblemType.INVALID_VALUE,
                        "idleMinutes is 5 minutes to 30 days, longestMinutes at least as long and at most 90 days.");
            case BUSY -> SignInAnswers.busy();
            case NOT_INCLUDED ->
                Refusal.of(ProblemType.NOT_ENTITLED, "What is agreed with the operator does not include this.");
            case LICENCE_ENDED ->
                Refusal.of(
                        ProblemType.NOT_ENTITLED,
                        "What is agreed with the operator has ended. What is on stays on; nothing more can be switched on.");
            case TOO_FEW_SEATS ->
                Refusal.of(ProblemType.NOT_ENTITLED, "What is agreed with the operator is for fewer people.");
            case NO_MAIL -> Refusal.of(ProblemType.CONFLICT, "No mail server is set up: PUT /api/v1/mail/server.");
            case ALREADY_SET_UP ->
                Refusal.of(ProblemType.CONFLICT, "This person has set up two-factor authentication.");
            case ALREADY_PAIRED -> Refusal.of(ProblemType.CONFLICT, "This person has a phone that approves.");
            case DISABLED_ACCOUNT -> Refusal.of(ProblemType.CONFLICT, "The account is disabled.");
            case NOT_EXEMPT -> Refusal.of(ProblemType.CONFLICT, "This person is not exempt.");
            case TOO_MANY -> Refusal.of(ProblemType.CONFLICT, "Too many at once. Choose fewer.");
        };
    }

    static Refusal explain(Accounts.Problem problem) {
        return switch (problem) {
            case USERNAME_EMPTY -> Refusal.of(ProblemType.INVALID_VALUE, "username", "username is empty.");
            case USERNAME_TOO_LONG ->
                Refusal.of(ProblemType.INVALID_VALUE, "username", "username has at most 64 characters.");
            case USERNAME_INVISIBLE ->
                Refusal.of(ProblemType.INVALID_VALUE, "username", "username holds invisible characters.");
            case USERNAME_CHARACTERS ->
                Refusal.of(
                        ProblemType.INVALID_VALUE,
                        "username",
                        "username is made of letters, digits and . _ - + @ without spaces.");
            case USERNAME_LOOK_ALIKE ->
                Refusal.of(ProblemType.INVALID_VALUE, "username", "username mixes letters of several scripts.");
            case USERNAME_TAKEN ->
                Refusal.of(ProblemType.TAKEN, "username", "The username, or one that looks like it, is taken.");
            case EMAIL_INVALID -> Refusal.of(ProblemType.INVALID_VALUE, "email", "email is not a mail address.");
            case NAME_INVALID ->
                Refusal.of(
                        ProblemType.INVALID_VALUE, "displayName", "displayName must have 1 to 200 visible characters.");
        };
    }
}
