/** What local database files know of an address: who runs its network, and where it is. */
@ApplicationModule(allowedDependencies = {"configuration"})
@NullMarked
package dev.countersign.whereabouts;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
