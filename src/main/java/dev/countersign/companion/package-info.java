/** Door: the companion, the web app that approves sign-ins on a phone. */
@ApplicationModule(
        allowedDependencies = {
            "kernel",
            "vault",
            "activity",
            "throttle",
            "directory",
            "push",
            "web",
            "factor::companion",
            "factor::password",
            "factor::totp",
            "signin"
        })
@NullMarked
package dev.countersign.companion;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
