/** Whether this server lives, and whether it may be sent people: what load balancers and administrators ask. */
@ApplicationModule(
        allowedDependencies = {"kernel", "configuration", "store", "vault", "activity", "directory", "signal", "node"})
@NullMarked
package dev.countersign.health;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
