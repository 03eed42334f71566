/** Approval on a paired phone: the phones, how they are paired, what they are asked and what they answered. */
@NamedInterface("companion")
@NullMarked
package dev.countersign.factor.companion;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
