/** Countersign: the second signature on every sign-in. */
@NullMarked
package dev.countersign;

import org.jspecify.annotations.NullMarked;
