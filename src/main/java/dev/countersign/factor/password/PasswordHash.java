package dev.countersign.factor.password;

import dev.countersign.vault.SecretBytes;
import java.util.Base64;
import java.util.Optional;

/**
 * A password hash as a PHC string: {@code $argon2id$v=19$m=19456,t=2,p=1$salt$hash}.
 *
 * @param salt 16 bytes for hashes made here
 * @param hash 32 bytes for hashes made here
 */
record PasswordHash(Cost cost, byte[] salt, SecretBytes hash) {
    /**
     * The work a hash takes, RFC 9106 section 3.1.
     *
     * @param memoryKib memory in KiB
     */
    record Cost(int memoryKib, int iterations, int parallelism) {
        private static final int MOST_MEMORY_KIB = 256 * 1024;
        /** Memory times passes: about two seconds of one processor. */
        private static final long MOST_WORK_KIB = 2L << 20;

        private static final int MOST_LANES = 16;

        Cost {
            if (memoryKib < 8 * parallelism || iterations < 1 || parallelism < 1) {
                throw new IllegalArgumentException("a hash costs at least 8 KiB per lane, and at least one pass");
            }
            boolean bounded = memoryKib <= MOST_MEMORY_KIB
                    && parallelism <= MOST_LANES
                    && (long) memoryKib * iterations <= MOST_WORK_KIB;
            if (!bounded) {
                throw new ForeignHash.TooMuchWork();
            }
        }
    }

    /** The hash in a PHC string, if it is one of Argon2id version 1.3 with bounded cost. */
    static Optional<PasswordHash> parse(String phc) {
        return HashReader.read(phc) instanceof HashReader.Reading.Own(PasswordHash hash)
                ? Optional.of(hash)
                : Optional.empty();
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
