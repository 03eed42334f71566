/** What is asked of whom: a pure decision that explains itself in one sentence. */
@ApplicationModule(allowedDependencies = {"kernel", "store", "vault", "activity", "directory", "signal"})
@NullMarked
package dev.countersign.policy;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
