/** What is logged in the words of the command line, said in the reader's language: on pages and in mails. */
@ApplicationModule(allowedDependencies = {"kernel", "directory"})
@NullMarked
package dev.countersign.phrases;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
