/** Sessions: issue, find, end; and browsers an account has signed in from before. */
@ApplicationModule(allowedDependencies = {"kernel", "store", "vault", "activity"})
@NullMarked
package dev.countersign.session;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
