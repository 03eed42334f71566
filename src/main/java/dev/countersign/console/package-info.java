/** Door: where administrators run two-factor authentication. */
@NullMarked
package dev.countersign.console;

import org.jspecify.annotations.NullMarked;
