package dev.countersign.vault;

import com.google.crypto.tink.subtle.AesGcmHkdfStreaming;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Encrypts a long file under a passphrase: AES-256-GCM in segments of 1 MiB (Tink's streaming form), none of which can be
 * changed, removed, moved or added without being noticed, the last one included. The key comes from the passphrase by Argon2id.
 */
public final class BackupCipher {
    /** Fewer characters can be guessed by whoever has the file. */
    public static final int SHORTEST_PASSPHRASE = 12;

    private static final int KEY_BYTES = 32;
    private static final int SEGMENT_BYTES = 1 << 20;
    private static final int MOST_MEMORY_KIB = 1 << 20;
    private static final int MOST_ITERATIONS = 32;

    private final byte[] streamKey;
    private final byte[] checkKey;

    private BackupCipher(byte[] keys) {
        this.streamKey = Arrays.copyOfRange(keys, 0, KEY_BYTES);
        this.checkKey = Arrays.copyOfRange(keys, KEY_BYTES, 2 * KEY_BYTES);
    }

    /** What making the key costs. */
    public record Cost(int memoryKib, int iterations) {
        /** 64 MiB, four times: about half a second for each guess. */
        public static final Cost DEFAULT = new Cost(65_536, 4);

        /** @throws IllegalArgumentException beyond what anybody would choose: it comes from the file */
        public Cost {
            if (memoryKib < 8_192 || memoryKib > MOST_MEMORY_KIB || iterations < 1 || iterations > MOST_ITERATIONS) {
                throw new IllegalArgumentException("a key that costs " + memoryKib + " KiB, " + iterations + " times");
            }
        }
    }

    /** Makes the key, which takes as long as it is meant to. */
    public static BackupCipher of(SecretText passphrase, byte[] salt, Cost cost) {
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withIterations(cost.iterations())
                .withMemoryAsKB(cost.memoryKib())
                .withParallelism(1)
                .withSalt(salt)
                .build());
        byte[] keys = new byte[2 * KEY_BYTES];
        generator.generateBytes(passphrase.reveal().getBytes(StandardCharsets.UTF_8), keys);
        return new BackupCipher(keys);
    }

    /** 32 bytes by which this passphrase, and nobody without it, recognises {@code message}. */
    public byte[] check(byte[] message) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(checkKey, "HmacSHA256"));
            return mac.doFinal(message);
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every Java has HMAC-SHA-256", e);
        }
    }

    /** Whether {@link #check} answered this. */
    public boolean isCheck(byte[] message, byte[] check) {
        return MessageDigest.isEqual(check(message), check);
    }

    /** Encrypts what is written; closing it writes the end. */
    public OutputStream encrypting(OutputStream to, byte[] about) throws IOException {
        try {
            return streaming().newEncryptingStream(to, about);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("encrypting failed", e);
        }
    }

    /** Decrypts; reading fails where something is not as it was written. */
    public InputStream decrypting(InputStream from, byte[] about) throws IOException {
        try {
            return streaming().newDecryptingStream(from, about);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("decrypting failed", e);
        }
    }

    private AesGcmHkdfStreaming streaming() throws GeneralSecurityException {
        return new AesGcmHkdfStreaming(streamKey, "HmacSha256", KEY_BYTES, SEGMENT_BYTES, 0);
    }
}
