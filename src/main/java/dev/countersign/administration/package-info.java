/** What administrators do, the same from every door: permission, rights of the other person, and a guard against lock-out. */
@ApplicationModule(
        allowedDependencies = {
            "kernel",
            "store",
            "vault",
            "activity",
            "directory",
            "policy",
            "people",
            "entitlement",
            "mail",
            "factor::password",
            "factor::replacement",
            "signin"
        })
@NullMarked
package dev.countersign.administration;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
