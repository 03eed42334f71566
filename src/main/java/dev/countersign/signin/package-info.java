/** The sign-in: sealed states, one pure transition function, and the service that loads, asks and saves. */
@ApplicationModule(
        allowedDependencies = {
            "kernel",
            "store",
            "vault",
            "activity",
            "throttle",
            "whereabouts",
            "directory",
            "mail",
            "session",
            "policy",
            "factor",
            "factor::password",
            "factor::totp",
            "factor::companion",
            "factor::recovery",
            "factor::replacement"
        })
@NullMarked
package dev.countersign.signin;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
