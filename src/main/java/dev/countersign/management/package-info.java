/** The management port: metrics, and health with its reasons. */
@ApplicationModule(allowedDependencies = {"kernel", "configuration", "vault", "health", "metrics"})
@NullMarked
package dev.countersign.management;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
