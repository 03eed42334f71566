package dev.countersign.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list.
 *
 * @param next the cursor of what follows; absent at the end
 */
record Page<T>(List<T> items, @Nullable String next) {}
