/** The append-only activity log, written in the transaction of what it records. */
@ApplicationModule(allowedDependencies = {"configuration", "kernel", "store", "vault"})
@NullMarked
package dev.countersign.activity;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
