/** The sign-in: sealed states, one pure transition function, and the service that loads, asks and saves. */
@NullMarked
package dev.countersign.signin;

import org.jspecify.annotations.NullMarked;
