/** First run and example data. */
@ApplicationModule(
        allowedDependencies = {
            "kernel",
            "store",
            "vault",
            "activity",
            "throttle",
            "directory",
            "session",
            "policy",
            "web",
            "factor::password",
            "factor::recovery",
            "signin"
        })
@NullMarked
package dev.countersign.setup;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
