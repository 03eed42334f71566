/** Everything cryptographic: sealing, keyed hashes, random tokens, constant-time comparison. Nobody else touches keys. */
@NullMarked
package dev.countersign.vault;

import org.jspecify.annotations.NullMarked;
