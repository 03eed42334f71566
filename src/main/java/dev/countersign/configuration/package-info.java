/** The settings of the server: one file, or variables, each value typed and bounded. */
@ApplicationModule(allowedDependencies = {"kernel", "vault"})
@NullMarked
package dev.countersign.configuration;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
