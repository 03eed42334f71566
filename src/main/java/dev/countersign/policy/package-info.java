/** What is asked of whom: a pure decision that explains itself in one sentence. */
@NullMarked
package dev.countersign.policy;

import org.jspecify.annotations.NullMarked;
