/** Door: where administrators run two-factor authentication. */
@ApplicationModule(
        allowedDependencies = {"kernel", "store", "alert", "directory", "policy", "web", "factor::totp", "signin"})
@NullMarked
package dev.countersign.console;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
