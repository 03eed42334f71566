/** Codes from an authenticator app (RFC 6238). */
@NamedInterface("totp")
@NullMarked
package dev.countersign.factor.totp;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
