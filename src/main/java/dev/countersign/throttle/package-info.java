/** One budget of guesses per account over all doors, and limits per address. */
@ApplicationModule(allowedDependencies = {"kernel", "store"})
@NullMarked
package dev.countersign.throttle;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
