/** Door: where administrators run two-factor authentication. */
@ApplicationModule(
        allowedDependencies = {
            "kernel",
            "apikey",
            "entitlement",
            "store",
            "alert",
            "vault",
            "session",
            "activity",
            "directory",
            "mail",
            "policy",
            "factor::replacement",
            "factor::companion",
            "factor::totp",
            "factor::password",
            "factor",
            "session",
            "activity",
            "web",
            "phrases",
            "people",
            "moving",
            "diagnosis",
            "figures",
            "administration",
            "signin"
        })
@NullMarked
package dev.countersign.console;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
