package dev.countersign.factor.password;

import de.mkammerer.argon2.Argon2Advanced;
import de.mkammerer.argon2.Argon2Factory;
import dev.countersign.vault.SecretBytes;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Argon2id version 1.3, RFC 9106: native where a build exists for this machine, else in Java. Thread-safe. */
interface Argon2id {
    int HASH_BYTES = 32;

    SecretBytes compute(byte[] password, byte[] salt, int hashBytes, PasswordHash.Cost cost);

    /** The fastest implementation that works here, proven by one small hash. */
    static Argon2id best() {
        Logger log = LoggerFactory.getLogger(Argon2id.class);
        try {
            Argon2id candidate =
                    new Native(Argon2Factory.createAdvanced(Argon2Factory.Argon2Types.ARGON2id, 16, HASH_BYTES));
            candidate.compute(new byte[] {1}, new byte[16], HASH_BYTES, new PasswordHash.Cost(8, 1, 1));
            return candidate;
        } catch (LinkageError e) {
            log.warn(
                    "no native Argon2 on this machine, hashing in Java instead (about 1.6 times slower): {}",
                    e.toString());
            return new Portable();
        }
    }

    /** The reference implementation in C. */
    record Native(Argon2Advanced argon2) implements Argon2id {
        @Override
        public SecretBytes compute(byte[] password, byte[] salt, int hashBytes, PasswordHash.Cost cost) {
            return SecretBytes.of(
                    argon2.pbkdf(cost.iterations(), cost.memoryKib(), cost.parallelism(), password, salt, hashBytes));
        }
    }

    /** Bouncy Castle. */
    record Portable() implements Argon2id {
        @Override
        public SecretBytes compute(byte[] password, byte[] salt, int hashBytes, PasswordHash.Cost cost) {
            Argon2BytesGenerator generator = new Argon2BytesGenerator();
            generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                    .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                    .withIterations(cost.iterations())
                    .withMemoryAsKB(cost.memoryKib())
                    .withParallelism(cost.parallelism())
                    .withSalt(salt)
                    .build());
            byte[] hash = new byte[hashBytes];
            generator.generateBytes(password, hash);
            return SecretBytes.of(hash);
        }
    }
}
