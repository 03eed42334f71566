/** Everything cryptographic: sealing, keyed hashes, random tokens, constant-time comparison. Nobody else touches keys. */
@ApplicationModule(allowedDependencies = {"kernel"})
@NullMarked
package dev.countersign.vault;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
