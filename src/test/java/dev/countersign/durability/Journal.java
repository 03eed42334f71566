package dev.countersign.durability;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What clients sent, and what they were told, in the order in which they learned it. A reply that did not come is unknown: the
 * server may have done what it was asked. Thread-safe.
 */
final class Journal {
    private final List<Line> lines = new ArrayList<>();

    /** What became of something that was sent. */
    enum Fate {
        /** The server said that it is done. */
        DONE,
        /** The server said no. */
        REFUSED,
        /** No reply came, or the server said that it could not finish: it may be done or not. */
        UNKNOWN
    }

    /** What is promised to last once it was acknowledged, and what the log calls it. */
    enum Change {
        ENROLLED("app-enrolled"),
        RESET("two-factor-reset"),
        PASSWORD("password-changed"),
        APPROVED("approval-given"),
        DISABLED("account-disabled");

        private final String logged;

        Change(String logged) {
            this.logged = logged;
        }

        String logged() {
            return logged;
        }
    }

    /** What may succeed once: a code, a recovery code, a request to a phone, a link. */
    record Once(String kind, String person, String value) {}

    /** One thing that happened to a client. */
    sealed interface Line {
        /** Somebody's right password was sent. */
        record KnewPassword(String person) implements Line {}

        /** Something that may succeed once was presented. */
        record Used(Once thing, Fate fate) implements Line {}

        /** A session token came. */
        record SignedIn(String person, String token) implements Line {}

        /** An end was asked for: of one session, or of all of a person where the token is empty. */
        record Ended(String person, String token, Fate fate) implements Line {}

        /** A session token was presented; {@code shown} is who the server says it is. */
        record Presented(String token, boolean opened, String shown) implements Line {}

        /** A change of an account was asked for. */
        record Changed(Change change, String person, Fate fate) implements Line {}

        /** A wrong code was sent; {@code lookedAt} if the reply says that it was compared. */
        record Guessed(String person, Instant sent, Instant answered, boolean lookedAt) implements Line {}

        /** The row of wrong codes is over: by a right one, a reset or a new password. */
        record Lifted(String person) implements Line {}

        /** Something below the required level was presented where a session is needed. */
        record Knocked(String with, int status) implements Line {}

        /** A reply of the server's own failing; {@code retryAfter} if it says when to come again. */
        record Failed(String what, int status, boolean retryAfter) implements Line {}

        /** A secret came in a reply to this sign-in. */
        record Secret(String secret, String signIn) implements Line {}

        /** What somebody without the password was told, without what differs each time. */
        record Outside(String name, String told) implements Line {}
    }

    synchronized void add(Line line) {
        lines.add(line);
    }

    synchronized List<Line> lines() {
        return List.copyOf(lines);
    }

    <T extends Line> List<T> lines(Class<T> kind) {
        return lines().stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** How long the wait is that begins with the {@code count}th wrong code in a row, as SECURITY.md publishes it. */
    static Duration pauseAfter(int count) {
        if (count < 5) {
            return Duration.ZERO;
        }
        long seconds = 30L << Math.min(count - 5, 20);
        return Duration.ofSeconds(Math.min(seconds, 15 * 60));
    }
}
