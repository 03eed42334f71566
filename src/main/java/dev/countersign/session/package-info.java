/** Sessions: issue, find, end; and browsers an account has signed in from before. */
@NullMarked
package dev.countersign.session;

import org.jspecify.annotations.NullMarked;
