/** Keys for programs: scopes that never reach beyond what their owner may do now. */
@ApplicationModule(allowedDependencies = {"kernel", "store", "vault", "activity", "directory", "entitlement", "signal"})
@NullMarked
package dev.countersign.apikey;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
