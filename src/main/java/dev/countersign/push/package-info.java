/** Web Push (RFC 8030, 8291, 8292): wakes a browser through the push service of its maker. Knows nothing of phones or sign-ins. */
@ApplicationModule(allowedDependencies = {"kernel", "configuration", "store", "vault"})
@NullMarked
package dev.countersign.push;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
