package dev.countersign.factor.password;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.SHA1Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.bouncycastle.crypto.generators.PKCS5S2ParametersGenerator;
import org.bouncycastle.crypto.generators.SCrypt;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.bouncycastle.crypto.params.KeyParameter;

/**
 * A password hash that another product made. It is checked, never made: the next right password replaces it. Each kind is
 * bounded when it is made, so that no file can order gigabytes or minutes of work.
 */
sealed interface ForeignHash {
    /** MiB of Java's own memory that a check takes. */
    int mebibytes();

    /** Whether this is the hash of {@code password}; takes time that does not depend on the answer. */
    boolean matches(byte[] password);

    /** The one spelling in which it is stored. */
    String phc();

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Throws unless the amount of work can be asked for. */
    private static void require(boolean bounded) {
        if (!bounded) {
            throw new TooMuchWork();
        }
    }

    /** A hash that would take too much memory or time for each check. */
    final class TooMuchWork extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        TooMuchWork() {
            super("the hash takes too much work");
        }
    }

    /** Argon2i, and Argon2id of the former version 1.0; {@link PasswordHash} is the current one. */
    record Argon2(boolean id, int version, PasswordHash.Cost cost, byte[] salt, byte[] hash) implements ForeignHash {
        private static final int MOST_MEMORY_KIB = 128 * 1024;

        public Argon2 {
            require(cost.memoryKib() <= MOST_MEMORY_KIB);
        }

        @Override
        public int mebibytes() {
            return cost.memoryKib() / 1024 + 1;
        }

        @Override
        public boolean matches(byte[] password) {
            Argon2BytesGenerator generator = new Argon2BytesGenerator();
            generator.init(new Argon2Parameters.Builder(id ? Argon2Parameters.ARGON2_id : Argon2Parameters.ARGON2_i)
                    .withVersion(version)
                    .withIterations(cost.iterations())
                    .withMemoryAsKB(cost.memoryKib())
                    .withParallelism(cost.parallelism())
                    .withSalt(salt)
                    .build());
            byte[] actual = new byte[hash.length];
            generator.generateBytes(password, actual);
            return MessageDigest.isEqual(hash, actual);
        }

        @Override
        public String phc() {
            return "$argon2" + (id ? "id" : "i") + "$v=" + version + "$m=" + cost.memoryKib() + ",t="
                    + cost.iterations() + ",p=" + cost.parallelism() + "$" + base64(salt) + "$" + base64(hash);
        }

        @Override
        public String toString() {
            return "Argon2(hidden)";
        }
    }

    /** bcrypt; of a password it sees the first 72 bytes. */
    record Bcrypt(String phc, int cost) implements ForeignHash {
        /** About three seconds of one processor. */
        private static final int MOST_COST = 15;

        public Bcrypt {
            require(cost <= MOST_COST);
        }

        @Override
        public int mebibytes() {
            return 1;
        }

        @Override
        public boolean matches(byte[] password) {
            return OpenBSDBCrypt.checkPassword(phc, password);
        }

        @Override
        public String toString() {
            return "Bcrypt(hidden)";
        }
    }

    /** scrypt, RFC 7914; N is 2 to the power of {@code logN}. */
    record Scrypt(int logN, int r, int p, byte[] salt, byte[] hash) implements ForeignHash {
        private static final long MOST_MEMORY = 128L << 20;
        private static final long MOST_WORK = 512L << 20;

        public Scrypt {
            require(logN <= 20 && r <= 32 && p <= 16);
            long memory = 128L * r << logN;
            require(memory <= MOST_MEMORY && memory * p <= MOST_WORK);
        }

        @Override
        public int mebibytes() {
            return Math.toIntExact((128L * r << logN) >> 20) + 1;
        }

        @Override
        public boolean matches(byte[] password) {
            return MessageDigest.isEqual(hash, SCrypt.generate(password, salt, 1 << logN, r, p, hash.length));
        }

        @Override
        public String phc() {
            return "$scrypt$ln=" + logN + ",r=" + r + ",p=" + p + "$" + base64(salt) + "$" + base64(hash);
        }

        @Override
        public String toString() {
            return "Scrypt(hidden)";
        }
    }

    /** PBKDF2, RFC 8018 section 5.2. */
    record Pbkdf2(Prf prf, int iterations, byte[] salt, byte[] hash) implements ForeignHash {
        private static final long MOST_ROUNDS = 4_000_000;

        /** The pseudo-random function: HMAC of one of these. */
        enum Prf {
            SHA1(20),
            SHA256(32),
            SHA512(64);

            private final int bytes;

            Prf(int bytes) {
                this.bytes = bytes;
            }

            private Digest digest() {
                return switch (this) {
                    case SHA1 -> new SHA1Digest();
                    case SHA256 -> new SHA256Digest();
                    case SHA512 -> new SHA512Digest();
                };
            }
        }

        public Pbkdf2 {
            long blocks = Math.ceilDiv(hash.length, prf.bytes);
            require(iterations * blocks <= MOST_ROUNDS);
        }

        @Override
        public int mebibytes() {
            return 1;
        }

        @Override
        public boolean matches(byte[] password) {
            PKCS5S2ParametersGenerator generator = new PKCS5S2ParametersGenerator(prf.digest());
            generator.init(password, salt, iterations);
            KeyParameter actual = (KeyParameter) generator.generateDerivedMacParameters(hash.length * 8);
            return MessageDigest.isEqual(hash, actual.getKey());
        }

        @Override
        public String phc() {
            return "$pbkdf2-" + prf.name().toLowerCase(java.util.Locale.ROOT) + "$i=" + iterations + "$" + base64(salt)
                    + "$" + base64(hash);
        }

        @Override
        public String toString() {
            return "Pbkdf2(hidden)";
        }
    }

    /** A salt that is written as plain text. */
    static byte[] text(String salt) {
        return salt.getBytes(StandardCharsets.UTF_8);
    }
}
