package dev.countersign.vault;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.interfaces.ECPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Message encryption for Web Push, RFC 8291: one record of the content encoding aes128gcm, RFC 8188. */
public final class WebPushCipher {
    /** What a browser makes for a subscription beside its key, RFC 8291 section 3.2. */
    public static final int AUTH_BYTES = 16;

    /** Longest message, RFC 8291 section 4 with a body of at most 4096 bytes: header 86, delimiter 1, tag 16. */
    public static final int LONGEST_MESSAGE = 3993;

    private static final int RECORD_SIZE = 4096;
    private static final int SALT_BYTES = 16;
    private static final int KEY_BYTES = 16;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final byte LAST_RECORD = 2;

    private WebPushCipher() {}

    /**
     * The body to post.
     *
     * @param receiver the key of the subscription
     * @param auth the shared secret of the subscription
     * @param paddedTo the message is filled up to this length, so that its own length tells nothing
     */
    public static byte[] encrypt(
            ECPublicKey receiver, SecretBytes auth, byte[] message, int paddedTo, Randomness randomness) {
        byte[] salt = randomness.bytes(SALT_BYTES).reveal();
        return encrypt(receiver, auth, message, paddedTo, P256.newPair(), salt);
    }

    /** As above, with a key pair and a salt that must never be used for a second message. */
    static byte[] encrypt(
            ECPublicKey receiver, SecretBytes auth, byte[] message, int paddedTo, KeyPair sender, byte[] salt) {
        if (message.length > paddedTo || paddedTo > LONGEST_MESSAGE) {
            throw new IllegalArgumentException("a message has at most " + LONGEST_MESSAGE + " bytes");
        }
        byte[] senderPoint = P256.encode((ECPublicKey) sender.getPublic());
        try {
            byte[] inputKey = inputKey(receiver, auth, sender, senderPoint);
            byte[] key = expand(inputKey, salt, info("Content-Encoding: aes128gcm"), KEY_BYTES);
            byte[] nonce = expand(inputKey, salt, info("Content-Encoding: nonce"), NONCE_BYTES);
            return joined(header(salt, senderPoint), seal(key, nonce, record(message, paddedTo)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has ECDH, HKDF and AES-GCM", e);
        }
    }

    /** Section 3.4: the secret both sides compute, bound to both keys. */
    private static byte[] inputKey(ECPublicKey receiver, SecretBytes auth, KeyPair sender, byte[] senderPoint)
            throws GeneralSecurityException {
        KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
        agreement.init(sender.getPrivate());
        agreement.doPhase(receiver, true);
        byte[] bound = joined(info("WebPush: info"), P256.encode(receiver), senderPoint);
        return expand(agreement.generateSecret(), auth.reveal(), bound, 32);
    }

    /** HKDF with SHA-256, RFC 5869. */
    private static byte[] expand(byte[] inputKey, byte[] salt, byte[] info, int length)
            throws GeneralSecurityException {
        AlgorithmParameterSpec both =
                HKDFParameterSpec.ofExtract().addIKM(inputKey).addSalt(salt).thenExpand(info, length);
        return KDF.getInstance("HKDF-SHA256").deriveData(both);
    }

    private static byte[] seal(byte[] key, byte[] nonce, byte[] record) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        return cipher.doFinal(record);
    }

    /** RFC 8188 section 2: the message, the delimiter of the last record, zeros. */
    private static byte[] record(byte[] message, int paddedTo) {
        byte[] record = new byte[paddedTo + 1];
        System.arraycopy(message, 0, record, 0, message.length);
        record[message.length] = LAST_RECORD;
        return record;
    }

    /** RFC 8188 section 2.1: salt, record size, and the sender's key as the name of the key. */
    private static byte[] header(byte[] salt, byte[] senderPoint) {
        return ByteBuffer.allocate(SALT_BYTES + Integer.BYTES + 1 + P256.POINT_BYTES)
                .put(salt)
                .putInt(RECORD_SIZE)
                .put((byte) P256.POINT_BYTES)
                .put(senderPoint)
                .array();
    }

    private static byte[] info(String text) {
        return (text + '\0').getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
