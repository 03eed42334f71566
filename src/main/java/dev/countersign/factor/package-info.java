/** Ways to prove who one is. A factor checks answers and returns outcomes; it knows nothing of HTTP. */
@NullMarked
package dev.countersign.factor;

import org.jspecify.annotations.NullMarked;
