/** Door: My account, where people see and change what is theirs. */
@ApplicationModule(
        allowedDependencies = {
            "kernel",
            "activity",
            "directory",
            "session",
            "policy",
            "mail",
            "web",
            "factor",
            "factor::totp",
            "factor::companion",
            "signin"
        })
@NullMarked
package dev.countersign.account;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
