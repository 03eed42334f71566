package dev.countersign.factor.password;

/**
 * What hashing a new password takes, RFC 9106 section 3.1. A stored hash that took less is replaced at the next sign-in.
 *
 * @param memoryKib memory in KiB
 * @param iterations passes over the memory
 * @param parallelism lanes
 */
public record PasswordSettings(int memoryKib, int iterations, int parallelism) {
    /** OWASP's recommendation for Argon2id: 19 MiB, 2 passes, 1 lane. */
    public static final PasswordSettings DEFAULT = new PasswordSettings(19_456, 2, 1);

    /** Protects nothing: for the launcher's training, where no password is anybody's. */
    public static final PasswordSettings LEAST = new PasswordSettings(8, 1, 1);

    PasswordHash.Cost cost() {
        return new PasswordHash.Cost(memoryKib, iterations, parallelism);
    }
}
