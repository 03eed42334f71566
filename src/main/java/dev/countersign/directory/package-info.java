/** Environments, accounts, groups and roles: who someone is, not how they prove it. */
@ApplicationModule(allowedDependencies = {"kernel", "configuration", "store", "vault", "activity"})
@NullMarked
package dev.countersign.directory;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
