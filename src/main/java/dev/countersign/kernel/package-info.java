/** The words of the product: plain records and enums. No framework, no SQL, no input or output. */
@NullMarked
package dev.countersign.kernel;

import org.jspecify.annotations.NullMarked;
