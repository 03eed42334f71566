/** Door: My account, where people see and change what is theirs. */
@NullMarked
package dev.countersign.account;

import org.jspecify.annotations.NullMarked;
