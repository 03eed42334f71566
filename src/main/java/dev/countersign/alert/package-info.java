/** What every administrator is to see once: raised where it happens, shown in the console until each has acknowledged it. */
@ApplicationModule(allowedDependencies = {"kernel", "store", "vault", "activity", "directory"})
@NullMarked
package dev.countersign.alert;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
