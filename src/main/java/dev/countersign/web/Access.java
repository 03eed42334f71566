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
        BEARER
    }
}
