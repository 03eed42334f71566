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
            "mail",
            "policy",
            "people",
            "administration",
            "factor::companion",
            "factor::password",
            "factor::totp",
            "factor::recovery",
            "factor::replacement",
            "signin",
            "moving",
            "keys",
            "diagnosis",
            "safekeeping",
            "health",
            "setup"
        })
@NullMarked
package dev.countersign.cli;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
