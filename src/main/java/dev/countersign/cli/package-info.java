/** Door: the command line. */
@ApplicationModule(
        allowedDependencies = {
            "kernel",
            "apikey",
            "entitlement",
            "configuration",
            "store",
            "vault",
            "activity",
            "directory",
            "policy",
            "factor::password",
            "factor::totp",
            "factor::recovery",
            "signin",
            "setup"
        })
@NullMarked
package dev.countersign.cli;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
