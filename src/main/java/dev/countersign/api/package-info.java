/** Door: REST under /api/v1. */
@NullMarked
package dev.countersign.api;

import org.jspecify.annotations.NullMarked;
