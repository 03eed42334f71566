/** First run and example data. */
@NullMarked
package dev.countersign.setup;

import org.jspecify.annotations.NullMarked;
