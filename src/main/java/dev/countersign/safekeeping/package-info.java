/** Copies of a whole installation: backup, restore, and the move to PostgreSQL. */
@ApplicationModule(allowedDependencies = {"kernel", "configuration", "store", "vault", "activity", "directory"})
@NullMarked
package dev.countersign.safekeeping;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
