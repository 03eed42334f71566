package dev.countersign.push;

import java.time.Duration;

/** What became of a message at the push service. */
public sealed interface Sent {
    /** The push service has it. Whether the browser ever gets it is not known. */
    record Accepted() implements Sent {}

    /** The subscription has ended; forget it. */
    record Gone() implements Sent {}

    /**
     * Not now: the service is busy or cannot be reached.
     *
     * @param retryAfter how long to wait before the next attempt, one second to one hour
     */
    record Later(Duration retryAfter) implements Sent {}

    /**
     * Not like this, and another attempt would end the same.
     *
     * @param why for the log; without the endpoint
     */
    record Refused(String why) implements Sent {}
}
