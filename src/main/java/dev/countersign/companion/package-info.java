/** Door: the companion, the web app that approves sign-ins on a phone. */
@ApplicationModule(allowedDependencies = {"kernel", "directory", "web"})
@NullMarked
package dev.countersign.companion;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
