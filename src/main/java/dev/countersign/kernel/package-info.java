/** The words of the product: plain records and enums. No framework, no SQL, no input or output. */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package dev.countersign.kernel;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
