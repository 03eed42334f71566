/** Environments, accounts, groups and roles: who someone is, not how they prove it. */
@NullMarked
package dev.countersign.directory;

import org.jspecify.annotations.NullMarked;
