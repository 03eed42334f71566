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
            "figures",
            "web",
            "factor::password",
            "signin"
        })
@NullMarked
package dev.countersign.setup;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
