/** Carries the checkpoints of the log to where whoever changes the database cannot change them: a file, syslog, a webhook. */
@ApplicationModule(allowedDependencies = {"kernel", "configuration", "store", "vault", "activity", "push"})
@NullMarked
package dev.countersign.witness;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
