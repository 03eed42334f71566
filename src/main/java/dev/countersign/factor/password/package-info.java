/** The password: the first factor. */
@NullMarked
package dev.countersign.factor.password;

import org.jspecify.annotations.NullMarked;
