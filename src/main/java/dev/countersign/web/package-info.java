/** What all HTTP doors share: client address, headers, cookies, guards, error pages. */
@ApplicationModule(
        allowedDependencies = {
            "kernel",
            "configuration",
            "health",
            "store",
            "vault",
            "activity",
            "alert",
            "directory",
            "phrases",
            "session",
            "apikey",
            "throttle"
        })
@NullMarked
package dev.countersign.web;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
