/** Every sealed value there is: counted by key, sealed anew, looked through; and who is told when one does not open. */
@ApplicationModule(allowedDependencies = {"kernel", "store", "vault", "configuration", "activity", "directory", "node"})
@NullMarked
package dev.countersign.keys;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
