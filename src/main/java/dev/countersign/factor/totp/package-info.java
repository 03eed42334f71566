/** Codes from an authenticator app (RFC 6238). */
@NullMarked
package dev.countersign.factor.totp;

import org.jspecify.annotations.NullMarked;
