/** The code that is read out to someone whose phone is replaced: it lets them register a new one, once. */
@NamedInterface("replacement")
@NullMarked
package dev.countersign.factor.replacement;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
