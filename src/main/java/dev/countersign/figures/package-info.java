/** Numbers over time: sign-ins, refusals and adoption, day by day. */
@ApplicationModule(allowedDependencies = {"kernel", "store", "directory"})
@NullMarked
package dev.countersign.figures;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
