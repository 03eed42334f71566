/** One budget of guesses per account over all doors, and limits per address. */
@NullMarked
package dev.countersign.throttle;

import org.jspecify.annotations.NullMarked;
