/** Mail: the server of each environment, the queue, the letters in four languages, and links that work once. */
@ApplicationModule(
        allowedDependencies = {"kernel", "configuration", "store", "vault", "activity", "directory", "phrases", "apikey"
        })
@NullMarked
package dev.countersign.mail;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
