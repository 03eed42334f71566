/** The recovery code: used once in place of the app. */
@NullMarked
package dev.countersign.factor.recovery;

import org.jspecify.annotations.NullMarked;
