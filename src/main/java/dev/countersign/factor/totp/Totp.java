package dev.countersign.factor.totp;

import dev.countersign.vault.Hmac;
import dev.countersign.vault.SecretBytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * The arithmetic of time-based codes, RFC 6238 over RFC 4226. Pure and thread-safe.
 *
 * @param digits 6 to 8
 * @param period how long one code is shown
 */
public record Totp(Hmac algorithm, int digits, Duration period) {
    /** What every authenticator app understands: SHA-1, six digits, 30 seconds. */
    public static final Totp DEFAULT = new Totp(Hmac.SHA1, 6, Duration.ofSeconds(30));

    private static final int[] POWERS = {1_000_000, 10_000_000, 100_000_000};

    public Totp {
        if (digits < 6 || digits > 8) {
            throw new IllegalArgumentException("a code has 6 to 8 digits, not " + digits);
        }
        if (period.toSeconds() < 15 || period.toSeconds() > 300) {
            throw new IllegalArgumentException("a code is shown for 15 to 300 seconds, not " + period.toSeconds());
        }
    }

    /** The number of the period {@code now} lies in, counted from 1970 (RFC 6238 section 4.2). */
    public long step(Instant now) {
        return Math.floorDiv(now.getEpochSecond(), period.toSeconds());
    }

    /** The code of a step: dynamic truncation of RFC 4226 section 5.3. */
    public String code(SecretBytes secret, long step) {
        byte[] hash = algorithm.compute(
                secret, ByteBuffer.allocate(Long.BYTES).putLong(step).array());
        int offset = hash[hash.length - 1] & 0xf;
        int truncated = ByteBuffer.wrap(hash).getInt(offset) & 0x7fffffff;
        return String.format(Locale.ROOT, "%0" + digits + "d", truncated % POWERS[digits - 6]);
    }

    /**
     * The step whose code was typed, of those at most {@code radius} away from {@code centre}. All are compared, in time
     * that does not depend on which one matches; the latest wins.
     */
    public OptionalLong match(SecretBytes secret, String typed, long centre, int radius) {
        byte[] presented = typed.getBytes(StandardCharsets.US_ASCII);
        OptionalLong matched = OptionalLong.empty();
        for (long step = centre - radius; step <= centre + radius; step++) {
            if (MessageDigest.isEqual(code(secret, step).getBytes(StandardCharsets.US_ASCII), presented)) {
                matched = OptionalLong.of(step);
            }
        }
        return matched;
    }
}
