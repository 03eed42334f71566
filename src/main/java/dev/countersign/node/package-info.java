/** The servers that run on this database: each says every few seconds that it does, with its settings and its keys. */
@ApplicationModule(allowedDependencies = {"kernel", "configuration", "store", "vault"})
@NullMarked
package dev.countersign.node;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
