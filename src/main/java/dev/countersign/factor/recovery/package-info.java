/** The recovery code: used once in place of the app. */
@NamedInterface("recovery")
@NullMarked
package dev.countersign.factor.recovery;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
