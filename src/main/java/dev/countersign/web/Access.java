package dev.countersign.web;

import dev.countersign.kernel.Permission;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Who may call a route. Every handler method says so; one that does not is refused for everybody, and a test lists it.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Access {
    Level value();

    /** Permissions the person needs, all of them. */
    Permission[] needs() default {};

    /**
     * Whether the second factor must have been shown in the last minutes. An API key has none to show, and needs none; for the
     * session of a person at REST, whatever changes something is so without saying it.
     */
    boolean fresh() default false;

    /**
     * The page to come back to where a change was sent without a fresh second factor; nothing is changed by itself. It may hold
     * variables of the route's address, as in {@code /console/groups/{id}}.
     */
    String back() default "/console";

    /** How REST names what the console asks for, in {@code acr_values} (RFC 9470). */
    String SECOND_FACTOR = "urn:countersign:acr:second-factor";

    /** What has to be shown before a route answers. */
    enum Level {
        /** Nothing. */
        PUBLIC,
        /** A sign-in that has begun; the handler sends everybody else to the start. */
        SIGN_IN,
        /** A session that satisfies the policy. */
        SESSION,
        /** A session with a second factor. */
        CONSOLE,
        /** A bearer token, which the handler checks; no cookie counts. */
        BEARER,
        /** REST: an API key, or the bearer token of a session good enough for the console; no cookie counts. */
        API,
        /** REST: an API key with the operator's scope. */
        OPERATOR
    }
}
