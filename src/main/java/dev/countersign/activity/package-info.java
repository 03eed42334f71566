/** The append-only activity log, written in the transaction of what it records. */
@NullMarked
package dev.countersign.activity;

import org.jspecify.annotations.NullMarked;
