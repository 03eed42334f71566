package dev.countersign.factor.password;

import dev.countersign.vault.SecretBytes;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A password hash as a PHC string: {@code $argon2id$v=19$m=19456,t=2,p=1$salt$hash}.
 *
 * @param salt 16 bytes for hashes made here
 * @param hash 32 bytes for hashes made here
 */
record PasswordHash(Cost cost, byte[] salt, SecretBytes hash) {
    private static final Pattern PHC = Pattern.compile(
            "\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=(\\d{1,2})\\$([A-Za-z0-9+/]{11,86})\\$([A-Za-z0-9+/]{16,86})");

    /**
     * The work a hash takes, RFC 9106 section 3.1.
     *
     * @param memoryKib memory in KiB
     */
    record Cost(int memoryKib, int iterations, int parallelism) {
        private static final int MOST_MEMORY_KIB = 1 << 20;

        /** OWASP's recommendation for Argon2id: 19 MiB, 2 passes, 1 lane. */
        static final Cost DEFAULT = new Cost(19_456, 2, 1);

        Cost {
            if (memoryKib < 8 * parallelism || memoryKib > MOST_MEMORY_KIB || iterations < 1 || parallelism < 1) {
                throw new IllegalArgumentException(
                        "a hash costs between 8 KiB per lane and 1 GiB, and at least one pass");
            }
        }
    }

    /** The hash in a PHC string, if it is one of Argon2id version 1.3 with bounded cost. */
    static Optional<PasswordHash> parse(String phc) {
        Matcher parts = PHC.matcher(phc);
        if (!parts.matches()) {
            return Optional.empty();
        }
        try {
            Cost cost = new Cost(
                    Integer.parseInt(parts.group(1)),
                    Integer.parseInt(parts.group(2)),
                    Integer.parseInt(parts.group(3)));
            Base64.Decoder base64 = Base64.getDecoder();
            return Optional.of(new PasswordHash(
                    cost, base64.decode(parts.group(4)), SecretBytes.of(base64.decode(parts.group(5)))));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    String phc() {
        Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
        return "$argon2id$v=19$m=" + cost.memoryKib() + ",t=" + cost.iterations() + ",p=" + cost.parallelism() + "$"
                + base64.encodeToString(salt) + "$" + base64.encodeToString(hash.reveal());
    }

    @Override
    public String toString() {
        return "PasswordHash(" + cost + ")";
    }
}
