/** The password: the first factor. */
@NamedInterface("password")
@NullMarked
package dev.countersign.factor.password;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
