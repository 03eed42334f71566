/** Moving in and out: people and groups from files of other products, and to files, one person a line, all or nothing. */
@ApplicationModule(
        allowedDependencies = {
            "kernel",
            "store",
            "vault",
            "activity",
            "directory",
            "factor::password",
            "factor::totp",
            "signin",
            "administration",
            "entitlement"
        })
@NullMarked
package dev.countersign.moving;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
