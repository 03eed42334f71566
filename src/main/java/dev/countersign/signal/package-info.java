/** Tells every node what its caches have to forget, within two seconds of the change. */
@ApplicationModule(allowedDependencies = {"kernel", "store", "activity"})
@NullMarked
package dev.countersign.signal;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
