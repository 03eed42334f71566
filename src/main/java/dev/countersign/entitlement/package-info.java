/** What an operator has agreed for an environment: features, seats and an end. Nothing agreed means everything. */
@ApplicationModule(allowedDependencies = {"kernel", "configuration", "store", "vault", "activity", "directory"})
@NullMarked
package dev.countersign.entitlement;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
