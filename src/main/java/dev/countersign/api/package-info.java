/** Door: REST under /api/v1. */
@ApplicationModule(
        allowedDependencies = {
            "kernel",
            "vault",
            "activity",
            "people",
            "policy",
            "administration",
            "alert",
            "diagnosis",
            "figures",
            "mail",
            "moving",
            "directory",
            "session",
            "web",
            "factor",
            "factor::companion",
            "factor::password",
            "factor::recovery",
            "factor::replacement",
            "factor::totp",
            "signin",
            "apikey",
            "entitlement"
        })
@NullMarked
package dev.countersign.api;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
