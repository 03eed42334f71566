/** Ways to prove who one is. A factor checks answers and returns outcomes; it knows nothing of HTTP. */
@ApplicationModule(allowedDependencies = {"kernel", "store", "vault", "activity", "directory", "push"})
@NullMarked
package dev.countersign.factor;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
