/** Door: the pages people sign in through. */
@ApplicationModule(
        allowedDependencies = {
            "kernel",
            "vault",
            "activity",
            "directory",
            "mail",
            "session",
            "policy",
            "web",
            "factor",
            "factor::password",
            "factor::totp",
            "factor::companion",
            "factor::recovery",
            "factor::replacement",
            "signin"
        })
@NullMarked
package dev.countersign.portal;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
