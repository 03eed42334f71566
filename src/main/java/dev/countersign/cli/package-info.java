/** Door: the command line. */
@ApplicationModule(
        allowedDependencies = {
            "kernel",
            "configuration",
            "store",
            "vault",
            "activity",
            "directory",
            "mail",
            "policy",
            "factor::password",
            "factor::totp",
            "factor::recovery",
            "factor::replacement",
            "signin",
            "setup"
        })
@NullMarked
package dev.countersign.cli;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
