/** Figures for whoever runs the server, in the words of Prometheus; made only when the management port is on. */
@ApplicationModule(
        allowedDependencies = {
            "kernel",
            "configuration",
            "store",
            "activity",
            "directory",
            "session",
            "factor::password",
            "factor::companion",
            "push",
            "mail",
            "health",
            "signal",
            "gate",
            "witness",
            "web"
        })
@NullMarked
package dev.countersign.metrics;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
