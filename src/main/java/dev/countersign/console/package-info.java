/** Door: where administrators run two-factor authentication. */
@ApplicationModule(
        allowedDependencies = {"kernel", "store", "directory", "policy", "people", "administration", "web", "signin"})
@NullMarked
package dev.countersign.console;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
