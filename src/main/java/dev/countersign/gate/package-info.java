/** Door: the gate, at which reverse proxies ask whether a request may pass. */
@ApplicationModule(allowedDependencies = {"kernel", "vault", "directory", "session", "signal", "mail", "store", "web"})
@NullMarked
package dev.countersign.gate;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
