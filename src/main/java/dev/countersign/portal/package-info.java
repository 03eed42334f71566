/** Door: the pages people sign in through. */
@NullMarked
package dev.countersign.portal;

import org.jspecify.annotations.NullMarked;
