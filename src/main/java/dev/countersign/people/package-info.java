/** One list of people with their two-factor status: search, filters, order, counts. Reads what other modules keep. */
@ApplicationModule(allowedDependencies = {"kernel", "store", "throttle", "directory", "policy"})
@NullMarked
package dev.countersign.people;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
